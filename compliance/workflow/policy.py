"""What an approval takes: the numbers, where each comes from, and how many people a preview wants.

A line of the policy holds at a place (one subscription, all production ones, all others), for one kind of
request or for every one. Of the lines that hold, the most specific one that says something about a number
counts; where none does, the defaults below. Over several subscriptions the strictest of each number counts.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .kinds import TRAITS, Action, traits_of
from .models import PolicyLine
from .states import Kind, Outcome, TargetKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from compliance.subscriptions.models import Subscription

    from .models import Preview, Request

#: A place that stands for all production subscriptions, and one for all others.
PRODUCTION, ELSEWHERE = "production", "elsewhere"
#: In the place of a kind: every one.
EVERY_KIND = ""
#: Targets that reset a guide for everybody: what was seen and answered in it is gone.
WIPES = {"kind": TargetKind.GUIDE, "everybody": True}
#: The kinds of request that name guides, and no accounts.
KINDS_OF_GUIDES = frozenset(kind for kind, traits in TRAITS.items() if traits.action is Action.RESET)
type_of_number = int | bool | None


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What a line of the policy can say, or None where it says nothing."""

    two_people_over: int | None = None
    two_people_for_accounts: bool | None = None
    two_people_for_wipes: bool | None = None
    grace_minutes: int | None = None
    canary_over: int | None = None
    canary_size: int | None = None

    @classmethod
    def of(cls, line: PolicyLine | None) -> Numbers:
        """What this line says; nothing, where there is none."""
        return cls(**{name: getattr(line, name) for name in NAMES}) if line else cls()


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What an approval takes, everything decided."""

    #: More targets than this want two people; None: never for their number.
    two_people_over: int | None
    #: Whether any account among the targets wants two people.
    two_people_for_accounts: bool
    #: Whether resetting a guide for everybody wants two people.
    two_people_for_wipes: bool
    #: How long anyone may still cancel after the approval.
    grace_minutes: int
    #: More targets than this begin with a call of a few; None: never.
    canary_over: int | None
    canary_size: int
    #: An officer of less standing doesn't approve alone. No line changes this.
    seasoned_after: dt.timedelta

    @property
    def grace(self) -> dt.timedelta:
        """How long anyone may still cancel after the approval."""
        return dt.timedelta(minutes=self.grace_minutes)


NAMES = tuple(asdict(Numbers()))
DEFAULTS = {
    PRODUCTION: Policy(
        two_people_over=100,
        two_people_for_accounts=True,
        two_people_for_wipes=True,
        grace_minutes=30,
        canary_over=1000,
        canary_size=10,
        seasoned_after=dt.timedelta(hours=24),
    ),
    ELSEWHERE: Policy(
        two_people_over=None,
        two_people_for_accounts=False,
        two_people_for_wipes=True,
        grace_minutes=0,
        canary_over=None,
        canary_size=10,
        seasoned_after=dt.timedelta(0),
    ),
}


class Place(NamedTuple):
    """Where a line holds: one subscription, or all of a sort."""

    code: str
    label: str
    #: `PRODUCTION` or `ELSEWHERE`: the place that is asked where this one says nothing.
    sort: str

    @property
    def is_general(self) -> bool:
        """Whether it stands for all subscriptions of its sort."""
        return self.code == self.sort


class Number(NamedTuple):
    """A number in force, and the line that says it; None: the default, or what can't be changed."""

    value: type_of_number
    line: PolicyLine | None


GENERAL_PLACES = (
    Place(PRODUCTION, "all production subscriptions", PRODUCTION),
    Place(ELSEWHERE, "all other subscriptions", ELSEWHERE),
)
type_of_lines = dict[tuple[str, str], PolicyLine]


def place_of(subscription: Subscription) -> Place:
    """A subscription as a place of the policy."""
    sort = PRODUCTION if subscription.production else ELSEWHERE
    return Place(subscription.reference, subscription.name, sort)


def lines_in_force() -> type_of_lines:
    """The lines that hold, by place and kind."""
    return {(line.place, line.kind): line for line in PolicyLine.objects.in_force()}


def number_at(name: str, *, place: Place, kind: str, lines: type_of_lines) -> Number:
    """The number of this name in force at the place for the kind, and where it comes from."""
    # Wiping a guide for everybody in production wants two people whatever a line says.
    if name == "two_people_for_wipes" and place.sort == PRODUCTION:
        return Number(value=True, line=None)
    for key in dict.fromkeys((code, of) for code in (place.code, place.sort) for of in (kind, EVERY_KIND)):
        line = lines.get(key)
        if line is not None and getattr(line, name) is not None:
            return Number(getattr(line, name), line)
    return Number(getattr(DEFAULTS[place.sort], name), None)


def policy_at(*, place: Place, kind: str, lines: type_of_lines) -> Policy:
    """What an approval takes at one place for one kind of request."""
    numbers = {name: number_at(name, place=place, kind=kind, lines=lines).value for name in NAMES}
    return _policy(numbers, DEFAULTS[place.sort].seasoned_after)


def policy_over(*, subscriptions: Iterable[Subscription], kind: str) -> Policy:
    """What an approval takes for a kind of request over these subscriptions: the strictest of each number."""
    lines = lines_in_force()
    policies = [policy_at(place=place_of(each), kind=kind, lines=lines) for each in subscriptions]
    return _strictest(policies or [DEFAULTS[PRODUCTION]])


def policy_of(request: Request) -> Policy:
    """What an approval of this request takes, as of now."""
    return policy_over(subscriptions=request.subscriptions.all(), kind=request.kind)


def reaches_production(request: Request) -> bool:
    """Whether one of the request's subscriptions is a production one."""
    return request.subscriptions.filter(production=True).exists()


def approvals_wanted(preview: Preview) -> int:
    """How many people have to approve this preview, as of now."""
    if traits_of(preview.request.kind).one_approval:
        return 1
    policy, pending = policy_of(preview.request), preview.request.targets.filter(outcome=Outcome.PENDING)
    many = policy.two_people_over is not None and preview.found > policy.two_people_over
    account = policy.two_people_for_accounts and pending.filter(kind="account").exists()
    wipe = policy.two_people_for_wipes and pending.filter(**WIPES).exists()
    return 2 if many or account or wipe else 1


def grace(request: Request) -> dt.timedelta:
    """How long anyone may cancel the request once it is approved."""
    return policy_of(request).grace


def strictness(name: str, value: type_of_number) -> float:
    """How strict a value of this number is, to compare it with another: more is stricter."""
    if name in {"two_people_over", "canary_over", "canary_size"}:
        return -math.inf if value is None else -value
    return float(value or 0)


def weaker(before: Policy, after: Policy) -> list[str]:
    """The names of the numbers that `after` makes weaker."""
    names = [name for name in NAMES if _strictness_in(after, name) < _strictness_in(before, name)]
    if before.canary_over is None and "canary_size" in names:
        names.remove("canary_size")  # there was no first call to be of any size
    return names


def kinds_under(kind: str) -> Collection[str]:
    """The kinds of request that a line for `kind` is about."""
    return [kind] if kind else [EVERY_KIND, *Kind.values]


def _strictness_in(policy: Policy, name: str) -> float:
    return strictness(name, getattr(policy, name))


def _strictest(policies: Collection[Policy]) -> Policy:
    numbers = {
        name: max((getattr(policy, name) for policy in policies), key=partial(strictness, name))
        for name in NAMES
    }
    return _policy(numbers, max(policy.seasoned_after for policy in policies))


def _policy(numbers: dict[str, type_of_number], seasoned_after: dt.timedelta) -> Policy:
    return Policy(**numbers, seasoned_after=seasoned_after)  # type: ignore[arg-type] # by name, of each its own type

"""Who could approve now, and the warning where that is fewer than the policy wants. It never blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import date_format

from compliance.core import clock
from compliance.people.access import MAY, Act
from compliance.people.models import Absence, Grant, Person
from compliance.subscriptions.reach import limits_of

from . import policy
from .approvals import standing_approvals
from .changers import changer_keys
from .kinds import traits_of
from .previews import current_preview
from .states import State

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Sequence

    from compliance.subscriptions.models import Subscription

    from .models import Approval, Request
    from .policy import Policy

REMEDY = "An administrator can make somebody an officer for some days."
#: Here an approval is still to come.
BEFORE_APPROVAL = frozenset({State.PREVIEWING, State.PREVIEWED})


@dataclass(frozen=True)
class Approvers:
    """People who could approve now, and those who hold the role and couldn't."""

    seasoned: list[Person]
    #: They approve together with another one only.
    new: list[Person]
    away: list[Absence]

    def suffice_for(self, wanted: int, given: Sequence[Approval] = ()) -> bool:
        """Whether so many approvals can come about, with those that are given."""
        alone = bool(self.seasoned) or any(word.seasoned for word in given)
        return len(self.seasoned) + len(self.new) + len(given) >= max(wanted, 1 if alone else 2)


def approvers(
    *, besides: Collection[int], seasoned_after: dt.timedelta, subscriptions: Iterable[Subscription]
) -> Approvers:
    """Everybody who may approve in these subscriptions, but for those named by their primary keys."""
    active = Grant.objects.active().filter(role__in=MAY[Act.APPROVE], person__is_active=True)
    others = active.exclude(person__in=besides).select_related("person")
    grants, where = list(others.order_by("person__name", "pk")), {each.pk for each in subscriptions}
    granted = {
        grant.person: grant.granted_at
        for grant, limit in zip(grants, limits_of(grants), strict=True)
        if limit is None or limit >= where
    }
    current = Absence.objects.current().filter(person__in=granted).select_related("person")
    away = list(current.order_by("person__name", "pk"))
    absent, latest = {absence.person_id for absence in away}, clock.now() - seasoned_after
    here = {person: since for person, since in granted.items() if person.pk not in absent}
    seasoned = [person for person, since in here.items() if since and since <= latest]
    return Approvers(seasoned, [person for person in here if person not in seasoned], away)


def shortage_at_entry(*, subscriptions: Iterable[Subscription], kind: str, by: Person) -> str:
    """Why a request that this person enters may wait in vain for its approval; empty where it needn't."""
    subscriptions = list(subscriptions)
    numbers = policy.policy_over(subscriptions=subscriptions, kind=kind)
    found = approvers(besides=[by.pk], seasoned_after=numbers.seasoned_after, subscriptions=subscriptions)
    if not found.suffice_for(1):
        return _sentence("This request will want a privacy officer besides you", found)
    cases = _wanting_two(numbers, kind)
    if cases and not found.suffice_for(2):
        return _sentence(f"A request with {' or '.join(cases)} wants two privacy officers besides you", found)
    return ""


def shortage_of(request: Request) -> str:
    """Why the approval of this request may wait in vain; empty where it needn't, or was given."""
    if request.state not in BEFORE_APPROVAL:
        return ""
    preview = current_preview(request)
    if preview.ready_at is None:
        preview.found = request.targets.count()  # at most: what is looked up may not exist
    given = standing_approvals(preview)
    besides = changer_keys(request) | {word.person_id for word in given}
    numbers, wanted = policy.policy_of(request), policy.approvals_wanted(preview)
    found = approvers(
        besides=besides,
        seasoned_after=numbers.seasoned_after,
        subscriptions=request.subscriptions.all(),
    )
    if found.suffice_for(wanted, given):
        return ""
    people = "two privacy officers" if wanted > 1 or given else "a privacy officer"
    return _sentence(f"This request wants {people} who neither entered nor changed it", found, given)


def _wanting_two(numbers: Policy, kind: str) -> list[str]:
    """What a request of this kind may hold for which two people are wanted."""
    if traits_of(kind).one_approval:
        return []
    cases = []
    if numbers.two_people_over is not None:
        cases.append(f"more than {numbers.two_people_over} targets")
    if numbers.two_people_for_accounts and kind not in policy.KINDS_OF_GUIDES:
        cases.append("any account")
    if numbers.two_people_for_wipes and kind in policy.KINDS_OF_GUIDES:
        cases.append("a guide reset for everybody")
    return cases


def _sentence(want: str, found: Approvers, given: Sequence[Approval] = ()) -> str:
    could = [person.name for person in found.seasoned]
    who = f"only {' and '.join(could)}" if could else "nobody else" if given else "nobody"
    done = f"{' and '.join(word.person.name for word in given)} has approved, and " if given else "and "
    alone = " alone" if found.new else ""
    sentences = [f"{want}, {done}{who} could approve{alone} now."]
    sentences += [f"{each.name} is too new in the role to approve alone in production." for each in found.new]
    sentences += [f"{each.person.name} is absent until {_day(each.until_on)}." for each in found.away]
    return " ".join([*sentences, REMEDY])


def _day(day: dt.date) -> str:
    return date_format(day, "j M Y")

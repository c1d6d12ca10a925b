"""Changing what an approval takes: at once where it only gets stricter, else once an officer agrees."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.access import Act, can
from compliance.people.models import Person
from compliance.subscriptions.models import Subscription

from . import policy
from .approvals import standing_approvals
from .errors import NotThisPerson
from .models import PolicyLine, Request
from .policy import GENERAL_PLACES, PRODUCTION, Numbers, Place
from .policy_words import labels, refuse_out_of_range, sentence
from .previews import current_preview
from .states import Kind, State

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The chain of the ledger that holds every change of the policy.
CHAIN = "policy"


@transaction.atomic
def change_policy(*, place: Place, kind: str, numbers: Numbers, by: Person) -> PolicyLine:
    """The line says exactly this from now on, or, if anything gets weaker, once an officer has agreed.

    Raises `Refused`; nothing is changed then.
    """
    ledger.hold(CHAIN)
    _refuse_stranger(by, Act.CHANGE_POLICY, "Only an administrator changes the policy.")
    _refuse_bad_line(place, kind, numbers)
    line = PolicyLine(place=place.code, kind=kind, proposed_by=by, **asdict(numbers))
    _refuse_pointless(line)
    if names := weakened(place=place, kind=kind, numbers=numbers):
        line.save()
        ledger.record(
            Event.POLICY_PROPOSED,
            chain=CHAIN,
            actor=by.reference,
            weaker=labels(names),
            **_facts(line),
        )
        return line
    return _put_in_force(line, by)


@transaction.atomic
def agree_to_policy(*, line: PolicyLine, by: Person) -> PolicyLine:
    """The proposed line is in force. Raises `Refused` for its proposer, and for all but officers."""
    ledger.hold(CHAIN)
    _refuse_stranger(by, Act.AGREE_TO_POLICY, "Only a privacy officer agrees to a weaker policy.")
    line = _still_proposed(line)
    if line.proposed_by_id == by.pk:
        raise NotThisPerson("You proposed this, so another person has to agree: a privacy officer.")
    line.agreed_by = by
    return _put_in_force(line, by)


@transaction.atomic
def decline_policy(*, line: PolicyLine, by: Person) -> None:
    """The proposal is gone. Its proposer may take it back, too."""
    ledger.hold(CHAIN)
    _refuse_stranger(by, Act.DECLINE_POLICY, "Only an officer or an administrator declines a policy.")
    line = _still_proposed(line)
    line.ended_at = clock.now()
    line.save(update_fields=["ended_at"])
    ledger.record(Event.POLICY_DECLINED, chain=CHAIN, actor=by.reference, **_facts(line))


def weakened(*, place: Place, kind: str, numbers: Numbers) -> list[str]:
    """The names of the numbers that would get weaker, anywhere where the line would be asked."""
    before = policy.lines_in_force()
    after = before | {(place.code, kind): PolicyLine(place=place.code, kind=kind, **asdict(numbers))}
    names = {
        name
        for each in _places_under(place)
        for of in policy.kinds_under(kind)
        for name in policy.weaker(
            policy.policy_at(place=each, kind=of, lines=before),
            policy.policy_at(place=each, kind=of, lines=after),
        )
    }
    return [name for name in policy.NAMES if name in names]


def all_places() -> list[Place]:
    """Every place that may have a line, the general ones first."""
    return [*GENERAL_PLACES, *(policy.place_of(each) for each in Subscription.objects.all())]


def _places_under(place: Place) -> Iterable[Place]:
    return [each for each in all_places() if each.sort == place.sort] if place.is_general else [place]


def _put_in_force(line: PolicyLine, by: Person) -> PolicyLine:
    facts = _facts(line)
    now = clock.now()
    former = PolicyLine.objects.in_force().filter(place=line.place, kind=line.kind).first()
    if former is not None:
        former.ended_at = now
        former.save(update_fields=["ended_at"])
    line.in_force_at = now
    line.save()
    ledger.record(
        Event.POLICY_CHANGED,
        chain=CHAIN,
        actor=by.reference,
        proposer=line.proposed_by.reference,
        **facts,
    )
    _lengthen_graces(by)
    return line


def _lengthen_graces(by: Person) -> None:
    """Requests approved, but not begun yet, wait as long as the policy wants now; none waits less."""
    for request in Request.objects.select_for_update().filter(state=State.APPROVED).order_by("pk"):
        words = standing_approvals(current_preview(request))
        if not words or request.grace_until is None:
            continue
        until = words[-1].given_at + policy.grace(request)
        if until > request.grace_until:
            request.grace_until = until
            request.save(update_fields=["grace_until"])
            ledger.record(
                Event.GRACE_LENGTHENED,
                chain=request.chain,
                actor=by.reference,
                grace_until=ledger.as_fact(until.replace(microsecond=0)),
            )


def _facts(line: PolicyLine) -> dict[str, str]:
    """Where it holds, what it says, and what is in force there."""
    label = next((place.label for place in all_places() if place.code == line.place), line.place)
    in_force = PolicyLine.objects.in_force().filter(place=line.place, kind=line.kind).first()
    return {
        "place": label,
        "kind": line.kind or "every kind",
        "new": sentence(Numbers.of(line)),
        "old": sentence(Numbers.of(in_force)),
    }


def _still_proposed(line: PolicyLine) -> PolicyLine:
    found = PolicyLine.objects.proposed().select_for_update(of=("self",)).select_related("proposed_by")
    proposal = found.filter(pk=line.pk).first()
    if proposal is None:
        raise Refused("Somebody has decided about this already. Reload the page.")
    return proposal


def _refuse_stranger(by: Person, act: Act, text: str) -> None:
    if not can(Person.objects.get(pk=by.pk), act):
        raise NotThisPerson(text)


def _refuse_bad_line(place: Place, kind: str, numbers: Numbers) -> None:
    if kind and kind not in Kind.values:
        raise Refused(f"There is no kind of request {kind!r}.")
    refuse_out_of_range(numbers)
    if place.sort == PRODUCTION and numbers.two_people_for_wipes is False:
        raise Refused("In production, resetting a guide for everybody always wants two people.")


def _refuse_pointless(line: PolicyLine) -> None:
    same = PolicyLine.objects.filter(place=line.place, kind=line.kind)
    if same.proposed().exists():
        raise Refused("Another change of this waits already. Have it decided, or take it back, first.")
    if Numbers.of(same.in_force().first()) == Numbers.of(line):
        raise Refused("Nothing would change: this is in force already.")

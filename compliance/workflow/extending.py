"""More time for the answer: once, inside the first period, on a ground of the law, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.formats import date_format

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.laws.law import ClockKind
from compliance.laws.registry import get_law
from compliance.people.access import Act

from .deadlines import count_anew, extension_of
from .errors import NotThisPerson
from .kinds import traits_of
from .models import Extension, Request
from .reach import reaches
from .reasons import refuse_vague
from .sealing import correspondence_vault
from .states import State

if TYPE_CHECKING:
    import datetime as dt

    from compliance.laws.law import Law
    from compliance.people.models import Person

    from .models import Clock

INSTEAD = (
    "Write what makes this request take longer: for example, how many systems or accounts have to be "
    "searched, and what can't be told apart in them yet."
)


@dataclass(frozen=True)
class Offer:
    """The more time that a request's law gives, while it can be taken."""

    law: Law
    #: By when the notice has to reach the person.
    notice: Clock
    #: Its end by the law's own clock; None where the law names no length, so that the officer does.
    extended: Clock | None


def refused_extension(request: Request) -> str:
    """Why no more time can be taken for this request; empty where it can."""
    if not traits_of(request.kind).has_law or request.ended or request.state == State.CHECKING:
        return "No law sets a date that could be extended any more."
    if not request.law:
        return "Name the law first: whether it gives more time stands in it."
    law = get_law(request.law, request.law_version)
    if law.extension is None:
        return f"{law.name} gives no more time."
    taken = extension_of(request)
    if taken:
        return f"It was extended on {_day(taken.taken_on)} already, and that is possible once."
    until = _clocks(request)[ClockKind.EXTENSION_NOTICE].legal
    if clock.today() > until:
        return f"The first period ended on {_day(until)}: more time had to be taken, and told, by then."
    return ""


def offer_of(request: Request) -> Offer:
    """The more time that can be taken now. Raises `Refused` where none can."""
    no = refused_extension(request)
    if no:
        raise Refused(no)
    clocks = _clocks(request)
    return Offer(
        law=get_law(request.law, request.law_version),
        notice=clocks[ClockKind.EXTENSION_NOTICE],
        extended=clocks.get(ClockKind.EXTENDED_ANSWER),
    )


@transaction.atomic
def extend_answer(
    *, request: Request, ground: str, reason: str, by: Person, until: dt.date | None = None
) -> Extension:
    """The answer's clock is that of the extended answer, and lists go by it.

    `until` is wanted where, and only where, the law names no length. Raises `Refused`.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    if not reaches(by, Act.EXTEND, request):
        raise NotThisPerson("Only a privacy officer takes more time for an answer.")
    offer = offer_of(request)
    _refuse_strange_ground(offer, ground)
    _refuse_bad_end(request, offer, until)
    refuse_vague(reason, instead=INSTEAD)
    before, vault = request.send_by, correspondence_vault(request)
    extension = Extension.objects.create(
        request=request,
        ground=ground,
        sealed_reason=vault.seal(reason, purpose="reason"),
        until=until,
        taken_by=by,
    )
    count_anew(request)
    ledger.record(
        Event.REQUEST_EXTENDED,
        chain=request.chain,
        actor=by.reference,
        ground=ground,
        reason=vault.commit("reason", reason).hex(),
        answer_by=ledger.as_fact(_clocks(request)[ClockKind.EXTENDED_ANSWER].safe),
        notice_by=ledger.as_fact(offer.notice.send_by),
        send_by=ledger.as_fact(request.send_by),
        before=ledger.as_fact(before),
    )
    return extension


def copy_extension(request: Request, other: Request) -> None:
    """The other request, which goes on from this one, is extended as it is."""
    extension = extension_of(request)
    if extension is None:
        return
    reason = correspondence_vault(request).open(extension.sealed_reason, purpose="reason")
    extension.pk, extension.request = None, other
    extension.sealed_reason = correspondence_vault(other).seal(reason, purpose="reason")
    extension.save(force_insert=True)


def _refuse_strange_ground(offer: Offer, ground: str) -> None:
    grounds = offer.law.extension.grounds if offer.law.extension else ()
    if ground not in {each.code for each in grounds}:
        known = ", ".join(each.code for each in grounds)
        raise Refused(f"{offer.law.name} knows no such ground. Its grounds: {known}.")


def _refuse_bad_end(request: Request, offer: Offer, until: dt.date | None) -> None:
    if offer.extended is not None:
        if until is not None:
            raise Refused(f"{offer.law.name} says itself until when: name no day.")
        return
    if until is None or until <= _clocks(request)[ClockKind.ANSWER].legal:
        raise Refused(f"{offer.law.name} names no length: name the new day, later than the first one.")


def _clocks(request: Request) -> dict[str, Clock]:
    return {row.kind: row for row in request.clocks.all()}


def _day(day: dt.date) -> str:
    return date_format(day, "j M Y")

"""Requests whose letters another system writes, which sets a day of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core.errors import Refused

from .changers import note_changer
from .dating import locked_to_date
from .deadlines import keep_dates
from .kinds import traits_of
from .opening import EXTERNAL_REFERENCE
from .states import CompanyRole

if TYPE_CHECKING:
    import datetime as dt

    from compliance.people.models import Person

    from .models import Request


@transaction.atomic
def handle_elsewhere(*, request: Request, case: str, due_on: dt.date, by: Person) -> None:
    """The other system's case and day stand with the request, which sorts by that day if it is earlier.

    Our own clocks run on. Said again, it is a correction. Whoever says it has changed the request, so another
    person approves. Raises `Refused`.
    """
    request = locked_to_date(request, by)
    if not EXTERNAL_REFERENCE.fullmatch(case):
        raise Refused("The number of the case has 1 to 80 letters, digits and . _ : / # -, and names nobody.")
    if due_on < request.received_on:
        raise Refused("The day lies before the request was received. Check the year.")
    if (request.elsewhere_case, request.elsewhere_due_on) == (case, due_on):
        raise Refused("Nothing would change: this is noted already.")
    before = request.send_by
    request.elsewhere_case, request.elsewhere_due_on = case, due_on
    _keep(request, by)
    ledger.record(
        Event.HANDLED_ELSEWHERE,
        chain=request.chain,
        actor=by.reference,
        case=case,
        due_on=ledger.as_fact(due_on),
        send_by=ledger.as_fact(request.send_by),
        before=ledger.as_fact(before),
    )


@transaction.atomic
def handle_here(*, request: Request, by: Person) -> None:
    """The letters are ours again, and only our own clocks count. Raises `Refused`."""
    request = locked_to_date(request, by)
    if not request.elsewhere_case:
        raise Refused("The correspondence is handled here already.")
    case, request.elsewhere_case, request.elsewhere_due_on = request.elsewhere_case, "", None
    _keep(request, by)
    ledger.record(
        Event.HANDLED_HERE,
        chain=request.chain,
        actor=by.reference,
        case=case,
        send_by=ledger.as_fact(request.send_by),
    )


def whom_to_answer(request: Request) -> str:
    """Who is told how the request ended."""
    if request.elsewhere_case:
        return f"whoever handles case {request.elsewhere_case}"
    if request.company_role == CompanyRole.PROCESSOR:
        return "the customer, who answers the person,"
    return "the person" if traits_of(request.kind).has_law else "whoever asked for it"


def _keep(request: Request, by: Person) -> None:
    # The clocks stay as they were counted: while the law isn't known, another may be the strictest by now.
    keep_dates(request, list(request.clocks.all()))
    request.changed_by = by
    request.save(update_fields=["elsewhere_case", "elsewhere_due_on", "send_by", "legal_by", "changed_by"])
    note_changer(request, by)

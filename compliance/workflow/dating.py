"""What is learnt of a request after it was recorded, and moves its dates: its law, and proof of identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.laws.calendars import CALENDARS
from compliance.laws.registry import law_on

from .changers import note_changer
from .deadlines import count_anew
from .enabled_laws import selectable_laws
from .errors import NotThisPerson, StateChanged
from .kinds import traits_of
from .models import Request
from .opening import refuse_stranger
from .queries import has_spoken
from .states import State

if TYPE_CHECKING:
    import datetime as dt

    from compliance.people.models import Person


@transaction.atomic
def name_law(*, request: Request, law: str, calendar: str, by: Person) -> None:
    """The request is under this law, as it was when it came in, and its clocks are that law's.

    Whoever names it has changed the request, so somebody else approves. Raises `Refused`.
    """
    request = locked_to_date(request, by)
    if law not in {each.code for each in selectable_laws()}:
        raise Refused("This law can't be chosen.")
    if calendar and calendar not in CALENDARS:
        raise Refused("There is no such calendar.")
    text = law_on(law, request.received_on)
    if (request.law, request.law_version, request.calendar) == (law, text.version, calendar):
        raise Refused("Nothing would change: this is its law already, and these are its holidays.")
    before = request.send_by
    request.law, request.law_version, request.calendar = law, text.version, calendar
    _keep_change(request, by, ["law", "law_version", "calendar"])
    ledger.record(
        Event.LAW_NAMED,
        chain=request.chain,
        actor=by.reference,
        law=text.name,
        law_version=text.version,
        calendar=CALENDARS[calendar].name if calendar else "nobody",
        send_by=ledger.as_fact(request.send_by),
        before=ledger.as_fact(before),
    )


@transaction.atomic
def note_identity(
    *, request: Request, asked_on: dt.date, proven_on: dt.date | None = None, by: Person
) -> None:
    """The request says when proof of identity was asked for and came; its clocks move if the law says so.

    Said again, it is a correction. Whoever notes it has changed the request, so somebody else approves.
    Raises `Refused`.
    """
    request = locked_to_date(request, by)
    refuse_bad_identity(request, asked_on=asked_on, proven_on=proven_on)
    if (request.identity_asked_on, request.identity_proven_on) == (asked_on, proven_on):
        raise Refused("Nothing would change: these days are noted already.")
    before = request.send_by
    request.identity_asked_on, request.identity_proven_on = asked_on, proven_on
    _keep_change(request, by, ["identity_asked_on", "identity_proven_on"])
    ledger.record(
        Event.IDENTITY_NOTED,
        chain=request.chain,
        actor=by.reference,
        asked_on=ledger.as_fact(asked_on),
        proven_on=ledger.as_fact(proven_on) if proven_on else "not yet",
        send_by=ledger.as_fact(request.send_by),
        before=ledger.as_fact(before),
    )


def refuse_bad_identity(request: Request, *, asked_on: dt.date, proven_on: dt.date | None) -> None:
    """Raises `Refused` for days that can't be meant."""
    if asked_on < request.received_on:
        raise Refused("Proof can't have been asked for before the request was received.")
    if max(asked_on, proven_on or asked_on) > clock.today():
        raise Refused("This day lies in the future. Note it when it has come.")
    if proven_on and proven_on < asked_on:
        raise Refused("The proof can't have come before it was asked for.")


def locked_to_date(request: Request, by: Person) -> Request:
    """The request as it stands, held until the end of the transaction, if this person may date it now."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    refuse_stranger(by, request)
    if not traits_of(request.kind).has_law:
        raise Refused("No law sets dates for this kind of request.")
    if request.ended or request.state == State.CHECKING:
        raise StateChanged("The dates of this request don't change any more. Reload the page.")
    if request.state == State.PREVIEWED and has_spoken(request, by):
        raise NotThisPerson("You have decided about its preview, so somebody else has to enter this.")
    return request


def _keep_change(request: Request, by: Person, fields: list[str]) -> None:
    request.changed_by = by
    request.save(update_fields=[*fields, "changed_by"])
    note_changer(request, by)
    count_anew(request)

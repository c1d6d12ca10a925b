"""Requests over the API that come too fast are recorded and kept back, until a person says they are meant.

A program gone wild shouldn't have thousands of people looked up and previews pile up before officers, and
what it asked in earnest shouldn't be lost. So the request stands, its clocks run, and nothing is looked up.
What is counted is what all tokens of one owner open: a second token is no way around.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.people.access import Act
from compliance.people.models import Person

from .approvals import end_as_cancelled
from .errors import NotThisPerson, StateChanged
from .models import Flood, ProgramOpening, Request
from .moves import move
from .opening import open_request, open_unconfirmed
from .previews import start_preview
from .reach import within_reach
from .states import State

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.people.models import Token

    from .opening import Wish

#: So far back is counted.
COUNTED = dt.timedelta(hours=1)
NOT_MEANT = "A program had opened it with many others at once, and a person said that they are not meant."


@transaction.atomic
def open_by_program(*, wish: Wish, token: Token) -> Request:
    """As `opening.open_request`; beyond so many in an hour, the request waits for a person. Raises `Refused`.

    The owner's row is locked, so that calls at the same moment don't count past each other.
    """
    owner = Person.objects.select_for_update().get(pk=token.person_id)
    flood = _undecided(owner)
    if flood is None and not _comes_too_fast(owner):
        request = open_request(wish=wish, by=token.person)
        ProgramOpening.objects.create(request=request, token=token)
        return request
    request = open_unconfirmed(wish=wish, by=token.person)
    flood, is_new = (flood, False) if flood else (Flood.objects.create(person=owner), True)
    ProgramOpening.objects.create(request=request, token=token, flood=flood)
    ledger.record(Event.REQUEST_UNCONFIRMED, chain=request.chain, actor=ledger.SYSTEM, flood=flood.chain)
    if is_new:
        ledger.record(
            Event.FLOOD_BEGAN,
            chain=flood.chain,
            actor=ledger.SYSTEM,
            person=owner.reference,
            most=settings.API_REQUESTS_AN_HOUR,
        )
    return request


@transaction.atomic
def decide_flood(*, flood: Flood, meant: bool, by: Person) -> int:
    """What was kept back goes on, or is cancelled, by and by. Returns how many those are. Raises `Refused`.

    Whoever owns the token may decide, too: what is wanted is a person who looks, not a second word. Approval
    by somebody else follows anyway.
    """
    flood = Flood.objects.select_for_update().get(pk=flood.pk)
    if flood.decided_at:
        raise StateChanged("Somebody has decided about these already. Reload the page.")
    waiting, act = kept_back(flood), Act.ENTER_REQUESTS if meant else Act.CANCEL
    count = waiting.count()
    if by.is_service or within_reach(waiting, by, act).count() != count:
        raise NotThisPerson("Somebody decides about these whose roles reach all of them.")
    flood.decided_by, flood.decided_at, flood.meant = by, clock.now(), meant
    flood.save(update_fields=["decided_by", "decided_at", "meant"])
    event = Event.FLOOD_CONFIRMED if meant else Event.FLOOD_CANCELLED
    ledger.record(event, chain=flood.chain, actor=by.reference, count=count)
    return count


def open_floods(person: Person) -> QuerySet[Flood]:
    """Floods about which nobody has decided yet, as far as the person may enter something of each.

    Each with `waiting`, how many requests of it wait.
    """
    mine = within_reach(ProgramOpening.objects.filter(flood=OuterRef("pk")), person, Act.ENTER_REQUESTS)
    waiting = Count("openings", filter=Q(openings__request__state=State.UNCONFIRMED))
    floods = Flood.objects.filter(Exists(mine), decided_at=None).select_related("person")
    return floods.annotate(waiting=waiting).order_by("began_at", "pk")


def kept_back(flood: Flood) -> QuerySet[ProgramOpening]:
    """What still waits of the flood, the first first."""
    waiting = flood.openings.filter(request__state=State.UNCONFIRMED)
    return waiting.select_related("request").order_by("pk")


def decided_floods() -> QuerySet[Flood]:
    """Floods that were decided, and of which some request may still wait to go on or be cancelled."""
    return Flood.objects.filter(decided_at__isnull=False, settled_at=None).order_by("pk")


@transaction.atomic
def carry_out(opening: ProgramOpening, flood: Flood) -> None:
    """One request of a decided flood goes on, or is cancelled."""
    request = Request.objects.select_for_update().get(pk=opening.request_id)
    by = flood.decided_by
    if request.state != State.UNCONFIRMED or by is None:
        return
    if flood.meant:
        move(request, State.PREVIEWING, actor=by.reference)
        start_preview(request=request, by=by)
    else:
        end_as_cancelled(request, by, NOT_MEANT)


def settle_flood(flood: Flood) -> None:
    """Nothing of the flood waits any more; one of which something does stays as it is."""
    if not kept_back(flood).exists():
        Flood.objects.filter(pk=flood.pk).update(settled_at=clock.now())


def _undecided(owner: Person) -> Flood | None:
    return Flood.objects.select_for_update().filter(person=owner, decided_at=None).first()


def _comes_too_fast(owner: Person) -> bool:
    """Whether the owner's programs have opened as many as they may; what a person has confirmed is over."""
    since = clock.now() - COUNTED
    meant = Flood.objects.filter(person=owner, meant=True, decided_at__gt=since).order_by("-decided_at")
    since = meant.values_list("decided_at", flat=True).first() or since
    opened = ProgramOpening.objects.filter(token__person=owner, opened_at__gt=since)
    most = settings.API_REQUESTS_AN_HOUR
    return bool(opened.order_by()[:most].count() >= most)

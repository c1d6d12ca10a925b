"""The same person asks again: shown before a second request is recorded, and linked to the first one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, keyring
from compliance.core.chunks import chunks
from compliance.core.errors import Refused

from .deadlines import refuse_bad_receipt
from .errors import StateChanged
from .kinds import KINDS_WITH_LAW, traits_of
from .models import Asked, LaterMessage, Request, SubjectDigest
from .opening import refuse_stranger, tell_access
from .queries import MOST_COMPARED
from .reach import visible_to
from .sealing import correspondence_vault
from .states import ENDED_EARLY, Channel, State

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.people.models import Person

    from .opening import Wish
    from .things import Thing

#: Of the ended ones, those are shown that ended lately: later on, there may be new data.
LATELY = dt.timedelta(days=90)
MOST_SHOWN = 5


@dataclass(frozen=True)
class Twin:
    """A request by which the same person seems to have asked already."""

    request: Request
    why: str
    #: Whether a later message may be linked to it, instead of a second request.
    linkable: bool


def twins_of(wish: Wish, *, by: Person) -> list[Twin]:
    """Requests, open or ended lately, of the same person or with the same identifiers, the latest first.

    As far as whoever enters the wish may read them.
    """
    if not traits_of(wish.kind).has_law:
        return []
    subject = _keys(SubjectDigest.objects.filter(digest__in=_subject_digests(wish)))
    asked = _keys(Asked.objects.filter(digest__in=_asked_digests(wish)))
    lately = Q(closed_at=None) | Q(closed_at__gte=clock.now() - LATELY)
    found = visible_to(by).filter(lately, pk__in=subject | asked, kind__in=KINDS_WITH_LAW)
    latest = found.exclude(state=State.CHECKING).order_by("-pk")[:MOST_SHOWN]
    return [
        Twin(
            request=each,
            why="the same person" if each.pk in subject else "the same identifiers",
            # A message that repeats what had such an end is a new wish.
            linkable=each.state not in ENDED_EARLY,
        )
        for each in latest
    ]


@transaction.atomic
def record_later_message(
    *,
    request: Request,
    received_on: dt.date,
    channel: Channel,
    by: Person,
    note: str = "",
    access_asked: bool = False,
) -> LaterMessage:
    """The later message stands with the request, whose dates stay the first one's. Raises `Refused`.

    Where it asks for access, too, the request does: whoever approves has to confirm it.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    refuse_stranger(by, request)
    if request.state in ENDED_EARLY:
        raise StateChanged("That request has ended without an erasure: record this as a new one.")
    refuse_bad_receipt(received_on)
    if received_on < request.received_on:
        raise Refused(
            "This message came before the one that the request was recorded for, so its clock would be too "
            "late: record it as a new request, and cancel the other one."
        )
    vault, text = correspondence_vault(request), note.strip()
    message = LaterMessage.objects.create(
        request=request,
        received_on=received_on,
        channel=channel,
        sealed_note=vault.seal(text, purpose="note") if text else None,
        entered_by=by,
    )
    ledger.record(
        Event.ASKED_AGAIN,
        chain=request.chain,
        actor=by.reference,
        received_on=ledger.as_fact(received_on),
        channel=Channel(channel).label.lower(),
        note=vault.commit("note", text).hex() if text else "none",
    )
    if access_asked and not request.access_asked:
        request.access_asked = True
        request.save(update_fields=["access_asked"])
        tell_access(request, by)
    return message


def names_more(wish: Wish, request: Request) -> bool:
    """Whether the wish names something, or a subscription, that the request doesn't."""
    if not set(wish.subscriptions) <= set(request.subscriptions.all()):
        return True
    return any(_is_new(request, some) for some in chunks(list(wish.things), MOST_COMPARED))


def _is_new(request: Request, things: list[Thing]) -> bool:
    """Whether the request doesn't ask for one of these."""
    digests = [{digest.value for digest in keyring.lookup_digests(each.kind, each.value)} for each in things]
    rows = request.asked.filter(digest__in=set().union(*digests)).values_list("digest", flat=True)
    known = {bytes(digest) for digest in rows}
    return any(not known & of_one for of_one in digests)


def note_in(message: LaterMessage) -> str:
    """What was noted of a later message."""
    if message.sealed_note is None:
        return ""
    return correspondence_vault(message.request).open(message.sealed_note, purpose="note")


def _keys(rows: QuerySet[SubjectDigest] | QuerySet[Asked]) -> set[int]:
    return set(rows.order_by("-request_id").values_list("request_id", flat=True)[:MOST_COMPARED])


def _subject_digests(wish: Wish) -> list[bytes]:
    if not wish.subject.email:
        return []
    return [digest.value for digest in keyring.lookup_digests("email", wish.subject.email)]


def _asked_digests(wish: Wish) -> list[bytes]:
    things = wish.things[:MOST_COMPARED]
    return [digest.value for each in things for digest in keyring.lookup_digests(each.kind, each.value)]

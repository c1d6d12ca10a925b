"""A request whose things come from a file: there while the file is read, opened once somebody agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.core import clock
from compliance.core.errors import Refused

from .changers import note_changer
from .errors import StateChanged
from .kinds import traits_of
from .models import Asked, Request
from .moves import move
from .opening import (
    opening_facts,
    record_wish,
    refuse_bad_terms,
    refuse_bad_words,
    refuse_strange_kinds,
    refuse_stranger,
    tell_access,
)
from .previews import start_preview
from .processing import record_opening_role
from .states import AskedKind, Kind, State

if TYPE_CHECKING:
    from collections.abc import Collection

    from compliance.people.models import Person

    from .opening import Wish

#: So many things asked go in one transaction when a request is given up.
DESTROYED_AT_ONCE = 2_000


@transaction.atomic
def begin_checking(*, wish: Wish, by: Person, suppliers: Collection[Person]) -> Request:
    """A request says all that the wish says, and waits for what it asks. Raises `Refused`.

    The suppliers gave the file, or had said how it is read: they decide about it as little as `by`.
    """
    refuse_bad_words(wish, by)
    if AskedKind.GUIDE in traits_of(wish.kind).asks:
        raise Refused("A guide reset names its guides: record it with the form, without a file.")
    refuse_bad_terms(wish.kind, (), wish.terms)
    if not wish.subscriptions:
        raise Refused("Choose at least one subscription.")
    request = record_wish(wish=wish, by=by, state=State.CHECKING)
    note_changer(request, *suppliers)
    return request


@transaction.atomic
def open_checked(*, request: Request, by: Person) -> None:
    """The request whose file was checked is open, and its preview is under way. Raises `Refused`."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    refuse_stranger(by, request)
    if request.state != State.CHECKING:
        raise StateChanged("This request was recorded already. Reload the page.")
    refuse_strange_kinds(Kind(request.kind), kinds_asked(request))
    note_changer(request, by)
    changes = {"opened_at": clock.now(), "changed_by": by}
    move(request, State.PREVIEWING, actor=by.reference, changes=changes, **opening_facts(request))
    tell_access(request, by)
    record_opening_role(request, by)
    start_preview(request=request, by=by)


def kinds_asked(request: Request) -> list[AskedKind]:
    """Which kinds of things the request names."""
    return [kind for kind in AskedKind if request.asked.filter(kind=kind).exists()]


def make_unreadable(request: Request) -> None:
    """Nobody can read any more what a request that was given up had asked. For one in CHECKING only."""
    Request.objects.filter(pk=request.pk, state=State.CHECKING).update(
        targets_key=None, correspondence_key=None, sealed_subject=None, sealed_note=None
    )


def destroy_some(request: Request) -> bool:
    """Some rows of a request that was given up are gone; False once the request itself is."""
    rows = list(Asked.objects.filter(request=request).values_list("pk", flat=True)[:DESTROYED_AT_ONCE])
    if rows:
        Asked.objects.filter(pk__in=rows).delete()
    else:
        Request.objects.filter(pk=request.pk, state=State.CHECKING).delete()
    return bool(rows)

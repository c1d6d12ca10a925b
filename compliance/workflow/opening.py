"""Recording a request, and changing what it asks: every channel ends here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import crypto, keyring
from compliance.core.errors import Refused
from compliance.laws.registry import get_law
from compliance.people.access import Act, can

from . import deadlines
from .errors import NotThisPerson, StateChanged
from .models import Asked, Request, SubjectDigest
from .previews import start_preview
from .sealing import Subject, correspondence_vault, seal_subject, targets_vault
from .states import CHANGEABLE, Channel, Identity, Kind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

#: Looked up one by one; larger sets need the paged scan of a file upload.
MOST_ASKED = 500


@dataclass(frozen=True)
class Wish:
    """What a request says. `law` is empty while it isn't known; `visitors` are ids, byte for byte."""

    law: str
    received_on: dt.date
    channel: Channel
    identity: Identity
    visitors: Sequence[str] = field(repr=False)
    subscriptions: Collection[Subscription]
    calendar: str = ""
    subject: Subject = field(default_factory=Subject)
    note: str = field(default="", repr=False)
    kind: Kind = Kind.ERASURE


@transaction.atomic
def open_request(*, wish: Wish, by: Person) -> Request:
    """The request stands with its clocks running, sealed, and its preview is under way. Raises `Refused`."""
    _refuse_bad_wish(wish, by)
    rows = deadlines.rows_for(
        deadlines.counted_clocks(law=wish.law, calendar=wish.calendar, received_on=wish.received_on)
    )
    request = _new_request(wish, by, send_by=deadlines.order_by_date(rows))
    request.subscriptions.set(wish.subscriptions)
    for row in rows:
        row.request = request
        row.save()
    _keep_subject(request, wish.subject)
    _keep_asked(request, wish.visitors)
    ledger.record(
        Event.REQUEST_OPENED,
        chain=request.chain,
        actor=by.reference,
        kind=wish.kind.value,
        law=get_law(wish.law).name if wish.law else "a law not yet known",
        law_version=request.law_version or "the strictest",
        received_on=ledger.as_fact(wish.received_on),
        channel=wish.channel.label.lower(),
        asked=request.asked.count(),
        identity=wish.identity.label.lower(),
        send_by=ledger.as_fact(request.send_by),
    )
    start_preview(request=request, by=by)
    return request


@transaction.atomic
def revise_request(
    *, request: Request, visitors: Sequence[str], subscriptions: Collection[Subscription], by: Person
) -> None:
    """Other visitors, or other subscriptions, are asked; earlier previews and approvals count no more.

    Raises `Refused`; nothing is changed then.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    _refuse_stranger(by)
    if request.state not in CHANGEABLE:
        raise StateChanged("What this request asks can't be changed any more. Reload the page.")
    _refuse_bad_set(visitors, subscriptions)
    request.changed_by = by
    request.save(update_fields=["changed_by"])
    request.subscriptions.set(subscriptions)
    request.targets.all().delete()
    request.asked.all().delete()
    _keep_asked(request, visitors)
    ledger.record(Event.REQUEST_REVISED, chain=request.chain, actor=by.reference, asked=request.asked.count())
    start_preview(request=request, by=by)


def _new_request(wish: Wish, by: Person, *, send_by: dt.date) -> Request:
    request = Request(
        kind=wish.kind,
        law=wish.law,
        law_version=get_law(wish.law).version if wish.law else "",
        calendar=wish.calendar,
        received_on=wish.received_on,
        channel=wish.channel,
        identity=wish.identity,
        send_by=send_by,
        targets_key=keyring.wrap(crypto.new_data_key()),
        correspondence_key=keyring.wrap(crypto.new_data_key()),
        entered_by=by,
        changed_by=by,
    )
    vault = correspondence_vault(request)
    request.sealed_subject = seal_subject(vault, wish.subject)
    request.sealed_note = vault.seal(wish.note, purpose="note") if wish.note else None
    request.save()
    return request


def _keep_subject(request: Request, subject: Subject) -> None:
    if subject.email:
        digest = keyring.lookup_digest("email", subject.email)
        SubjectDigest.objects.create(request=request, digest=digest.value, digest_key=digest.key_number)


def _keep_asked(request: Request, visitors: Sequence[str]) -> None:
    vault = targets_vault(request)
    rows = []
    for visitor_id in dict.fromkeys(visitors):
        digest = keyring.lookup_digest("visitor", visitor_id)
        rows.append(
            Asked(
                request=request,
                kind="visitor",
                sealed_value=vault.seal(visitor_id, purpose="asked"),
                digest=digest.value,
                digest_key=digest.key_number,
            )
        )
    Asked.objects.bulk_create(rows)


def _refuse_bad_wish(wish: Wish, by: Person) -> None:
    _refuse_stranger(by)
    deadlines.refuse_bad_receipt(wish.received_on)
    if wish.law and wish.law not in {law.code for law in deadlines.selectable_laws()}:
        raise Refused(f"The law {wish.law!r} can't be chosen.")
    _refuse_bad_set(wish.visitors, wish.subscriptions)


def _refuse_bad_set(visitors: Sequence[str], subscriptions: Collection[Subscription]) -> None:
    if not subscriptions:
        raise Refused("Choose at least one subscription.")
    if not visitors:
        raise Refused("Name at least one visitor id.")
    if len(visitors) > MOST_ASKED:
        raise Refused(
            f"{len(visitors)} visitor ids; one request takes up to {MOST_ASKED}. Split them into several."
        )


def _refuse_stranger(by: Person) -> None:
    if not can(by, Act.ENTER_REQUESTS):
        raise NotThisPerson("Your roles don't let you enter or change requests.")

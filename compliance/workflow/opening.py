"""Recording a request, and changing what it asks: every channel ends here."""

from __future__ import annotations

import datetime as dt
import re
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
from .kinds import traits_of
from .models import Asked, Request, SubjectDigest
from .previews import start_preview
from .sealing import Subject, correspondence_vault, seal_subject, targets_vault
from .states import CHANGEABLE, AskedKind, Channel, Identity, Kind, State
from .things import mailbox

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

    from .models import Clock
    from .sealing import Vault
    from .things import Thing

#: Taken in at once; larger sets come as a file.
MOST_ASKED = 10_000
#: A ticket's number, not an e-mail address or a sentence.
EXTERNAL_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,79}")


@dataclass(frozen=True)
class Wish:
    """What a request says. Which parts belong to which kind stands in `kinds.TRAITS`.

    `law` is empty while it isn't known, or where the kind has none. `send_by` is the day by which the work is
    to be sent, for kinds without a law; None leaves it to the kind.
    """

    received_on: dt.date
    things: Sequence[Thing] = field(repr=False)
    subscriptions: Collection[Subscription]
    kind: Kind = Kind.ERASURE
    law: str = ""
    calendar: str = ""
    channel: Channel | None = None
    identity: Identity | None = None
    subject: Subject = field(default_factory=Subject)
    note: str = field(default="", repr=False)
    policy_reference: str = ""
    seen_before: dt.date | None = None
    with_visitors: bool = True
    send_by: dt.date | None = None
    #: What the caller's own system calls it.
    external_reference: str = ""


@transaction.atomic
def open_request(*, wish: Wish, by: Person) -> Request:
    """The request stands with its clocks running, sealed, and its preview is under way. Raises `Refused`."""
    _refuse_bad_wish(wish, by)
    request = record_wish(wish=wish, by=by, state=State.PREVIEWING)
    keep_asked(request, wish.things)
    ledger.record(Event.REQUEST_OPENED, chain=request.chain, actor=by.reference, **opening_facts(request))
    start_preview(request=request, by=by)
    return request


def record_wish(*, wish: Wish, by: Person, state: State) -> Request:
    """A request in this state says all that the wish says, but for the things asked. Inside a transaction."""
    rows = _clock_rows(wish)
    request = _new_request(wish, by, send_by=_send_by(wish, rows), state=state)
    request.subscriptions.set(wish.subscriptions)
    for row in rows:
        row.request = request
        row.save()
    _keep_subject(request, wish.subject)
    return request


def opening_facts(request: Request) -> dict[str, ledger.type_of_fact]:
    """What the ledger says of a request that is opened."""
    has_law = traits_of(request.kind).has_law
    return {
        "kind": request.kind,
        "law": _law_name(request) if has_law else "no law",
        "law_version": (request.law_version or "the strictest") if has_law else "none",
        "received_on": ledger.as_fact(request.received_on),
        "channel": request.get_channel_display().lower() or "a colleague",
        "asked": request.asked.count(),
        "identity": request.get_identity_display().lower() or "nobody concerned",
        "send_by": ledger.as_fact(request.send_by),
    }


def keep_asked(request: Request, things: Iterable[Thing]) -> None:
    """The things are asked by the request; named twice is asked once."""
    vault = targets_vault(request)
    rows = [_asked(request, vault, thing) for thing in dict.fromkeys(things)]
    Asked.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def revise_request(
    *, request: Request, things: Sequence[Thing], subscriptions: Collection[Subscription], by: Person
) -> None:
    """Other things, or other subscriptions, are asked; earlier previews and approvals count no more.

    Raises `Refused`; nothing is changed then.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    _refuse_stranger(by)
    if request.state not in CHANGEABLE:
        raise StateChanged("What this request asks can't be changed any more. Reload the page.")
    _refuse_bad_set(Kind(request.kind), things, subscriptions)
    request.changed_by = by
    request.save(update_fields=["changed_by"])
    request.subscriptions.set(subscriptions)
    request.targets.all().delete()
    request.asked.all().delete()
    keep_asked(request, things)
    ledger.record(Event.REQUEST_REVISED, chain=request.chain, actor=by.reference, asked=request.asked.count())
    start_preview(request=request, by=by)


def _clock_rows(wish: Wish) -> list[Clock]:
    if not traits_of(wish.kind).has_law:
        return []
    return deadlines.rows_for(
        deadlines.counted_clocks(law=wish.law, calendar=wish.calendar, received_on=wish.received_on)
    )


def _send_by(wish: Wish, rows: list[Clock]) -> dt.date:
    if rows:
        return deadlines.order_by_date(rows)
    return wish.send_by or wish.received_on + dt.timedelta(days=traits_of(wish.kind).days)


def _law_name(request: Request) -> str:
    return get_law(request.law).name if request.law else "a law not yet known"


def _new_request(wish: Wish, by: Person, *, send_by: dt.date, state: State) -> Request:
    request = Request(
        kind=wish.kind,
        state=state,
        law=wish.law,
        law_version=get_law(wish.law).version if wish.law else "",
        calendar=wish.calendar,
        received_on=wish.received_on,
        channel=wish.channel or "",
        identity=wish.identity or "",
        send_by=send_by,
        policy_reference=wish.policy_reference,
        seen_before=wish.seen_before,
        with_visitors=wish.with_visitors,
        external_reference=wish.external_reference,
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


def _asked(request: Request, vault: Vault, thing: Thing) -> Asked:
    digest = keyring.lookup_digest(thing.kind, thing.value)
    by_email = thing.kind is AskedKind.EMAIL
    return Asked(
        request=request,
        kind=thing.kind,
        sealed_value=vault.seal(thing.value, purpose="asked"),
        digest=digest.value,
        digest_key=digest.key_number,
        mailbox_digest=keyring.lookup_digest("email", mailbox(thing.value)).value if by_email else None,
    )


def _refuse_bad_wish(wish: Wish, by: Person) -> None:
    _refuse_stranger(by)
    deadlines.refuse_bad_receipt(wish.received_on)
    if wish.law and wish.law not in {law.code for law in deadlines.selectable_laws()}:
        raise Refused(f"The law {wish.law!r} can't be chosen.")
    _refuse_bad_parts(wish)
    _refuse_bad_set(wish.kind, wish.things, wish.subscriptions)


def _refuse_bad_parts(wish: Wish) -> None:
    traits = traits_of(wish.kind)
    if traits.has_law and not (wish.channel and wish.identity):
        raise Refused("Say how the request came, and how you know that it is this person.")
    if traits.has_policy and not wish.policy_reference.strip():
        raise Refused("Name the policy that this carries out.")
    if wish.external_reference and not EXTERNAL_REFERENCE.fullmatch(wish.external_reference):
        raise Refused(
            "Your own reference has 1 to 80 letters, digits and . _ : / # -, and no name or address in it."
        )
    if not traits.has_law and (wish.law or wish.subject != Subject()):
        raise Refused("Only an erasure under a law has a law and a person concerned.")


def _refuse_bad_set(kind: Kind, things: Sequence[Thing], subscriptions: Collection[Subscription]) -> None:
    if not subscriptions:
        raise Refused("Choose at least one subscription.")
    if not things:
        raise Refused("Name at least one thing, such as a visitor id.")
    strange = {thing.kind.label.lower() for thing in things if thing.kind not in traits_of(kind).asks}
    if strange:
        raise Refused(f"This kind of request can't name: {', '.join(sorted(strange))}.")
    if len(things) > MOST_ASKED:
        raise Refused(
            f"{len(things)} things are named; one request takes up to {MOST_ASKED:,}. Upload them as a file."
        )


def _refuse_stranger(by: Person) -> None:
    if not can(by, Act.ENTER_REQUESTS):
        raise NotThisPerson("Your roles don't let you enter or change requests.")

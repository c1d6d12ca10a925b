"""Recording a request, and changing what it asks: every channel ends here."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock as time
from compliance.core import crypto, keyring
from compliance.core.bulk import insert_new
from compliance.core.errors import Refused
from compliance.laws.registry import get_law, law_on
from compliance.people.access import Act

from . import deadlines
from .changers import note_changer
from .enabled_laws import selectable_laws
from .errors import NotThisPerson, StateChanged
from .guards import lay_guard, refuse_guarded
from .ids import problem_of
from .kinds import traits_of
from .models import Asked, Request, SubjectDigest
from .previews import start_preview
from .processing import record_opening_role, void_instruction
from .reach import reaches, refuse_out_of_reach
from .sealing import Subject, correspondence_vault, seal_subject, targets_vault
from .sources import MOST_SOURCES
from .states import (
    CHANGEABLE,
    NAMING_VISITORS,
    SOURCES,
    AskedKind,
    Channel,
    CompanyRole,
    Identity,
    Kind,
    State,
)
from .things import Terms, is_email, is_guide_id, mailbox

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

    from .guards import GuardTerms
    from .models import Clock
    from .things import Thing

#: Taken in at once; larger sets come as a file.
MOST_ASKED = 10_000
#: Targets that are removed while a person waits: one account may bring hundreds of thousands.
MOST_REMOVED = 20_000
#: A ticket's number, not an e-mail address or a sentence.
EXTERNAL_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,79}")


class AskedRow(NamedTuple):
    """A row of the table of things asked, by the names of its columns."""

    request_id: int
    kind: str
    sealed_value: bytes
    digest: bytes
    digest_key: int
    mailbox_digest: bytes | None


ASKED_COLUMNS = AskedRow._fields


@dataclass(frozen=True)
class Wish:
    """What a request says. Which parts belong to which kind stands in `kinds.TRAITS`.

    `law` is empty while it isn't known, or where the kind has none. `send_by` is the day by which the work is
    to be sent, for kinds without a law; None leaves it to the kind. `for_everybody` is somebody's word that
    guides are to be reset for everybody: it is wanted where no visitor is named.
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
    for_everybody: bool = False
    send_by: dt.date | None = None
    #: What the caller's own system calls it.
    external_reference: str = ""
    #: Whether the same message asks for access to the data, too.
    access_asked: bool = False
    company_role: CompanyRole = CompanyRole.CONTROLLER

    @property
    def terms(self) -> Terms:
        """How far what is named reaches."""
        return Terms(
            with_visitors=self.with_visitors, seen_before=self.seen_before, for_everybody=self.for_everybody
        )


@transaction.atomic
def open_request(*, wish: Wish, by: Person) -> Request:
    """The request stands with its clocks running, sealed, and its preview is under way. Raises `Refused`."""
    request = _opened(wish, by, State.PREVIEWING)
    start_preview(request=request, by=by)
    return request


@transaction.atomic
def open_unconfirmed(*, wish: Wish, by: Person) -> Request:
    """As `open_request`, but nothing is looked up before a person has confirmed it. Raises `Refused`."""
    return _opened(wish, by, State.UNCONFIRMED)


def _opened(wish: Wish, by: Person, state: State) -> Request:
    _refuse_bad_wish(wish, by)
    request = record_wish(wish=wish, by=by, state=state)
    keep_asked(request, wish.things)
    ledger.record(Event.REQUEST_OPENED, chain=request.chain, actor=by.reference, **opening_facts(request))
    tell_access(request, by)
    record_opening_role(request, by)
    return request


@transaction.atomic
def open_run(*, wish: Wish, terms: GuardTerms, by: Person, authors: Iterable[Person]) -> Request:
    """The request runs a clean-up rule: it stands within its guard, and its preview is under way.

    Whoever wrote the rule, its `authors`, has a hand in what it asks. Who may run the rule its caller has
    asked: a rule may name more than is typed in, and it lifts Do Not Process of what it has erased itself.
    Raises `Refused`.
    """
    if not wish.subscriptions or not wish.things:
        raise Refused("A run needs a subscription, and something that it is about.")
    refuse_strange_kinds(wish.kind, {thing.kind for thing in wish.things})
    _refuse_bad_things(wish.things)
    refuse_bad_terms(wish.kind, wish.things, wish.terms)
    request = record_wish(wish=wish, by=by, state=State.PREVIEWING)
    keep_asked(request, wish.things)
    note_changer(request, *authors)
    ledger.record(Event.REQUEST_OPENED, chain=request.chain, actor=by.reference, **opening_facts(request))
    lay_guard(request=request, terms=terms, by=by)
    start_preview(request=request, by=by)
    return request


def record_wish(*, wish: Wish, by: Person, state: State) -> Request:
    """A request in this state says all that the wish says, but for the things asked. Inside a transaction."""
    rows = _clock_rows(wish)
    request = _new_request(wish, by, rows, state)
    request.subscriptions.set(wish.subscriptions)
    for row in rows:
        row.request = request
        row.save()
    _keep_subject(request, wish.subject)
    return request


def tell_access(request: Request, by: Person) -> None:
    """The ledger says that the message asks for access, if it does. Inside a transaction."""
    if request.access_asked:
        ledger.record(Event.ACCESS_ASKED, chain=request.chain, actor=by.reference)


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
    insert_asked(asked_rows(request, things))


def asked_rows(request: Request, things: Iterable[Thing]) -> list[AskedRow]:
    """The things as `insert_asked` takes them: sealed, and found by their digests."""
    seal = targets_vault(request).sealer(purpose="asked")
    mailbox_digest = keyring.digester("email")[1]
    rows: list[AskedRow] = []
    for kind, values in _by_kind(things):
        number, digest = keyring.digester(kind)
        rows += [
            AskedRow(
                request.pk,
                kind.value,
                seal(value.encode()),
                digest(value),
                number,
                mailbox_digest(mailbox(value)) if kind is AskedKind.EMAIL else None,
            )
            for value in values
        ]
    return rows


def insert_asked(rows: list[AskedRow]) -> int:
    """The rows are in the table, each digest once for each request; returns how many weren't before."""
    return insert_new(Asked, ASKED_COLUMNS, rows)


@transaction.atomic
def revise_request(
    *,
    request: Request,
    things: Sequence[Thing],
    subscriptions: Collection[Subscription],
    by: Person,
    terms: Terms | None = None,
) -> None:
    """Other things, subscriptions or terms are asked; earlier previews and approvals count no more.

    Without `terms` they stay as they were, but guides are reset for everybody only if it is said again.
    Raises `Refused`; nothing is changed then.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    refuse_stranger(by, request)
    if request.state not in CHANGEABLE:
        raise StateChanged("What this request asks can't be changed any more. Reload the page.")
    refuse_guarded(request)
    refuse_large(request)
    refuse_out_of_reach(by, kind=Kind(request.kind), subscriptions=subscriptions)
    terms = terms or Terms(with_visitors=request.with_visitors, seen_before=request.seen_before)
    _refuse_bad_set(Kind(request.kind), things, subscriptions)
    refuse_bad_terms(Kind(request.kind), things, terms)
    request.changed_by = by
    request.with_visitors, request.seen_before = terms.with_visitors, terms.seen_before
    request.save(update_fields=["changed_by", "with_visitors", "seen_before"])
    note_changer(request, by)
    void_instruction(request, by)
    request.subscriptions.set(subscriptions)
    request.targets.all().delete()
    request.asked.all().delete()
    keep_asked(request, things)
    ledger.record(Event.REQUEST_REVISED, chain=request.chain, actor=by.reference, asked=request.asked.count())
    start_preview(request=request, by=by)


def refuse_large(request: Request) -> None:
    """Raises `Refused` where so much was found that removing it would keep everybody else waiting."""
    if request.targets.order_by()[: MOST_REMOVED + 1].count() > MOST_REMOVED:
        raise Refused(
            f"More than {MOST_REMOVED:,} targets were found for this request, so it can't be changed. "
            "Cancel it, and record what is meant as a new one."
        )


def _clock_rows(wish: Wish) -> list[Clock]:
    if not traits_of(wish.kind).has_law:
        return []
    return deadlines.rows_for(
        deadlines.counted_clocks(law=wish.law, calendar=wish.calendar, received_on=wish.received_on)
    )


def _law_name(request: Request) -> str:
    return get_law(request.law, request.law_version).name if request.law else "a law not yet known"


def _new_request(wish: Wish, by: Person, rows: list[Clock], state: State) -> Request:
    request = Request(
        kind=wish.kind,
        state=state,
        law=wish.law,
        law_version=law_on(wish.law, wish.received_on).version if wish.law else "",
        calendar=wish.calendar,
        received_on=wish.received_on,
        channel=wish.channel or "",
        identity=wish.identity or "",
        send_by=wish.send_by or wish.received_on + dt.timedelta(days=traits_of(wish.kind).days),
        policy_reference=wish.policy_reference,
        seen_before=wish.seen_before,
        with_visitors=wish.with_visitors,
        external_reference=wish.external_reference,
        access_asked=wish.access_asked,
        company_role=wish.company_role,
        targets_key=keyring.wrap(crypto.new_data_key()),
        correspondence_key=keyring.wrap(crypto.new_data_key()),
        entered_by=by,
        changed_by=by,
    )
    if rows:
        deadlines.keep_dates(request, rows)
    vault = correspondence_vault(request)
    request.sealed_subject = seal_subject(vault, wish.subject)
    request.sealed_note = vault.seal(wish.note, purpose="note") if wish.note else None
    request.save()
    note_changer(request, by)
    return request


def _keep_subject(request: Request, subject: Subject) -> None:
    if subject.email:
        digest = keyring.lookup_digest("email", subject.email)
        SubjectDigest.objects.create(request=request, digest=digest.value, digest_key=digest.key_number)


def _by_kind(things: Iterable[Thing]) -> list[tuple[AskedKind, list[str]]]:
    """The distinct values of each kind, in their order."""
    values: dict[AskedKind, dict[str, None]] = {}
    for thing in things:
        values.setdefault(thing.kind, {})[thing.value] = None
    return [(kind, list(of_kind)) for kind, of_kind in values.items()]


def _refuse_bad_wish(wish: Wish, by: Person) -> None:
    refuse_bad_words(wish, by)
    _refuse_bad_set(wish.kind, wish.things, wish.subscriptions)
    refuse_bad_terms(wish.kind, wish.things, wish.terms)


def refuse_bad_words(wish: Wish, by: Person) -> None:
    """Raises `Refused` for what is wrong with a wish besides the things that it asks."""
    refuse_out_of_reach(by, kind=wish.kind, subscriptions=wish.subscriptions)
    deadlines.refuse_bad_receipt(wish.received_on)
    if wish.law and wish.law not in {law.code for law in selectable_laws()}:
        raise Refused("This law can't be chosen.")
    _refuse_bad_parts(wish)


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
    if traits.has_reason and not wish.note.strip():
        raise Refused("Say why this is wanted.")
    if not traits.has_law:
        _refuse_parts_of_a_law(wish)
    if not traits.has_policy and wish.policy_reference:
        raise Refused("Only a retention request carries out a policy.")
    if traits.has_law and wish.send_by:
        raise Refused("The law says until when this is wanted.")
    if wish.send_by and wish.send_by < wish.received_on:
        raise Refused("The day by which it is wanted lies before its receipt.")


def _refuse_parts_of_a_law(wish: Wish) -> None:
    """Raises `Refused` for what only an erasure under a law has."""
    if wish.access_asked:
        raise Refused("Only a person asks for access: an erasure under a law.")
    if wish.law or wish.subject != Subject():
        raise Refused("Only an erasure under a law has a law and a person concerned.")
    if wish.company_role != CompanyRole.CONTROLLER:
        raise Refused("Only for an erasure under a law the company may be processor.")


def _refuse_bad_set(kind: Kind, things: Sequence[Thing], subscriptions: Collection[Subscription]) -> None:
    if not subscriptions:
        raise Refused("Choose at least one subscription.")
    if not things:
        raise Refused("Name at least one thing, such as a visitor id.")
    refuse_strange_kinds(kind, {thing.kind for thing in things})
    if len(things) > MOST_ASKED:
        raise Refused(
            f"{len(things)} things are named; one request takes up to {MOST_ASKED:,}. Upload them as a file."
        )
    _refuse_bad_things(things)


def _refuse_bad_things(things: Sequence[Thing]) -> None:
    if sum(thing.kind in SOURCES for thing in things) > MOST_SOURCES:
        raise Refused(
            f"One request names up to {MOST_SOURCES} patterns, segments and reports: every visitor is "
            "compared with each. Make several requests."
        )
    checks = {AskedKind.EMAIL: is_email, AskedKind.GUIDE: is_guide_id}
    checks |= {kind: partial(_is_source, kind) for kind in SOURCES}
    bad = {thing.kind for thing in things if thing.kind in checks and not checks[thing.kind](thing.value)}
    if bad:
        names = ", ".join(sorted(kind.label.lower() for kind in bad))
        raise Refused(f"Something that is named can't be what it is named as: {names}.")


def _is_source(kind: AskedKind, value: str) -> bool:
    return problem_of(kind, value) is None


def refuse_bad_terms(kind: Kind, things: Sequence[Thing], terms: Terms) -> None:
    """Raises `Refused` where what is named can't reach as far as the terms say."""
    traits = traits_of(kind)
    if terms.seen_before and not traits.has_policy:
        raise Refused("Only a retention request spares visitors by the day they were last seen.")
    if terms.seen_before and terms.seen_before > time.today():
        raise Refused("The day from which visitors are spared lies in the future: nobody would be spared.")
    if AskedKind.GUIDE in traits.asks:
        _refuse_bad_reset({thing.kind for thing in things}, terms)
    elif terms.for_everybody:
        raise Refused("Only guides are reset for everybody.")


def _refuse_bad_reset(named: set[AskedKind], terms: Terms) -> None:
    """A guide is reset for visitors who are named, or, said expressly, for everybody."""
    if named >= {AskedKind.GUIDE, AskedKind.STAGED}:
        raise Refused("Name guides, or ask for all staged ones: not both.")
    for_visitors = bool(named & NAMING_VISITORS)
    if for_visitors and (terms.for_everybody or AskedKind.STAGED in named):
        raise Refused("Visitors are named, so guides can't be reset for everybody: make two requests.")
    if not for_visitors and not terms.for_everybody:
        raise Refused("Name the visitors, or say that the guides are to be reset for everybody.")


def refuse_strange_kinds(kind: Kind, asked: Collection[AskedKind]) -> None:
    """Raises `Refused` where a request of this kind can't ask for things of these kinds."""
    strange = {each for each in asked if each not in traits_of(kind).asks}
    if not strange:
        return
    names = ", ".join(sorted(each.label.lower() for each in strange))
    if strange & SOURCES:
        raise Refused(
            f"This kind of request is about somebody in particular, so it can't name: {names}. Name the "
            "visitors, e-mail addresses or accounts themselves. Patterns, segments and reports are for test "
            "data, guide resets and retention."
        )
    raise Refused(f"This kind of request can't name: {names}.")


def refuse_stranger(by: Person, request: Request) -> None:
    """Raises `NotThisPerson` for whoever may not change the request."""
    if not reaches(by, Act.ENTER_REQUESTS, request):
        raise NotThisPerson("Your roles don't let you change this request.")

"""What people do about records that were erased and are there again; what was kept of them is destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import keyring
from compliance.core.chunks import chunks
from compliance.core.errors import Refused
from compliance.people.access import Act
from compliance.subscriptions.reach import reaches_subscription
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.matching import MOST_IN_A_QUESTION
from compliance.workflow.outcomes import mark_returned
from compliance.workflow.sealing import Vault
from compliance.workflow.states import ErasedKind

from .findings import open_records, settle_if_emptied, shown_of, take_way_out
from .models import Finding, How, Reappearance, WayOut

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from django.db.models import QuerySet

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Request

#: As many as a request takes: for more, a way out is taken several times.
MOST_AT_A_TIME = 10_000
#: Requests named in the ledger of one that follows them.
MOST_NAMED = 5
#: Digits of a key that any database takes.
LONGEST_KEY = 18
REASON = "reason about what is there again"


def keys_in(texts: Iterable[str]) -> list[int]:
    """The records that a form names by keys; what can be none is 0, for nothing named stands for all."""
    return [int(text) if text.isdecimal() and len(text) <= LONGEST_KEY else 0 for text in texts]


def chosen_records(finding: Finding, chosen: Collection[int]) -> QuerySet[Reappearance]:
    """The open records of the finding with these keys; without any, all, up to what is done at once."""
    records = open_records(finding)
    if chosen:
        records = records.filter(pk__in=chosen)
    return records.select_related("erased__request")[:MOST_AT_A_TIME]


@transaction.atomic
def explain(*, finding: Finding, chosen: Collection[int], reason: str, by: Person) -> int:
    """The records may be there, for a reason that is kept under seal. Returns how many. Raises `Refused`.

    They are found again only once they have been erased again, or with another cause.
    """
    finding, records = _taken(finding, chosen, reason, by)
    return _settled(Event.FINDING_EXPLAINED, How.EXPLAINED, finding, records, reason, by)


@transaction.atomic
def let_in(*, finding: Finding, chosen: Collection[int], reason: str, by: Person) -> int:
    """The records are back lawfully, and the register says so: they are watched for no more.

    Do Not Process isn't touched: for that there is a request of its own. Returns how many. Raises `Refused`.
    """
    finding, records = _taken(finding, chosen, reason, by)
    _mark_returned(finding.subscription, records)
    return _settled(Event.FINDING_LET_IN, How.LET_IN, finding, records, reason, by)


@transaction.atomic
def follow_up(*, finding: Finding, request: Request, by: Person) -> int:
    """Those of the finding's records that the request asks for by id are its business now. Returns how many.

    The ledgers of both name each other, and the requests that had erased them.
    """
    finding = _locked(finding)
    vault = Vault(finding.subscription.data_key)
    named = list(_named_by(request, vault, open_records(finding).select_related("erased__request")))
    if not named:
        return 0
    way_out = WayOut(finding=finding, how=How.REQUEST, person=by, request=request)
    take_way_out(way_out, _parts(named))
    _record(Event.FINDING_FOLLOWED, way_out, by, request=request.reference)
    ledger.record(
        Event.REQUEST_FOLLOWS,
        chain=request.chain,
        actor=by.reference,
        finding=finding.pk,
        subscription=finding.subscription.name,
        count=way_out.count,
        others=_references(named),
    )
    settle_if_emptied(finding)
    return way_out.count


def reason_of(way_out: WayOut) -> str:
    """Why a person took it; empty where nobody had to say."""
    if way_out.sealed_reason is None:
        return ""
    return Vault(way_out.finding.subscription.data_key).open(way_out.sealed_reason, purpose=REASON)


def _taken(
    finding: Finding, chosen: Collection[int], reason: str, by: Person
) -> tuple[Finding, list[Reappearance]]:
    """The finding, locked, and those of its records that are meant and open. Raises `Refused`."""
    if not reaches_subscription(by, Act.SETTLE_FINDINGS, finding.subscription):
        raise NotThisPerson("Only a privacy officer settles what is there again.")
    if not reason.strip():
        raise Refused("Say why: whoever reads this later wants to know.")
    finding = _locked(finding)
    records = list(chosen_records(finding, chosen))
    if not records:
        raise StateChanged("Nothing is left to be done about these records. Reload the page.")
    return finding, records


def _locked(finding: Finding) -> Finding:
    return Finding.objects.select_for_update(of=("self",)).select_related("subscription").get(pk=finding.pk)


def _settled(
    event: Event, how: How, finding: Finding, records: Iterable[Reappearance], reason: str, by: Person
) -> int:
    vault, text = Vault(finding.subscription.data_key), reason.strip()
    sealed = vault.seal(text, purpose=REASON)
    way_out = WayOut(finding=finding, how=how, person=by, sealed_reason=sealed)
    take_way_out(way_out, _parts(records))
    _record(event, way_out, by, reason=vault.commit("reason", text).hex())
    settle_if_emptied(finding)
    return way_out.count


def _parts(records: Iterable[Reappearance]) -> Iterator[QuerySet[Reappearance]]:
    """In pieces: a database takes only so many keys in a statement."""
    for some in chunks((record.pk for record in records), MOST_IN_A_QUESTION):
        yield Reappearance.objects.filter(pk__in=some)


def _mark_returned(subscription: Subscription, records: Iterable[Reappearance]) -> None:
    vault = Vault(subscription.data_key)
    named: dict[ErasedKind, set[str]] = {}
    for record in records:
        shown = shown_of(vault, record)
        kind = ErasedKind.EMAIL if record.by_email else ErasedKind(record.kind)
        named.setdefault(kind, set()).update(shown.addresses if record.by_email else {shown.id})
    for kind, names in named.items():
        for some in chunks(keyring.digests_of(kind, names), MOST_IN_A_QUESTION):
            mark_returned(subscription, kind, some, by=None)


def _named_by(request: Request, vault: Vault, records: Iterable[Reappearance]) -> Iterator[Reappearance]:
    """Those that the request asks for by their ids."""
    for some in chunks(records, MOST_IN_A_QUESTION):
        digests = {record: _digests_of(vault, record) for record in some}
        for kind in ErasedKind.VISITOR, ErasedKind.ACCOUNT:
            of_kind = [record for record in some if record.kind == kind]
            wanted = [digest for record in of_kind for digest in digests[record]]
            asked = request.asked.filter(kind=kind, digest__in=wanted).values_list("digest", flat=True)
            known = {bytes(digest) for digest in asked}
            yield from (record for record in of_kind if digests[record] & known)


def _digests_of(vault: Vault, record: Reappearance) -> set[bytes]:
    shown = shown_of(vault, record)
    return set(keyring.digests_of(shown.kind, [shown.id]))


def _references(records: Iterable[Reappearance]) -> str:
    """The requests that had erased the records, as the ledger names them."""
    references = sorted({record.erased.request.reference for record in records})
    more = len(references) - MOST_NAMED
    return ", ".join(references[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _record(event: Event, way_out: WayOut, by: Person, **facts: ledger.type_of_fact) -> None:
    ledger.record(
        event,
        chain=way_out.finding.subscription.reference,
        actor=by.reference,
        finding=way_out.finding.pk,
        records=way_out.count,
        **facts,
    )

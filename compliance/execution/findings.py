"""Findings: what passes have seen, written down once they have come to their end: one for each cause."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, keyring
from compliance.workflow.kinds import TRAITS, Action
from compliance.workflow.models import Asked, Erased, Target
from compliance.workflow.sealing import Forgotten, Vault
from compliance.workflow.states import ENDED, ErasedKind, Outcome, State, TargetKind

from .models import (
    Cause,
    Finding,
    How,
    Reappearance,
    Sighting,
    WatchPass,
    WatchResult,
    WatchScope,
    WatchStep,
    WayOut,
)
from .moves import lock
from .passes import SIGHTING
from .reappearing import Shown, cause_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Request

#: Sightings written down in one transaction.
MOST_DRAWN = 500
#: Whose target has one of these outcomes, is being taken care of.
UNDER_WAY = (Outcome.PENDING, Outcome.UNCERTAIN, Outcome.ACCEPTED, Outcome.PRESENT)
#: Requests of these are about visitors and accounts themselves.
_ABOUT_RECORDS = [kind for kind, traits in TRAITS.items() if traits.action is not Action.RESET]


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A sighting, opened, with the digests under which its id, and its addresses, may stand anywhere."""

    sighting: Sighting
    shown: Shown = field(repr=False)
    digests: frozenset[bytes]
    email_digests: frozenset[bytes]

    @property
    def cause(self) -> Cause:
        """Why it is there again."""
        erased_at = self.sighting.erased.erased_at
        return cause_of(self.shown, erased_at=erased_at, by_email=self.sighting.by_email)

    def is_among(self, digests: Collection[bytes]) -> bool:
        """Whether one of the digests is that of its id or address."""
        return not (self.digests | self.email_digests).isdisjoint(digests)


@transaction.atomic
def draw_some(watch: WatchPass) -> bool:
    """Some of what the pass has seen stands in findings, with the requests that erased it; False at the end.

    What is being erased or let in by an open request doesn't count, nor what was explained, nor what was
    erased or let in after it was seen.
    """
    named = dict(watch.sightings.order_by("pk").values_list("pk", "erased__request")[:MOST_DRAWN])
    if not named:
        return False
    lock(set(named.values()))
    # Read once they are locked: another process may have drawn them meanwhile.
    sightings = list(Sighting.objects.filter(pk__in=named).select_related("erased__request").order_by("pk"))
    subscription = watch.subscription
    vault = Vault(subscription.data_key)
    drawn = _still_counting(subscription, [_opened(vault, each) for each in sightings])
    under_way, known = _under_way(subscription, drawn), _open_records(subscription, drawn)
    _touch(known[each] for each in drawn if each in known and each.is_among(under_way))
    counting = [each for each in drawn if not each.is_among(under_way)]
    _write_down(subscription, counting, known)
    WatchPass.objects.filter(pk=watch.pk).update(found=F("found") + len(counting))
    Sighting.objects.filter(pk__in=named).delete()
    return True


@transaction.atomic
def finish(watch: WatchPass) -> None:
    """The pass has ended and counts. Of the whole list, what it hasn't shown is there no more."""
    watch = WatchPass.objects.select_for_update(of=("self",)).select_related("subscription").get(pk=watch.pk)
    if watch.step != WatchStep.DRAWING or watch.sightings.exists():
        return
    if watch.scope == WatchScope.WHOLE:
        _let_go(watch)
    _settle_emptied(watch.subscription)
    watch.step, watch.ended_at, watch.why = WatchStep.ENDED, clock.now(), ""
    watch.result = WatchResult.FOUND if watch.found else WatchResult.NOTHING
    watch.save()
    ledger.record(
        Event.WATCH_PASSED,
        chain=watch.subscription.reference,
        actor=ledger.SYSTEM,
        watch=watch.pk,
        scope=watch.get_scope_display().lower(),
        records=watch.records,
        found=watch.found,
        controls=watch.controls,
        seen=watch.seen,
    )


def open_records(finding: Finding) -> QuerySet[Reappearance]:
    """The records of a finding about which nothing was done yet, in the order in which they were found."""
    return finding.records.filter(way_out=None).order_by("pk")


def shown_of(vault: Vault, record: Reappearance) -> Shown:
    """What Pendo showed of a record about which nothing was done yet."""
    if record.sealed is None:
        raise Forgotten
    return Shown.from_json(vault.open(record.sealed, purpose=SIGHTING))


def take_way_out(way_out: WayOut, parts: Iterable[QuerySet[Reappearance]]) -> None:
    """The records are done with, and what Pendo showed of them is destroyed. Inside a transaction."""
    way_out.count = 0
    way_out.save()
    for part in parts:
        way_out.count += part.filter(way_out=None).update(way_out=way_out, sealed=None)
    way_out.save(update_fields=["count"])


def settle_if_emptied(finding: Finding) -> None:
    """Where nothing is left to be done about any of its records, the finding is settled."""
    if not finding.settled_at and not open_records(finding).exists():
        finding.settled_at = clock.now()
        finding.save(update_fields=["settled_at"])
        ledger.record(
            Event.FINDING_SETTLED,
            chain=finding.subscription.reference,
            actor=ledger.SYSTEM,
            finding=finding.pk,
            cause=finding.get_cause_display(),
        )


# -- What counts ---------------------------------------------------------------------------------------------


def _opened(vault: Vault, sighting: Sighting) -> _Drawn:
    shown = Shown.from_json(vault.open(sighting.sealed, purpose=SIGHTING))
    return _Drawn(
        sighting,
        shown,
        frozenset(keyring.digests_of(shown.kind, [shown.id])),
        frozenset(keyring.digests_of(ErasedKind.EMAIL, shown.addresses)),
    )


def _still_counting(subscription: Subscription, drawn: Sequence[_Drawn]) -> list[_Drawn]:
    """Those that weren't erased or let in after they were seen, and that nobody has explained."""
    erased = _last_erased(subscription, drawn)
    rows = Reappearance.objects.filter(digest__in=_digests(drawn), way_out__how=How.EXPLAINED)
    explained = {
        (bytes(digest), erased_id, cause)
        for digest, erased_id, cause in rows.values_list("digest", "erased_id", "finding__cause")
    }
    return [
        each
        for each in drawn
        if not each.sighting.erased.returned_at
        and not any(erased[digest] > each.sighting.seen_at for digest in each.digests & erased.keys())
        and explained.isdisjoint((digest, each.sighting.erased_id, each.cause) for digest in each.digests)
    ]


def _last_erased(subscription: Subscription, drawn: Sequence[_Drawn]) -> dict[bytes, dt.datetime]:
    """When each was last erased there, by digest. Asked by digests alone, as in `reappearing`."""
    rows = Erased.objects.filter(digest__in=_digests(drawn)).order_by("erased_at")
    return {
        bytes(digest): erased_at
        for digest, erased_at, where in rows.values_list("digest", "erased_at", "subscription_id")
        if where == subscription.pk
    }


def _under_way(subscription: Subscription, drawn: Sequence[_Drawn]) -> set[bytes]:
    """The digests of what open requests are about to erase or let in."""
    targets = Target.objects.filter(digest__in=_digests(drawn)).exclude(request__state__in=ENDED)
    columns = ("digest", "subscription_id", "outcome", "kind")
    named = {
        bytes(digest)
        for digest, where, outcome, kind in targets.values_list(*columns)
        if where == subscription.pk and outcome in UNDER_WAY and kind != TargetKind.GUIDE
    }
    addresses = {digest for each in drawn for digest in each.email_digests}
    # Before its preview is ready, a request may have no targets yet.
    asked = Asked.objects.filter(
        digest__in=_digests(drawn) | addresses,
        request__subscriptions=subscription,
        request__state__in=[State.CHECKING, State.UNCONFIRMED, State.PREVIEWING],
        request__kind__in=_ABOUT_RECORDS,
    )
    return named | {bytes(digest) for digest in asked.values_list("digest", flat=True)}


def _digests(drawn: Iterable[_Drawn]) -> set[bytes]:
    return {digest for each in drawn for digest in each.digests}


# -- Writing down --------------------------------------------------------------------------------------------


def _open_records(subscription: Subscription, drawn: Sequence[_Drawn]) -> dict[_Drawn, Reappearance]:
    """Those that stand in a finding already, and about which nothing was done yet."""
    rows = Reappearance.objects.filter(digest__in=_digests(drawn), way_out=None).select_for_update()
    by_digest = {bytes(row.digest): row for row in rows if row.subscription_id == subscription.pk}
    return {each: by_digest[digest] for each in drawn for digest in each.digests if digest in by_digest}


def _touch(records: Iterable[Reappearance]) -> None:
    """They were seen, and go on waiting for what is being done about them."""
    Reappearance.objects.filter(pk__in=[record.pk for record in records]).update(last_seen_at=clock.now())


def _write_down(
    subscription: Subscription, counting: Sequence[_Drawn], known: Mapping[_Drawn, Reappearance]
) -> None:
    fresh: list[_Drawn] = []
    for cause in Cause:
        of_cause = [each for each in counting if each.cause is cause]
        if of_cause:
            fresh += _collect(subscription, cause, of_cause, known)
    _tell_requests(subscription, fresh)


def _collect(
    subscription: Subscription,
    cause: Cause,
    drawn: Sequence[_Drawn],
    known: Mapping[_Drawn, Reappearance],
) -> list[_Drawn]:
    """The open finding of this cause has them all. Returns those that stood in none before."""
    finding, created = _open_finding(subscription, cause)
    records = [known.get(each) or _new_record(subscription, each) for each in drawn]
    joining = [record for record in records if record.finding_id != finding.pk]
    for each, record in zip(drawn, records, strict=True):
        _bring_up_to_date(record, finding, each)
    Reappearance.objects.bulk_create([each for each in records if not each.pk], batch_size=MOST_DRAWN)
    Reappearance.objects.bulk_update([each for each in records if each.pk], _CHANGING, batch_size=100)
    if joining:
        ledger.record(
            Event.FINDING_OPENED if created else Event.FINDING_GREW,
            chain=subscription.reference,
            actor=ledger.SYSTEM,
            finding=finding.pk,
            cause=cause.label,
            records=len(joining),
        )
    return [each for each in drawn if each not in known]


_CHANGING = ("finding", "erased", "by_email", "sealed", "last_seen_at", "times")


def _open_finding(subscription: Subscription, cause: Cause) -> tuple[Finding, bool]:
    """The open finding of this cause, locked, and whether it is a new one."""
    found = Finding.objects.select_for_update().filter(
        subscription=subscription, cause=cause, settled_at=None
    )
    finding = found.first()
    return (
        (finding, False)
        if finding
        else (Finding.objects.create(subscription=subscription, cause=cause), True)
    )


def _new_record(subscription: Subscription, drawn: _Drawn) -> Reappearance:
    digest = keyring.lookup_digest(drawn.shown.kind, drawn.shown.id)
    return Reappearance(
        subscription=subscription,
        kind=drawn.shown.kind,
        digest=digest.value,
        digest_key=digest.key_number,
        first_seen_at=drawn.sighting.seen_at,
        times=0,
    )


def _bring_up_to_date(record: Reappearance, finding: Finding, drawn: _Drawn) -> None:
    record.finding = finding
    record.erased, record.by_email = drawn.sighting.erased, drawn.sighting.by_email
    record.sealed, record.last_seen_at = drawn.sighting.sealed, drawn.sighting.seen_at
    record.times += 1


def _tell_requests(subscription: Subscription, drawn: Sequence[_Drawn]) -> None:
    """The history of each request that had erased them says so."""
    by_request: dict[Request, int] = Counter(each.sighting.erased.request for each in drawn)
    for request in sorted(by_request, key=lambda request: request.pk):
        ledger.record(
            Event.REQUEST_REAPPEARED,
            chain=request.chain,
            actor=ledger.SYSTEM,
            count=by_request[request],
            subscription=subscription.name,
        )


# -- What is there no more -----------------------------------------------------------------------------------


def _let_go(watch: WatchPass) -> None:
    """Records that a pass over the whole list hasn't met, need nobody any more."""
    for finding in _open_findings(watch.subscription):
        missed = open_records(finding).filter(last_seen_at__lt=watch.began_at)
        if missed.exists():
            way_out = WayOut(finding=finding, how=How.GONE)
            take_way_out(way_out, [missed])
            ledger.record(
                Event.FINDING_RECORDS_GONE,
                chain=watch.subscription.reference,
                actor=ledger.SYSTEM,
                finding=finding.pk,
                records=way_out.count,
            )


def _settle_emptied(subscription: Subscription) -> None:
    for finding in _open_findings(subscription):
        settle_if_emptied(finding)


def _open_findings(subscription: Subscription) -> QuerySet[Finding]:
    found = Finding.objects.filter(subscription=subscription, settled_at=None)
    return found.select_for_update(of=("self",)).select_related("subscription").order_by("pk")

"""Guards: a run of a clean-up rule stays within what was said of it, or nothing of it is sent.

A guard is laid when the request is opened. It is compared with what was found before the preview is ready, so
that nobody and no standing approval can approve what lies outside; and each target is compared with its
pattern once more in the transaction in which a call is written down (`execution/guarding.py`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, keyring
from compliance.core.errors import Refused

from .models import Guard, Narrowing, Request, Scan, StoppedBy
from .moves import move
from .outcomes import cancel_targets
from .patterns import matches
from .sealing import correspondence_vault, opened_id, targets_vault
from .states import AskedKind, Outcome, Spared, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

    from .models import Preview, Target

#: A share of so many percent is no limit.
WHOLE = 100
#: Targets compared with the pattern in one transaction.
A_SLICE = 2_000
#: For so long it counts how many visitors a scan has seen: a share needs no exact number.
COUNT_LASTS = dt.timedelta(days=30)
DRY_RUN = "It was a dry run: nothing is sent."
NOTHING_LEFT = "All that the rule matches is held or spared, so nothing was to be done."


@dataclass(frozen=True)
class GuardTerms:
    """What a run must stay within. `narrowed` are the visitors named for it, by their line; None: all."""

    rule: str
    version: int
    pattern: str
    most: int
    share: int
    dry_run: bool = False
    by_rule: bool = False
    narrowed: Mapping[str, int] | None = field(default=None, repr=False)


@transaction.atomic
def lay_guard(*, request: Request, terms: GuardTerms, by: Person) -> Guard:
    """The request must stay within these terms. Call it in the transaction in which it is opened."""
    guard = Guard.objects.create(
        request=request,
        rule=terms.rule,
        version=terms.version,
        pattern=terms.pattern,
        most=terms.most,
        share=terms.share,
        dry_run=terms.dry_run,
        by_rule=terms.by_rule,
    )
    number, digest = keyring.digester(AskedKind.VISITOR)
    Narrowing.objects.bulk_create(
        [
            Narrowing(guard=guard, line=line, digest=digest(name), digest_key=number)
            for name, line in (terms.narrowed or {}).items()
        ],
        batch_size=500,
    )
    ledger.record(
        Event.GUARD_LAID,
        chain=request.chain,
        actor=by.reference,
        rule=terms.rule,
        version=terms.version,
        what="a dry run" if terms.dry_run else "a run",
        most=terms.most,
        share=terms.share,
        pattern=pattern_digest(terms.pattern),
        narrowed=len(terms.narrowed or {}) or "all",
    )
    return guard


def pattern_digest(pattern: str) -> str:
    """What the ledger says of a pattern: it may be close to somebody's id."""
    return hashlib.sha256(pattern.encode()).hexdigest()


def guard_of(request: Request) -> Guard | None:
    """The guard of a request that runs a rule; None for any other."""
    return Guard.objects.filter(request=request).first()


def refuse_guarded(request: Request) -> None:
    """Raises `Refused` for a request that runs a rule: what it asks is the rule's, and no run changes it."""
    guard = guard_of(request)
    if guard is not None:
        raise Refused(
            f"This runs the clean-up rule {guard.rule}, so what it asks can't be changed here. Change the "
            "rule, or narrow its next run."
        )


def asks_people(request: Request) -> bool:
    """Whether people decide about the request: not about a dry run, nor where a standing approval does."""
    guard = guard_of(request)
    return guard is None or not (guard.dry_run or guard.by_rule)


def decide_by_rule(request: Request, *, yes: bool) -> None:
    """Whether a standing approval decides about the request; where none does, people are asked."""
    Guard.objects.filter(request=request).exclude(by_rule=yes).update(by_rule=yes)


# -- While the preview is made -------------------------------------------------------------------------------


def mark_narrowed_out(request: Request) -> bool:
    """Who was found and isn't among those that the run is narrowed to is to be spared; False if nobody is."""
    guard = guard_of(request)
    if guard is None or not guard.narrowings.exists():
        return False
    named = request.targets.filter(digest__in=guard.narrowings.values("digest"))
    others = request.targets.filter(outcome=Outcome.PENDING, everybody=False, spared_because="")
    marked = others.exclude(pk__in=named.values("pk")).update(spared_because=Spared.NOT_CHOSEN)
    return bool(marked)


@transaction.atomic
def check_slice(request: Request) -> bool:
    """Some more of what was found is compared with the guard pattern; False if nothing was left."""
    guard = Guard.objects.select_for_update().filter(request=request).first()
    if guard is None:
        return False
    left = request.targets.filter(outcome=Outcome.PENDING, everybody=False, pk__gt=guard.checked_up_to)
    rows = list(left.order_by("pk").values_list("pk", "sealed_id")[:A_SLICE])
    if not rows:
        return False
    vault = targets_vault(request)
    guard.outside += sum(not matches(guard.pattern, opened_id(vault, sealed)) for _, sealed in rows)
    guard.checked_up_to = rows[-1][0]
    guard.save(update_fields=["outside", "checked_up_to"])
    return True


def start_over(request: Request) -> None:
    """Another preview is made, and nothing of it was compared with the guard yet."""
    Guard.objects.filter(request=request).update(checked_up_to=0, outside=0, visitors=None, stopped_by="")


def wants_count(request: Request) -> bool:
    """Whether nobody knows how many visitors there are, so that everybody has to be looked at."""
    guarded = Guard.objects.filter(request=request, share__lt=WHOLE).exclude(pattern="")
    return guarded.exists() and any(known_visitors(each) is None for each in request.subscriptions.all())


def known_visitors(subscription: Subscription) -> int | None:
    """How many visitors the last whole scan of the subscription has seen; None where none is recent."""
    recent = Scan.objects.filter(
        subscription=subscription, marked=False, ended_at__gte=clock.now() - COUNT_LASTS
    )
    last = recent.order_by("-ended_at").first()
    return last.records if last else None


# -- When it is ready ----------------------------------------------------------------------------------------


def conclude(request: Request, preview: Preview) -> None:
    """A run that is outside its guard has ended, as has a dry run, and one that found nothing.

    Call it in the transaction in which the preview becomes ready: nobody can approve it in between.
    """
    guard = Guard.objects.select_for_update().filter(request=request).first()
    if guard is None:
        return
    if request.state == State.NOTHING_FOUND:
        changes = {"closed_at": clock.now()}
        move(request, State.CLOSED, actor=ledger.SYSTEM, changes=changes)
        return
    guard.visitors = sum(known_visitors(each) or 0 for each in request.subscriptions.all())
    guard.stopped_by = _stopped_by(guard, preview) or ""
    guard.save(update_fields=["visitors", "stopped_by"])
    if guard.stopped_by:
        _record_stop(guard, preview)
    if guard.dry_run:
        _record_dry_run(guard, preview)
        end_before_sending(request, why=DRY_RUN)
    elif guard.stopped_by:
        end_before_sending(request, why=words_of(guard))
    elif not preview.found:
        end_before_sending(request, why=NOTHING_LEFT)


def words_of(guard: Guard) -> str:
    """Why a run was stopped, for people; empty where it wasn't."""
    if not guard.stopped_by:
        return ""
    found = guard.request.previews.latest("number").found
    return {
        StoppedBy.TOO_MANY: f"{found:,} targets were matched, and one run may touch {guard.most:,}.",
        StoppedBy.SHARE: (
            f"{found:,} of {guard.visitors or 0:,} visitors were matched: more than {guard.share} %."
        ),
        StoppedBy.PATTERN: (
            f"{_people(guard.outside)} matched whom the guard pattern {guard.pattern} doesn't cover."
        ),
        StoppedBy.UNKNOWN: "How many visitors there are isn't known, so their share can't be.",
    }[StoppedBy(guard.stopped_by)]


def _people(count: int) -> str:
    return "One visitor was" if count == 1 else f"{count:,} visitors were"


def _stopped_by(guard: Guard, preview: Preview) -> StoppedBy | None:
    if preview.found > guard.most:
        return StoppedBy.TOO_MANY
    if guard.outside:
        return StoppedBy.PATTERN
    matched = _pending(guard).filter(everybody=False).values("digest").distinct().count()
    if not matched or guard.share >= WHOLE:
        return None
    if not guard.visitors:
        return StoppedBy.UNKNOWN
    return StoppedBy.SHARE if matched * 100 > guard.share * guard.visitors else None


def _pending(guard: Guard) -> QuerySet[Target]:
    return guard.request.targets.filter(outcome=Outcome.PENDING).order_by()


def _record_stop(guard: Guard, preview: Preview) -> None:
    ledger.record(
        Event.GUARD_STOPPED,
        chain=guard.request.chain,
        actor=ledger.SYSTEM,
        rule=guard.rule,
        why=StoppedBy(guard.stopped_by).label,
        found=preview.found,
        most=guard.most,
        share=guard.share,
        visitors=guard.visitors,
        outside=guard.outside,
    )


def _record_dry_run(guard: Guard, preview: Preview) -> None:
    ledger.record(
        Event.DRY_RUN_ENDED,
        chain=guard.request.chain,
        actor=ledger.SYSTEM,
        rule=guard.rule,
        version=guard.version,
        found=preview.found,
    )


@transaction.atomic
def end_before_sending(request: Request, *, why: str) -> None:
    """A run has ended by itself, nothing was sent for it, and it says why."""
    vault = correspondence_vault(request)
    move(
        request,
        State.CANCELLED,
        actor=ledger.SYSTEM,
        changes={"closed_at": clock.now(), "sealed_end_reason": vault.seal(why, purpose="reason")},
        reason=vault.commit("reason", why).hex(),
    )
    cancel_targets(request, why=why)


# -- Before each call ----------------------------------------------------------------------------------------


def outside_guard(request: Request, names: Mapping[int, str]) -> set[int]:
    """Which of these targets, by their keys and ids, no call may name; an empty id stands for everybody."""
    guard = guard_of(request)
    if guard is None:
        return set()
    if guard.dry_run or guard.stopped_by:
        return set(names)
    return {pk for pk, name in names.items() if name and not matches(guard.pattern, name)}

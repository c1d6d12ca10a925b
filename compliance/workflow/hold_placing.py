"""Placing a hold, reviewing it, lifting it: legal's verbs. A lift sends nothing by itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, crypto, keyring
from compliance.core.errors import Refused
from compliance.people.access import Act, can
from compliance.people.models import Person
from compliance.people.roles import Role

from .attention import raise_attention
from .errors import NotThisPerson, StateChanged
from .hold_matching import pass_on
from .hold_things import MOST_HELD, Named
from .models import Attention, HeldThing, Hold, Request, Target
from .screening import screen_anew
from .sealing import opened_id, targets_vault
from .states import ENDED_EARLY, HeldKind, TargetKind
from .suspending import end_suspensions, forget_suspended, may_end, record_wanted, vault_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from compliance.subscriptions.models import Subscription

    from .hold_reasons import HoldReason
    from .sealing import Vault

#: Whoever names a later day than that has mistyped it: a hold that nobody looks at is forgotten.
LONGEST_REVIEW = dt.timedelta(days=366)
HELD_AS = {TargetKind.VISITOR: HeldKind.VISITOR, TargetKind.ACCOUNT: HeldKind.ACCOUNT}


@dataclass(frozen=True)
class HoldTerms:
    """Why something is held, who looks after it, and where. No subscriptions: all, those to come as well.

    `suspends`: Do Not Process is set meanwhile for the visitors whom it keeps back.
    """

    reason: HoldReason
    matter: str = field(repr=False)
    owner: Person
    review_on: dt.date
    subscriptions: Collection[Subscription] = ()
    suspends: bool = False


@transaction.atomic
def place_hold(*, terms: HoldTerms, things: Sequence[Named], by: Person, on: Request | None = None) -> Hold:
    """Nothing that the hold names is sent to be acted on, from the next call on. Raises `Refused`.

    Previews that wait for an approval are compared with it in the background, and counted anew.
    """
    _refuse_stranger(by)
    _refuse_bad_terms(terms)
    named = list(dict.fromkeys((each.kind, each.value) for each in things))
    if not 0 < len(named) <= MOST_HELD:
        raise Refused(f"One hold names 1 to {MOST_HELD:,} things; these are {len(named):,}.")
    data_key = crypto.new_data_key()
    hold = Hold(
        reason=terms.reason,
        data_key=keyring.wrap(data_key),
        everywhere=not terms.subscriptions,
        count=len(named),
        kinds=sorted({kind.value for kind, _ in named}),
        suspends=terms.suspends,
        request=on,
        owner=terms.owner,
        review_on=terms.review_on,
        placed_by=by,
    )
    vault = vault_of(hold)
    hold.sealed_matter = vault.seal(terms.matter.strip(), purpose="matter")
    hold.save()
    hold.subscriptions.set(terms.subscriptions)
    HeldThing.objects.bulk_create(
        (_thing(hold, vault, kind, value) for kind, value in named), ignore_conflicts=True, batch_size=500
    )
    screen_anew()
    _record_placed(hold, terms, vault.commit("matter", terms.matter.strip()), named, by)
    if hold.suspends:
        record_wanted(hold, by)
    return hold


@transaction.atomic
def place_hold_on_request(*, request: Request, terms: HoldTerms, by: Person) -> Hold:
    """As `place_hold`, on the visitors and accounts that the request has as its targets. Raises `Refused`."""
    _refuse_stranger(by)
    request = Request.objects.select_for_update().get(pk=request.pk)
    targets = request.targets.filter(everybody=False).order_by("pk")
    if targets[: MOST_HELD + 1].count() > MOST_HELD:
        raise Refused(
            f"This request has more than {MOST_HELD:,} targets. Place the hold by e-mail domain or account "
            "instead, or pause the request meanwhile."
        )
    vault = targets_vault(request)
    rows = targets.values_list("kind", "sealed_id")
    things = [
        Named(HELD_AS.get(TargetKind(kind), HeldKind.VISITOR), opened_id(vault, sealed))
        for kind, sealed in rows
    ]
    if not things:
        raise Refused("This request has no targets yet. Wait for its preview, or place the hold by itself.")
    return place_hold(terms=terms, things=things, by=by, on=request)


@transaction.atomic
def review_hold(*, hold: Hold, owner: Person, review_on: dt.date, by: Person) -> None:
    """The hold stands, and this person is reminded to look at it again by this day. Raises `Refused`."""
    _refuse_stranger(by)
    _refuse_bad_review(owner, review_on)
    hold = _standing(hold)
    hold.owner, hold.review_on = owner, review_on
    hold.save(update_fields=["owner", "review_on"])
    ledger.record(
        Event.HOLD_REVIEWED,
        chain=hold.reference,
        actor=by.reference,
        owner=owner.reference,
        review_on=ledger.as_fact(review_on),
    )


@transaction.atomic
def lift_hold(*, hold: Hold, reason: str, by: Person, leave_suspended: bool = False) -> None:
    """The hold keeps nothing back any more, and what it named can't be read. Raises `Refused`.

    Nothing is deleted for it: a person is told for each request of which it had kept something back, and
    looks again at it, with a new preview and new approvals. Do Not Process is lifted where it was set because
    of the hold, unless it is to be left for an erasure that goes on.
    """
    _refuse_stranger(by)
    if not reason.strip():
        raise Refused("Say why it is lifted: the data may be deleted from now on.")
    requests = _locked_requests([hold])
    hold = _standing(hold)
    if may_end(hold):
        end_suspensions(hold=hold, by=by, leave=leave_suspended)
    hold.lifted_by, hold.lifted_at = by, clock.now()
    hold.sealed_lift_reason = vault_of(hold).seal(reason.strip(), purpose="reason")
    hold.save(update_fields=["lifted_by", "lifted_at", "sealed_lift_reason"])
    hold.things.update(sealed_value=None)
    forget_suspended(hold)
    for request in requests:
        pass_on(request, hold)
    ledger.record(
        Event.HOLD_LIFTED,
        chain=hold.reference,
        actor=by.reference,
        targets=hold.targets.count(),
        requests=hold.targets.values("request").distinct().count(),
        why=vault_of(hold).commit("reason", reason.strip()).hex(),
    )
    for request in requests:
        _tell(request, hold)


@transaction.atomic
def lift_holds_on_request(
    *, request: Request, reason: str, by: Person, leave_suspended: bool = False
) -> None:
    """Every hold that was placed on this request is lifted; others that reach it stand. Raises `Refused`."""
    _refuse_stranger(by)
    standing = list(Hold.objects.standing().filter(request=request).order_by("pk"))
    if not standing:
        raise StateChanged("No hold stands that was placed on this request. Others are lifted by themselves.")
    _locked_requests(standing)
    for hold in standing:
        lift_hold(hold=hold, reason=reason, by=by, leave_suspended=leave_suspended)


def matter_of(hold: Hold) -> str:
    """What it is about. For legal's eyes only."""
    return vault_of(hold).open(hold.sealed_matter, purpose="matter")


def lift_reason_of(hold: Hold) -> str:
    """Why it was lifted; empty while it stands. For legal's eyes only."""
    return vault_of(hold).open(hold.sealed_lift_reason, purpose="reason") if hold.sealed_lift_reason else ""


def _thing(hold: Hold, vault: Vault, kind: HeldKind, value: str) -> HeldThing:
    digest = keyring.lookup_digest(kind, value)
    sealed = vault.seal(value, purpose="held")
    return HeldThing(
        hold=hold, kind=kind, digest=digest.value, digest_key=digest.key_number, sealed_value=sealed
    )


def _record_placed(
    hold: Hold, terms: HoldTerms, matter: bytes, named: Sequence[tuple[HeldKind, str]], by: Person
) -> None:
    vault = vault_of(hold)
    ledger.record(
        Event.HOLD_PLACED,
        chain=hold.reference,
        actor=by.reference,
        reason=hold.reason,
        count=hold.count,
        kinds=", ".join(hold.kinds),
        subscriptions=", ".join(sorted(each.name for each in terms.subscriptions)) or "all subscriptions",
        owner=hold.owner.reference,
        review_on=ledger.as_fact(hold.review_on),
        matter=matter.hex(),
        digest=crypto.set_digest((vault.commit(kind, value) for kind, value in named), action="hold"),
    )
    if hold.request:
        ledger.record(
            Event.HOLD_PLACED_ON_REQUEST,
            chain=hold.request.chain,
            actor=by.reference,
            hold=hold.reference,
            reason=hold.reason,
        )


def _locked_requests(holds: Collection[Hold]) -> list[Request]:
    """The requests of which one of the holds keeps something back, or kept, locked.

    All of them in their order, and before any hold, as everywhere: the engine locks several, too, and two who
    take them in different orders could wait for each other.
    """
    keys = (
        Target.objects.filter(held_by__in=holds)
        .order_by("request")
        .values_list("request", flat=True)
        .distinct()
    )
    return list(Request.objects.select_for_update().filter(pk__in=list(keys)).order_by("pk"))


def _tell(request: Request, hold: Hold) -> None:
    """Whoever works on the request finds out that it may go on."""
    if request.state in ENDED_EARLY:
        return
    for subscription in request.subscriptions.order_by("pk"):
        if hold.targets.filter(request=request, subscription=subscription).exists():
            raise_attention(request=request, subscription=subscription, reason=Attention.Reason.HOLD_LIFTED)


def _standing(hold: Hold) -> Hold:
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if not hold.stands:
        raise StateChanged("Somebody has lifted this hold already. Reload the page.")
    return hold


def _refuse_stranger(by: Person) -> None:
    if not can(Person.objects.get(pk=by.pk), Act.HOLD):
        raise NotThisPerson("Only legal places, reviews and lifts holds.")


def _refuse_bad_terms(terms: HoldTerms) -> None:
    if not terms.matter.strip():
        raise Refused("Name the matter, so that whoever reviews the hold knows what it is about.")
    _refuse_bad_review(terms.owner, terms.review_on)


def _refuse_bad_review(owner: Person, review_on: dt.date) -> None:
    if not owner.is_active or Role.LEGAL not in owner.roles:
        raise Refused("The owner looks after the hold, so has to hold the role Legal.")
    if review_on <= clock.today():
        raise Refused("The day of the review lies in the future.")
    if review_on - clock.today() > LONGEST_REVIEW:
        raise Refused("Review it within a year: a hold that nobody looks at is never lifted.")

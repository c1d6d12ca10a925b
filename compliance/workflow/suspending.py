"""Do Not Process while a hold lasts: legal's word for it, and the one door for what became of it.

Pendo goes on collecting about whoever is held. Where that isn't wanted, legal has Do Not Process set for
the visitors whom a hold keeps back, and for nobody else; what Pendo has stays as it is. It is lifted with
the hold, unless the erasure goes on, for which Pendo sets it anyway. `execution.suspending` makes the calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Exists, OuterRef

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, crypto
from compliance.people.access import Act, can
from compliance.people.models import Person

from .errors import IllegalMove, NotThisPerson, StateChanged
from .models import Erased, Hold, Suspension, Target
from .sealing import Vault, opened_id, targets_vault
from .states import ErasedKind, Outcome, TargetKind
from .states import SuspensionState as State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import QuerySet

    from .models import Request

LEGAL: frozenset[tuple[State, State]] = frozenset(
    {
        (State.WANTED, State.SET),
        (State.WANTED, State.SET_BEFORE),
        (State.WANTED, State.UNKNOWN),
        (State.WANTED, State.NOT_SET),
        (State.TO_LIFT, State.LIFTED),
        (State.TO_LIFT, State.UNKNOWN),
        (State.TO_LIFT, State.NOT_LIFTED),
        # The erasure goes on, or another hold wants it set.
        (State.TO_LIFT, State.LEFT),
        # Legal ends it, or leaves it for the erasure. Of a call without an answer nobody knows what it did.
        (State.WANTED, State.NEVER_SENT),
        (State.WANTED, State.TO_LIFT),
        (State.WANTED, State.LEFT),
        (State.SET, State.TO_LIFT),
        (State.SET, State.LEFT),
        (State.LEFT, State.TO_LIFT),
        (State.NOT_LIFTED, State.TO_LIFT),
        # Legal wants it after all.
        (State.NEVER_SENT, State.WANTED),
        (State.NOT_SET, State.WANTED),
        (State.LIFTED, State.WANTED),
        (State.TO_LIFT, State.WANTED),
        (State.NOT_LIFTED, State.SET),
        (State.LEFT, State.SET),
    }
)
#: What becomes of each when it is wanted after all.
WANTED_AGAIN = {
    State.NEVER_SENT: State.WANTED,
    State.NOT_SET: State.WANTED,
    State.LIFTED: State.WANTED,
    State.TO_LIFT: State.WANTED,
    State.NOT_LIFTED: State.SET,
    State.LEFT: State.SET,
}
#: Somebody may still want it lifted; of all others, who it was is forgotten once the hold is lifted.
LIFTABLE = (State.LEFT, State.NOT_LIFTED)
#: It is set because of a hold, as far as anybody knows.
SET_BY_US = (State.SET, State.TO_LIFT, *LIFTABLE)
#: Of these a call is due.
TO_SEND = (State.WANTED, State.TO_LIFT)
#: What has one of these is being erased, or is erased: there Pendo itself has set Do Not Process.
ORDERED = (Outcome.UNCERTAIN, Outcome.ACCEPTED, Outcome.PRESENT, Outcome.ERASED)
#: Made in one go.
A_SLICE = 2_000
ACTION, PURPOSE = "do not process", "suspended"


@transaction.atomic
def suspend_processing(*, hold: Hold, by: Person) -> None:
    """Do Not Process is to be set for each visitor whom the hold keeps back, or comes to keep back.

    Raises `Refused` for a hold that is lifted, and where it is wanted already.
    """
    hold = _locked(hold, by)
    if not hold.stands:
        raise StateChanged("Somebody has lifted this hold already. Reload the page.")
    if hold.suspends:
        raise StateChanged("Do Not Process is being set for this hold already. Reload the page.")
    hold.suspends = True
    hold.save(update_fields=["suspends"])
    record_wanted(hold, by)
    for old, new in WANTED_AGAIN.items():
        settle_suspensions(hold.suspensions.filter(state=old), hold=hold, new=new, why="wanted after all")


def record_wanted(hold: Hold, by: Person) -> None:
    """The ledger says by whose word Do Not Process is set."""
    count = held_visitors(hold).count()
    ledger.record(Event.HOLD_SUSPENDS, chain=hold.reference, actor=by.reference, count=count)


@transaction.atomic
def end_suspensions(*, hold: Hold, by: Person, leave: bool = False) -> None:
    """Do Not Process is set for nobody else because of the hold; where it was, it is to be lifted.

    With `leave`, it stays set, for the erasure goes on; called again, this lifts what was left so. Raises
    `Refused` where nothing is set because of the hold.
    """
    hold = _locked(hold, by)
    if not may_end(hold):
        raise StateChanged("Nothing is set because of this hold. Reload the page.")
    hold.suspends = False
    hold.save(update_fields=["suspends"])
    never_sent = hold.suspensions.filter(state=State.WANTED, sent_at__isnull=True)
    settle_suspensions(never_sent, hold=hold, new=State.NEVER_SENT, why="ended by legal")
    left = (State.WANTED, State.SET) if leave else (State.WANTED, State.SET, *LIFTABLE)
    may_be_set = hold.suspensions.filter(state__in=left)
    ledger.record(
        Event.HOLD_SUSPENDS_NO_MORE,
        chain=hold.reference,
        actor=by.reference,
        fate="left as it is, for the erasure goes on" if leave else "lifted",
        count=may_be_set.count(),
    )
    new, why = (State.LEFT, "the erasure goes on") if leave else (State.TO_LIFT, "ended by legal")
    settle_suspensions(may_be_set, hold=hold, new=new, why=why)


def may_end(hold: Hold) -> bool:
    """Whether anything is set because of the hold, or may come to be, that could be lifted."""
    return hold.suspends or hold.suspensions.filter(state__in=LIFTABLE).exists()


def open_suspensions() -> None:
    """Whoever is kept back by a hold that suspends, and has come to it since, stands to be suspended, too."""
    for hold in Hold.objects.standing().filter(suspends=True).order_by("pk"):
        if _new_to(hold).exists():
            _open_some(hold.pk)


@transaction.atomic
def _open_some(hold_id: int) -> None:
    hold = Hold.objects.select_for_update().get(pk=hold_id)
    if not (hold.stands and hold.suspends):
        return
    vault, vaults = vault_of(hold), dict[int, Vault]()
    rows = []
    for target in _new_to(hold).select_related("request", "subscription").order_by("pk")[:A_SLICE]:
        of_request = vaults.setdefault(target.request_id, targets_vault(target.request))
        name = opened_id(of_request, target.sealed_id)
        rows.append(
            Suspension(
                hold=hold,
                subscription=target.subscription,
                digest=target.digest,
                digest_key=target.digest_key,
                sealed_id=vault.seal(name, purpose=PURPOSE),
                commitment=vault.commit(target.subscription.reference, TargetKind.VISITOR, name),
            )
        )
    # Several requests may have the same visitor as their target.
    Suspension.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def settle_suspensions(
    suspensions: Iterable[Suspension], *, hold: Hold, new: State, why: str, old: State | None = None
) -> None:
    """What became of these is `new`, and the ledger says so; with `old`, of those that are still at it.

    Whatever was moved meanwhile stays as it is. Call it with the hold locked. Raises `IllegalMove` for a
    change that isn't legal.
    """
    alike: dict[tuple[State, int], list[int]] = {}
    for each in suspensions:
        alike.setdefault((old or State(each.state), each.subscription_id), []).append(each.pk)
    for (before, _), keys in alike.items():
        _move(hold, before, new, keys, why)


def _move(hold: Hold, old: State, new: State, keys: Collection[int], why: str) -> None:
    if (old, new) not in LEGAL:
        raise IllegalMove(f"{old} -> {new}")
    moved = list(
        Suspension.objects.filter(pk__in=keys, state=old)
        .order_by("pk")
        .values_list("pk", "commitment", "subscription__name")
    )
    if not moved:
        return
    rows = Suspension.objects.filter(pk__in=[pk for pk, *_ in moved])
    rows.update(state=new, tries=0, due_at=clock.now())
    if old is State.LIFTED:
        rows.update(sent_at=None)
    if not hold.stands and new not in {State.TO_LIFT, *LIFTABLE}:
        rows.update(sealed_id=None)
    ledger.record(
        Event.SUSPENSIONS_SETTLED,
        chain=hold.reference,
        actor=ledger.SYSTEM,
        count=len(moved),
        subscription=moved[0][2],
        old=old.label.lower(),
        new=new.label.lower(),
        why=why,
        digest=crypto.set_digest((bytes(commitment) for _, commitment, _ in moved), action=ACTION),
    )


def forget_suspended(hold: Hold) -> None:
    """Of nobody for whom nothing is left to lift it is known who they were. Call it as the hold is lifted."""
    hold.suspensions.exclude(state__in=(State.TO_LIFT, *LIFTABLE)).update(sealed_id=None)


def forget_erased() -> None:
    """Whoever was left set for an erasure that is done can't be read any more, either."""
    erased = Erased.objects.filter(
        kind=ErasedKind.VISITOR,
        returned_at=None,
        subscription=OuterRef("subscription"),
        digest=OuterRef("digest"),
    )
    left = Suspension.objects.filter(Exists(erased), state=State.LEFT, sealed_id__isnull=False)
    left.filter(hold__lifted_at__isnull=False).update(sealed_id=None)


# -- Reads ---------------------------------------------------------------------------------------------------


def held_visitors(hold: Hold) -> QuerySet[Target]:
    """The visitors whom the hold keeps back."""
    return hold.targets.filter(outcome=Outcome.HELD, kind=TargetKind.VISITOR)


def kept_back(suspensions: QuerySet[Suspension]) -> QuerySet[Suspension]:
    """Those of them whom their hold keeps back, and wants to be suspended, at this moment."""
    held = Target.objects.filter(
        held_by=OuterRef("hold"),
        subscription=OuterRef("subscription"),
        digest=OuterRef("digest"),
        outcome=Outcome.HELD,
        kind=TargetKind.VISITOR,
    )
    return suspensions.filter(Exists(held), hold__suspends=True, hold__lifted_at__isnull=True)


def visitor_of(vault: Vault, suspension: Suspension) -> str:
    """Whom it is about. Only while that is kept."""
    assert suspension.sealed_id  # noqa: S101 -- what is to be sent has it
    return vault.open(suspension.sealed_id, purpose=PURPOSE)


def vault_of(hold: Hold) -> Vault:
    """The vault for what is personal in a hold."""
    return Vault(hold.data_key)


def is_set_by_another(suspension: Suspension, digests: Collection[bytes]) -> bool:
    """Whether it is another hold for which Do Not Process was set for the visitor with these digests."""
    same = Suspension.objects.filter(digest__in=digests, subscription=suspension.subscription_id)
    return same.filter(state__in=SET_BY_US).exclude(hold=suspension.hold_id).exists()


def is_wanted_by_another(suspension: Suspension, digests: Collection[bytes]) -> bool:
    """Whether another hold, that stands, keeps the visitor back and wants Do Not Process set."""
    others = Hold.objects.standing().filter(suspends=True).exclude(pk=suspension.hold_id)
    same = Target.objects.filter(digest__in=digests, subscription=suspension.subscription_id)
    return same.filter(kind=TargetKind.VISITOR, outcome=Outcome.HELD, held_by__in=others).exists()


def is_being_erased(suspension: Suspension, digests: Collection[bytes]) -> bool:
    """Whether the visitor's erasure goes on, or was done: then Do Not Process belongs to that."""
    here = {"digest__in": digests, "subscription": suspension.subscription_id}
    erased = Erased.objects.filter(kind=ErasedKind.VISITOR, returned_at=None, **here)
    ordered = Target.objects.filter(kind=TargetKind.VISITOR, outcome__in=ORDERED, **here)
    return erased.exists() or ordered.exists()


def suspension_counts(hold: Hold, request: Request | None = None) -> list[tuple[State, int]]:
    """How many visitors are in each state because of the hold; with a request, those among its targets."""
    rows = hold.suspensions.all()
    if request:
        same = request.targets.filter(subscription=OuterRef("subscription"), digest=OuterRef("digest"))
        rows = rows.filter(Exists(same.filter(kind=TargetKind.VISITOR, held_by=hold)))
    counts = dict(rows.values_list("state").annotate(count=Count("pk")).order_by("state"))
    return [(state, counts[state]) for state in State if state in counts]


def _new_to(hold: Hold) -> QuerySet[Target]:
    known = Suspension.objects.filter(
        hold=hold, subscription=OuterRef("subscription"), digest=OuterRef("digest")
    )
    return held_visitors(hold).filter(~Exists(known))


def _locked(hold: Hold, by: Person) -> Hold:
    if not can(Person.objects.get(pk=by.pk), Act.HOLD):
        raise NotThisPerson("Only legal has Do Not Process set or lifted because of a hold.")
    return Hold.objects.select_for_update().get(pk=hold.pk)

"""What Pendo has of a batch, as far as it can be told by asking.

It shows in two places: the open deletion requests (where they name ids), and the Do-Not-Process list, which
ids join at the moment a deletion is requested (Pendo support 13857784403611); `marks` reads it before. And we
know our own queue.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compliance.connectors.answers import Verdict
from compliance.workflow.models import Target
from compliance.workflow.sealing import details_of, target_id, targets_vault

from .guard import UNANSWERED, Trouble, usable
from .meaning import BULK_DELETE, Meaning
from .models import RECORDS, Batch, BatchKind, BatchState
from .planning import targets_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from compliance.connectors.pendo import Deletion, Pendo
    from compliance.workflow.sealing import Vault


@dataclass(frozen=True)
class OpenDeletions:
    """Pendo's deletion requests that aren't completed; not `read` if it gave no list that can be read.

    `trouble` is where it gave nothing at all.
    """

    deletions: list[Deletion] = field(repr=False)
    read: bool
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Knowledge:
    """What Pendo has of a batch: the targets it has queued, the open deletion requests that name some."""

    queued: list[Target] = field(repr=False)
    others: list[Target] = field(repr=False)
    deletions: list[Deletion] = field(repr=False)
    #: Whether Pendo's lists could be read to their end.
    read: bool
    #: Whether the others' not being on the lists says that Pendo doesn't have them.
    conclusive: bool


def read_open_deletions(pendo: Pendo) -> OpenDeletions:
    """The open deletion requests. Raises `Trouble` where Pendo wants to be asked later."""
    answer, deletions = pendo.open_deletions()
    if answer.verdict in UNANSWERED:
        return OpenDeletions([], read=False, trouble=Trouble(answer))
    return OpenDeletions(deletions, read=usable(answer))


def knowledge_of(batch: Batch, open_ones: OpenDeletions) -> Knowledge:
    """What Pendo has of the batch, whose reading of the Do-Not-Process list has ended."""
    vault = targets_vault(batch.request)
    targets = {target_id(vault, target): target for target in targets_of(batch)}
    record = RECORDS[BatchKind(batch.kind)]
    naming = [deletion for deletion in open_ones.deletions if deletion.ids(record) & targets.keys()]
    named = {name for deletion in naming for name in deletion.ids(record) & targets.keys()}
    telling = _telling(batch, vault, targets)
    # Refused alone, with an id that is on the list: Pendo documents one cause, that it is queued already.
    listed = set(targets) if _refused_alone(batch, targets) else telling
    marked = listed & _marked(batch, targets)
    own = _digests_elsewhere(batch, targets.values(), batch_state=BatchState.ACCEPTED)
    shown = named | marked
    has = {name for name, each in targets.items() if name in shown or bytes(each.digest) in own}
    read = open_ones.read and batch.reading is not None and batch.reading.whole
    return Knowledge(
        queued=[targets[name] for name in targets if name in has],
        others=[targets[name] for name in targets if name not in has],
        deletions=naming,
        read=read,
        # Some shown and some not is a call half arrived, or not arrived and others': who knows.
        conclusive=read and not shown and telling >= targets.keys() - has,
    )


def last_meaning(batch: Batch) -> Meaning:
    """What the last answer to the batch meant. One without any may have been sent, as far as we know.

    Another process may be sending it again just now.
    """
    answered = batch.calls.filter(answered_at__isnull=False)
    last = answered.order_by("-pk").values_list("verdict", flat=True).first()
    return BULK_DELETE[Verdict(last)] if last else Meaning.ASK_WHETHER


def _refused_alone(batch: Batch, targets: Collection[str]) -> bool:
    return len(targets) == 1 and last_meaning(batch) is Meaning.ASK_WHICH


def _telling(batch: Batch, vault: Vault, targets: dict[str, Target]) -> set[str]:
    """Those who weren't on the Do-Not-Process list before this call: only of them does it mean something."""
    if batch.resent:
        return set()
    # Whether a look-up shows the mark is not documented, but what was accepted from us before, bears it.
    ours = _digests_elsewhere(batch, targets.values(), batch_state=None)
    return {
        name
        for name, target in _with_details(targets).items()
        if bytes(target.digest) not in ours and not details_of(vault, target).get("do_not_process")
    }


def _with_details(targets: dict[str, Target]) -> dict[str, Target]:
    """The same targets, with what the preview saw of them."""
    full = Target.objects.in_bulk([target.pk for target in targets.values()])
    return {name: full[target.pk] for name, target in targets.items()}


def _digests_elsewhere(
    batch: Batch, targets: Iterable[Target], *, batch_state: BatchState | None
) -> set[bytes]:
    """The digests of those targets that another batch of ours, accepted (and in this state), holds, too."""
    accepted = Batch.objects.filter(subscription=batch.subscription, accepted_at__isnull=False)
    if batch_state:
        accepted = accepted.filter(state=batch_state)
    digests = [bytes(target.digest) for target in targets]
    elsewhere = Target.objects.filter(
        subscription=batch.subscription, digest__in=digests, sendings__batch__in=accepted.exclude(pk=batch.pk)
    )
    return {bytes(digest) for digest in elsewhere.values_list("digest", flat=True)}


def _marked(batch: Batch, targets: dict[str, Target]) -> set[str]:
    """Those whom the batch's reading has shown on the Do-Not-Process list."""
    marked = set(batch.sendings.filter(marked=True).values_list("target", flat=True))
    return {name for name, target in targets.items() if target.pk in marked}

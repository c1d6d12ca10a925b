"""Is this the subscription we mean? A valid key of another one answers "not found" to everything.

A subscription is recognised by control visitors, known to exist, and by its guides. Both are taken down when
the first key is entered, and compared whenever an absence is to count or another key is entered.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.connectors.answers import Verdict
from compliance.core import crypto, keyring

from .models import Control, KnownGuide, Subscription

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from compliance.connectors.answers import Answer
    from compliance.connectors.pendo import Lookup, Pendo

CONTROLS = 8
#: With fewer left than this, others are chosen while the subscription can still be recognised.
FEWEST_CONTROLS = 4
#: Candidates asked for, half from each end of the list, so that visitors being erased can be left out.
CANDIDATES = 400
CONTROL_PURPOSE = "control visitor"


@dataclass(frozen=True)
class Features:
    """What a subscription is recognised by, as just read from it; visitors in the order of their ids."""

    visitors: list[str]
    guides: list[str]


@dataclass(frozen=True)
class ControlsSeen:
    """How many control visitors were asked for and seen; `trouble` is the answer that stopped the count."""

    asked: int
    seen: int
    trouble: Answer | None = None

    @property
    def enough(self) -> bool:
        """Whether an absence in the same pass counts: more than half of at least one control were seen."""
        return self.trouble is None and self.seen * 2 > self.asked


def read_features(pendo: Pendo) -> Features | Answer:
    """Visitors and guides of whatever subscription answers, or the answer that prevented it."""
    answer, first = pendo.some_visitors(CANDIDATES // 2)
    if not answer.ok:
        return answer
    answer, last = pendo.some_visitors(CANDIDATES // 2, from_the_end=True)
    if not answer.ok:
        return answer
    answer, guides = pendo.guide_ids()
    return Features(list(dict.fromkeys([*first, *reversed(last)])), guides) if answer.ok else answer


def see_controls(
    pendo: Pendo, subscription: Subscription, *, leave_out: Collection[bytes] = ()
) -> ControlsSeen:
    """Look for control visitors until more than half are seen; those in `leave_out` (digests) don't count.

    The first one alone: where Pendo doesn't answer, it isn't asked further. Then as many as it takes at the
    same time: a pass of look-ups does so twice, and where every answer takes seconds it would otherwise
    outlast its task.
    """
    ids = list(control_ids(subscription, leave_out=leave_out))
    enough = len(ids) // 2 + 1
    seen = 0
    for some in filter(None, (ids[:1], ids[1:enough], ids[enough:])):
        with ThreadPoolExecutor(len(some)) as threads:
            lookups = list(threads.map(pendo.visitor, some))
        seen += sum(lookup.visitor is not None for lookup in lookups)
        if seen >= enough:
            break
        if trouble := next(filter(None, map(_trouble_of, lookups)), None):
            return ControlsSeen(len(ids), seen, trouble)
    return ControlsSeen(len(ids), seen)


def _trouble_of(lookup: Lookup) -> Answer | None:
    """The answer, where it is no knowledge about the visitor."""
    known = lookup.visitor is not None or lookup.answer.verdict is Verdict.NOT_FOUND
    return None if known else lookup.answer


def control_ids(subscription: Subscription, *, leave_out: Collection[bytes] = ()) -> dict[str, Control]:
    """The control visitors by their ids, but for those in `leave_out` (digests)."""
    data_key = subscription.unwrapped_key()
    return {
        crypto.open_sealed(data_key, bytes(control.sealed_id), purpose=CONTROL_PURPOSE).decode(): control
        for control in subscription.controls.order_by("pk")
        if bytes(control.digest) not in leave_out
    }


def matching_guides(subscription: Subscription, guides: Iterable[str]) -> int:
    """How many of the known guides are among those given."""
    digests = {digest.value for guide in guides for digest in keyring.lookup_digests("guide", guide)}
    return sum(bytes(known.digest) in digests for known in subscription.known_guides.all())


def guides_match(subscription: Subscription, guides: Collection[str]) -> bool:
    """Whether at least half of the known guides are there; never, where none is known."""
    known = subscription.known_guides.count()
    return known > 0 and matching_guides(subscription, guides) * 2 >= known


@transaction.atomic
def take_down(subscription: Subscription, features: Features, *, leave_out: Collection[bytes] = ()) -> int:
    """The subscription is recognised by these guides and by up to eight of these visitors; returns how many.

    `leave_out` holds lookup digests of visitors who are to be erased.
    """
    subscription.known_guides.all().delete()
    digests = {keyring.lookup_digest("guide", guide).value for guide in features.guides}
    KnownGuide.objects.bulk_create(KnownGuide(subscription=subscription, digest=digest) for digest in digests)
    return _choose_controls(subscription, features.visitors, leave_out)


def _choose_controls(
    subscription: Subscription, visitors: Iterable[str], leave_out: Collection[bytes]
) -> int:
    candidates = {keyring.lookup_digest("visitor", visitor_id).value: visitor_id for visitor_id in visitors}
    chosen = _from_both_ends(list(candidates), frozenset(leave_out))
    if not chosen:
        return 0
    data_key = subscription.unwrapped_key()
    subscription.controls.all().delete()
    Control.objects.bulk_create(
        Control(
            subscription=subscription,
            sealed_id=crypto.seal(data_key, candidates[digest].encode(), purpose=CONTROL_PURPOSE),
            digest=digest,
        )
        for digest in chosen
    )
    return len(chosen)


def _from_both_ends(digests: Sequence[bytes], leave_out: Collection[bytes]) -> list[bytes]:
    """Up to eight, half of them from each half, or more from one where the other has too few.

    In the order of their digests, which is chance: the first that Pendo names may all leave together. Only
    the last one is always among them: it is missing from a list that was cut short, wherever that was.
    """
    middle = len(digests) // 2
    near, far = (
        [digest for digest in half if digest not in leave_out]
        for half in (digests[:middle], digests[middle:])
    )
    by_turns = zip_longest([*far[-1:], *sorted(far[:-1])], sorted(near))
    return [digest for digest in chain.from_iterable(by_turns) if digest is not None][:CONTROLS]


@transaction.atomic
def renew_controls(subscription: Subscription, features: Features, *, leave_out: Collection[bytes]) -> int:
    """Other control visitors, and the guides of today, are taken down; returns how many visitors.

    Only for a subscription that was recognised, by its control visitors or its guides.
    """
    # As in `keys.keep`: one after the other, whichever lanes and people renew at the same moment.
    Subscription.objects.select_for_update().get(pk=subscription.pk)
    known, matching = subscription.known_guides.count(), matching_guides(subscription, features.guides)
    chosen = take_down(subscription, features, leave_out=leave_out)
    ledger.record(
        Event.CONTROLS_CHOSEN,
        chain=subscription.reference,
        actor=ledger.SYSTEM,
        controls=chosen,
        guides=known,
        matching=matching,
    )
    return chosen

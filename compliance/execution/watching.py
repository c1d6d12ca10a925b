"""The watch: what was erased and is there again is looked for, page by page, when nothing else waits."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from compliance.connectors.pendo import Account, Visitor
from compliance.subscriptions.recognition import control_ids
from compliance.workflow.scans import MovedOn
from compliance.workflow.states import ErasedKind

from . import passes
from .findings import draw_some, finish
from .guard import recognise, usable
from .models import WatchScope, WatchStep
from .reappearing import account_shown, seen_again, visitor_shown
from .scanning import INCOMPLETE, NOT_RISING, STUCK, Roll, behind, call_the_roll, may_be_cut, rises

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from compliance.connectors.answers import Answer
    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.scans import Place

    from .models import WatchPass

Row = TypeVar("Row", Account, Visitor)


def watch_slice(
    pendo: Pendo,
    subscription: Subscription,
    may_go_on: Callable[[], bool],
    *,
    others_wait: Callable[[], bool],
) -> None:
    """The pass that is due goes on by a page, and by more for as long as nothing else waits.

    Every page lies between two moments at which the subscription was recognised. Raises `Trouble`, `Paused`.
    """
    watch = passes.due_passes(subscription).first()
    if watch and may_go_on():
        recognise(pendo, subscription)
        with suppress(MovedOn):
            _Watching(pendo, watch).go_on(lambda: may_go_on() and not others_wait())


class _Watching:
    """One pass, during one slice."""

    def __init__(self, pendo: Pendo, watch: WatchPass) -> None:
        """The controls are those of now: if they are replaced, the former ones prove nothing any more."""
        self.pendo, self.watch = pendo, watch
        self.subscription = watch.subscription
        self._controls = control_ids(self.subscription)

    def go_on(self, may_go_on: Callable[[], bool]) -> None:
        """Page follows page until the pass has ended, or has to wait, or the slice is over."""
        while True:
            STEPS[WatchStep(self.watch.step)](self)
            watch = passes.due_passes(self.subscription).filter(pk=self.watch.pk).first()
            if watch is None:
                return
            self.watch = watch
            if not may_go_on():
                recognise(self.pendo, self.subscription)
                return

    def read_visitors(self) -> None:
        """The next page of visitors is read, and compared with the register."""
        place = passes.place_of(self.watch)
        answer, page = self.pendo.visitors_page(
            after=place.after,
            limit=place.limit,
            email_field=self.subscription.email_field,
            updated_since=self.watch.since,
        )
        new = self._new(answer, page, place)
        if new:
            controls = [self._controls[each.id].pk for each in new if each.id in self._controls]
            seen = seen_again(self.subscription, ErasedKind.VISITOR, [visitor_shown(each) for each in new])
            passes.keep_page(self.watch, behind(page, place), len(new), controls=controls, seen=seen)
        elif new is not None:
            self._end_visitors()

    def read_accounts(self) -> None:
        """The next page of accounts is read, and compared with the register."""
        place = passes.place_of(self.watch)
        answer, page = self.pendo.accounts_page(
            after=place.after, limit=place.limit, updated_since=self.watch.since
        )
        new = self._new(answer, page, place)
        if new:
            seen = seen_again(self.subscription, ErasedKind.ACCOUNT, [account_shown(each) for each in new])
            passes.keep_page(self.watch, behind(page, place), len(new), controls=(), seen=seen)
        elif new is not None:
            recognise(self.pendo, self.subscription)
            passes.end_step(self.watch)

    def draw(self) -> None:
        """Some of what was seen is written down, or, once nothing is left, the pass has ended."""
        if not draw_some(self.watch):
            finish(self.watch)

    def _end_visitors(self) -> None:
        """The list has ended by itself. It counts if it has shown what is known to exist.

        Of what was updated lately, nobody can say who has to be on it: there the control visitors are
        asked for one by one.
        """
        recognised = recognise(self.pendo, self.subscription)
        if self.watch.scope == WatchScope.UPDATED:
            roll = Roll(recognised.asked, recognised.seen, whole=True)
        else:
            met = self.watch.controls_met.values_list("pk", flat=True)
            roll = call_the_roll(self.pendo, self.subscription, set(met))
        if roll.whole:
            passes.end_step(self.watch, controls=roll.controls, seen=roll.seen)
        else:
            passes.start_anew(self.watch, INCOMPLETE)

    def _new(self, answer: Answer, page: Sequence[Row], place: Place) -> list[Row] | None:
        """The rows that weren't read before, none at the end; or None, where the pass can't go on."""
        if not usable(answer):
            passes.refuse(self.watch)
            return None
        new = [row for row in page if row.id > place.last]
        if not rises(page, place.after):
            passes.start_anew(self.watch, NOT_RISING)
        elif not new and may_be_cut(page, place):
            passes.start_anew(self.watch, STUCK)
        else:
            return new
        return None


STEPS = {
    WatchStep.VISITORS: _Watching.read_visitors,
    WatchStep.ACCOUNTS: _Watching.read_accounts,
    WatchStep.DRAWING: _Watching.draw,
}

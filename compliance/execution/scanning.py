"""Reading everybody in a subscription, page by page, where one look-up for each wouldn't do."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from django.db import transaction

from compliance.connectors.answers import Answer, Verdict
from compliance.connectors.pendo import Account, Visitor
from compliance.connectors.pendo.client import PAGE, quotable
from compliance.subscriptions.recognition import control_ids
from compliance.workflow import scans
from compliance.workflow.kinds import Action, traits_of
from compliance.workflow.matching import Matcher
from compliance.workflow.models import ScanStep
from compliance.workflow.previews import complete_preview, note_trouble
from compliance.workflow.scans import MovedOn, Page, Place
from compliance.workflow.targets import Maker

from .guard import Oddity, controls_going, recognise, usable
from .looking import note_present
from .lookups import MOST_IN_A_PASS, known_applications, known_guides
from .moves import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Scan

Row = TypeVar("Row", Account, Visitor)
#: More records aren't held in memory at a time.
LONGEST_PAGE = 8 * PAGE

ODD = "Pendo gave no usable answer to a part of the scan."
NOT_RISING = "The ids in Pendo's list of visitors or accounts did not rise."
STUCK = "Pendo's list can't be read on, because too many ids in a row hold quotation marks or the like."
INCOMPLETE = "Visitors known to exist were missing from Pendo's list."


def scan_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Due scans go on as long as `may_go_on`, the first by at least a page. Raises `Trouble` or `Paused`.

    Every page lies between two moments at which the subscription was recognised: where it isn't, the guard
    has all its scans begin again.
    """
    while scan := scans.due_scans(subscription).first():
        recognise(pendo, subscription)
        if not scan.restarts:
            note_trouble(subscription, "")
        with suppress(MovedOn):
            _Reading(pendo, scan).go_on(may_go_on)
        if scan.preview_id:
            complete_preview(scan.request, may_go_on)
        if not may_go_on():
            break


class _Reading:
    """One scan, during one slice."""

    def __init__(self, pendo: Pendo, scan: Scan) -> None:
        """The controls are those of now: if they are replaced, the former ones prove nothing any more."""
        self.pendo, self.scan = pendo, scan
        self.subscription = scan.subscription
        self._maker = Maker(scan.request, scan.subscription)
        lists = scan.listings.read().select_related("asked")
        self._matcher = Matcher(scan.request, self._maker.vault, lists)
        resets = traits_of(scan.request.kind).action is Action.RESET
        self._guides = known_guides(pendo) if resets and scan.preview_id else {}
        self._controls = control_ids(self.subscription)
        self._apps = known_applications(pendo) if scan.preview_id else []

    def go_on(self, may_go_on: Callable[[], bool]) -> None:
        """Step follows step until the scan has ended, or has to wait, or the slice is over."""
        while True:
            STEPS[ScanStep(self.scan.step)](self)
            scan = scans.due_scans(self.subscription).filter(pk=self.scan.pk).first()
            if scan is None:
                return
            self.scan = scan
            if not may_go_on():
                recognise(self.pendo, self.subscription)
                return

    def clear(self) -> None:
        """What an earlier scan found is removed."""
        scans.clear(self.scan)

    def look_accounts_up(self) -> None:
        """The next accounts asked, or on the reports asked, are targets, found or not."""
        found = []
        for each in scans.accounts_named(self.scan, MOST_IN_A_PASS):
            lookup = self.pendo.account(each.name)
            if not _told(lookup.answer):
                scans.refuse(self.scan, ODD)
                return
            found.append((each, lookup.account))
        recognise(self.pendo, self.subscription)
        if found:
            scans.keep_accounts(self.scan, found)
        else:
            scans.end_step(self.scan)

    def read_children(self) -> None:
        """The next page of accounts is read: those that name an account asked as their parent are noted."""
        place = scans.place_of(self.scan)
        answer, page = self.pendo.accounts_page(after=place.after, limit=place.limit)
        new = self._new(answer, page, place)
        if new:
            scans.keep_children(self.scan, behind(page, place), len(new), self._matcher.parents(new))
        elif new is not None:
            scans.end_step(self.scan)

    def read_visitors(self) -> None:
        """The next page of visitors is read, and compared."""
        place = scans.place_of(self.scan)
        answer, page = self.pendo.visitors_page(
            after=place.after,
            limit=place.limit,
            email_field=self.subscription.email_field,
            marked=self.scan.marked,
            apps=self._apps,
            fields=self._matcher.fields,
        )
        new = self._new(answer, page, place)
        if new:
            self._keep(new, behind(page, place))
        elif new is not None:
            self._end()

    def _keep(self, new: Sequence[Visitor], place: Place) -> None:
        controls = [self._controls[visitor.id].pk for visitor in new if visitor.id in self._controls]
        if not self.scan.preview_id:
            self._keep_for_confirmation(new, Page(place, len(new), controls))
            return
        matches = self._matcher.visitors(new)
        targets = scans.targets_of(self._maker, matches, self._guides)
        emails = Counter(asked for match in matches for asked in match.emails)
        scans.keep_page(self.scan, Page(place, len(new), controls, targets, emails))

    @transaction.atomic
    def _keep_for_confirmation(self, new: Sequence[Visitor], page: Page) -> None:
        lock([self.scan.request_id])
        note_present(self.scan, [visitor.id for visitor in new])
        scans.keep_page(self.scan, page)

    def _end(self) -> None:
        """The scan has ended by itself. What it didn't show is absent if it showed what is known to exist.

        More than half of the control visitors were on its pages, and those that weren't don't exist any more.
        Those marked Do Not Process are another list, on which nobody is known to stand.
        """
        recognise(self.pendo, self.subscription)
        met = self.scan.controls_seen.values_list("pk", flat=True)
        roll = call_the_roll(self.pendo, self.subscription, set(met))
        if self.scan.marked or roll.whole:
            scans.end_step(self.scan, controls=roll.controls, seen=roll.seen)
        else:
            scans.start_anew(self.scan, INCOMPLETE)

    def _new(self, answer: Answer, page: Sequence[Row], place: Place) -> list[Row] | None:
        """The rows that weren't read before, none at the end; or None, where the scan can't go on."""
        if not usable(answer):
            scans.refuse(self.scan, ODD)
            return None
        new = [row for row in page if row.id > place.last]
        if not rises(page, place.after):
            scans.start_anew(self.scan, NOT_RISING)
        elif not new and may_be_cut(page, place):
            scans.start_anew(self.scan, STUCK)
        else:
            return new
        return None


STEPS = {
    ScanStep.CLEARING: _Reading.clear,
    ScanStep.ACCOUNTS: _Reading.look_accounts_up,
    ScanStep.MEMBERS: _Reading.look_accounts_up,
    ScanStep.CHILDREN: _Reading.read_children,
    ScanStep.VISITORS: _Reading.read_visitors,
}


class Roll(NamedTuple):
    """How many control visitors there are, how many a list has shown, and whether that makes it whole."""

    controls: int
    seen: int
    whole: bool


def call_the_roll(pendo: Pendo, subscription: Subscription, met: Collection[int]) -> Roll:
    """What the control visitors `met` on a list (by their keys) say about it. Raises `Trouble`.

    It is whole where more than half of them were on it, and those that weren't don't exist any more.
    """
    controls = control_ids(subscription, leave_out=controls_going(subscription))
    missed = [visitor_id for visitor_id, control in controls.items() if control.pk not in met]
    seen = len(controls) - len(missed)
    whole = seen * 2 > len(controls) and not any(_exists(pendo, each) for each in missed)
    return Roll(len(controls), seen, whole)


def _exists(pendo: Pendo, visitor_id: str) -> bool:
    lookup = pendo.visitor(visitor_id)
    if not _told(lookup.answer):
        raise Oddity(lookup.answer)
    return lookup.visitor is not None


def rises(page: Sequence[Row], after: str) -> bool:
    """Whether the ids rise strictly, from beyond the one that was asked for on."""
    beyond = not page or not after or page[0].id > after
    return beyond and all(one.id < other.id for one, other in pairwise(page))


def behind(page: Sequence[Row], place: Place) -> Place:
    """Where a page ends. Pendo can be asked on from an id that can be quoted; what follows it is read again.

    Where a page has no such id, the next one is asked for from the same place, and is twice as long.
    """
    after = next((row.id for row in reversed(page) if quotable(row.id)), None)
    if after is None:
        return Place(min(place.limit * 2, LONGEST_PAGE), place.after, page[-1].id)
    return Place(PAGE, after, page[-1].id)


def may_be_cut(page: Sequence[Row], place: Place) -> bool:
    """Whether a page without a new id may yet not be the last: full, or cut by Pendo at its usual length."""
    return len(page) >= place.limit or len(page) == PAGE


def _told(answer: Answer) -> bool:
    """Whether the answer tells of a record, or that there is none. Raises `Trouble` where none came."""
    return answer.verdict is Verdict.NOT_FOUND or usable(answer)

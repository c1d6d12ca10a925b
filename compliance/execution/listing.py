"""Reading who is in a segment or report, for previews, and again before something is sent.

A segment is read page by page with the pipeline operator `segment`. No page of Pendo's says that this does
for one whose rule asks about accounts, a refused page is no knowledge, and pages with nobody or with every
control visitor may come from an operator that was passed over: such segments go by an export job, which is
begun, followed, and whose table is read as it comes. A report has its results, as a table too.
"""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings

from compliance.connectors.answers import Verdict
from compliance.connectors.pendo.client import PAGE
from compliance.core import keyring
from compliance.subscriptions.recognition import control_ids
from compliance.workflow import listings
from compliance.workflow.attention import raise_attention
from compliance.workflow.listings import MOST_MEMBERS, MovedOn
from compliance.workflow.models import Attention, Way
from compliance.workflow.scans import Place
from compliance.workflow.states import AskedKind

from .fruitless import MOST_TRIES
from .guard import UNANSWERED, Trouble, recognise, usable
from .scanning import NOT_RISING, STUCK, behind, may_be_cut, rises

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.connectors.pendo import Listed, Pendo
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Listing

#: After so many pages in a row that Pendo didn't answer, an export is begun.
TRIES_BY_PAGES = 3

NO_SEGMENT = (
    "Pendo shows no shared segment with the id that is asked. It may be deleted, private, or of another "
    "subscription. In Pendo, share it with everyone, or cancel this request and name another one."
)
NO_REPORT = (
    "Pendo shows no public report with the id that is asked. It may be deleted, private, or of another "
    "subscription. In Pendo, make it public, or cancel this request and name another one."
)
UNREADABLE = (
    "The report that is asked ({sort}) can't be read from outside Pendo: only lists of visitors or accounts "
    "can. Cancel this request, and name such a report, or a segment."
)
NO_IDS = (
    "The list that is asked has no column of {of} ids. {columns} Add the id to the report's columns in "
    "Pendo; it is read again by itself."
)
ODD = "Pendo gives no usable answer about a segment or report that is asked. It is asked again by itself."
NO_EXPORT = "Pendo doesn't let this key begin an export of the segment that is asked."
JOB_GONE = "Pendo doesn't know its export of the segment any more. Another one is begun by itself."
JOB_FAILED = "Pendo's export of the segment failed (“{word}”). Another one is begun by itself."
TOO_MANY = f"The list that is asked has more than {MOST_MEMBERS:,} members. Divide it in Pendo."


def list_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Due readings go on as long as `may_go_on`. Raises `Trouble` or `Paused`.

    What was read counts only if the subscription was recognised before and after: where it isn't, the guard
    has all its readings begin again.
    """
    while listing := listings.due_listings(subscription).first():
        recognise(pendo, subscription)
        with suppress(MovedOn):
            _read_on(pendo, listing, may_go_on)
        if not may_go_on():
            break


def _read_on(pendo: Pendo, listing: Listing, may_go_on: Callable[[], bool]) -> None:
    """Step follows step until the list was read, or has to wait, or the slice is over."""
    while True:
        reading = _Reading(pendo, listing, may_go_on)
        try:
            reading.go_on()
        except Trouble as trouble:
            # The question may be too much for Pendo: nothing else has to wait for it.
            if trouble.answer.verdict not in UNANSWERED:
                raise
            reading.wait()
        due = listings.due_listings(listing.subscription).filter(pk=listing.pk).first()
        if due is None:
            return
        listing = due
        if not may_go_on():
            recognise(pendo, listing.subscription)
            return


class _Reading:
    """One list, during one slice: each call of `go_on` does the next thing that it needs."""

    def __init__(self, pendo: Pendo, listing: Listing, may_go_on: Callable[[], bool]) -> None:
        self.pendo, self.listing, self._may_go_on = pendo, listing, may_go_on
        self._id = listings.value_of(listing)
        self._until = time.monotonic() + settings.TIMINGS.call_deadline / 2

    def go_on(self) -> None:
        """The next thing is done."""
        if self.listing.asked.kind == AskedKind.REPORT:
            self._read_report()
        elif not self.listing.way:
            self._choose_way()
        elif self.listing.way == Way.PAGES:
            self._read_page()
        elif not self.listing.job:
            self._begin_export()
        else:
            self._follow_export()

    def wait(self) -> None:
        """Pendo didn't answer: it is asked again, and pages that it never answers are left for an export."""
        if self.listing.way == Way.PAGES and self.listing.refusals >= TRIES_BY_PAGES:
            listings.start_by_export(self.listing)
        else:
            self._refuse(ODD)

    # -- segments ------------------------------------------------------------------------------------------

    def _choose_way(self) -> None:
        answer, segment = self.pendo.segment(self._id)
        if answer.verdict is Verdict.NOT_FOUND:
            self._refuse(NO_SEGMENT)
        elif not usable(answer) or segment is None:
            self._refuse(ODD)
        else:
            way = Way.EXPORT if segment.mixes_accounts else Way.PAGES
            listings.go_by(self.listing, way, of="visitor")

    def _read_page(self) -> None:
        place = Place(**listings.place_of(self.listing)) if self.listing.sealed_place else Place(PAGE)
        answer, page = self.pendo.segment_page(self._id, after=place.after, limit=place.limit)
        if not usable(answer):
            # Pendo answers, but not this: its own export may know what its pipeline doesn't.
            listings.start_by_export(self.listing)
            return
        new = [each.id for each in page if each.id > place.last]
        if not rises(page, place.after):
            self._begin_again(NOT_RISING)
        elif not new and may_be_cut(page, place):
            self._begin_again(STUCK)
        elif new:
            self._keep(new, rows=self.listing.rows + len(new), place=behind(page, place))
        elif self._may_be_passed_over():
            listings.start_by_export(self.listing)
        else:
            self._end()

    def _may_be_passed_over(self) -> bool:
        """Whether the pages look as if the operator meant nothing to Pendo: nobody, or everybody."""
        controls = control_ids(self.listing.subscription)
        digests = keyring.digests_of("visitor", controls)
        met = self.listing.members.filter(digest__in=list(digests)).count()
        return self.listing.rows == 0 or met >= len(controls) > 0

    def _begin_export(self) -> None:
        answer, job = self.pendo.begin_export(self._id)
        if answer.verdict is Verdict.KEY_REFUSED:
            # The key itself was good a moment ago.
            self._refuse(NO_EXPORT)
        elif usable(answer):
            listings.note_job(self.listing, job)
        else:
            # It may not be shared any more: another look says.
            self._begin_again(ODD)

    def _follow_export(self) -> None:
        answer, job = self.pendo.export_job(self._id, self.listing.job)
        if answer.verdict is Verdict.NOT_FOUND:
            # Forgotten by Pendo, or gone with the segment: which of both, another look says.
            self._begin_again(JOB_GONE)
        elif not usable(answer) or job is None:
            self._refuse(ODD)
        elif job.says_done:
            self._take(partial(self.pendo.export_results, self._id, self.listing.job))
        elif job.says_failed:
            self._begin_again(JOB_FAILED.format(word=job.word))
        elif listings.wait_for_job(self.listing, job.word):
            self._tell()

    # -- reports -------------------------------------------------------------------------------------------

    def _read_report(self) -> None:
        answer, reports = self.pendo.reports()
        if not usable(answer):
            self._refuse(ODD)
            return
        report = next((each for each in reports if each.id == self._id), None)
        if report is None:
            self._refuse(NO_REPORT)
        elif report.lists is None:
            self._refuse(UNREADABLE.format(sort=report.sort or "of a sort that isn't said"))
        elif (self.listing.way, self.listing.of) != (Way.RESULTS, report.lists):
            listings.go_by(self.listing, Way.RESULTS, of=report.lists)
        else:
            self._take(partial(self.pendo.report_results, report))

    # -- tables --------------------------------------------------------------------------------------------

    def _take(self, read: Callable[..., Listed]) -> None:
        """More of the table is read; what was read of it before is passed over."""
        listed = read(skip=self.listing.rows, keep=self._keep_some)
        if self._too_many():
            self._begin_again(TOO_MANY)
        elif not listed.has_ids:
            self._refuse(_no_ids(self.listing.of, listed.columns))
        elif listed.whole:
            self._end()
        elif listed.answer.verdict is Verdict.NOT_FOUND:
            self._begin_again(ODD)
        elif not usable(listed.answer):
            self._refuse(ODD)

    def _keep_some(self, ids: list[str], rows: int) -> bool:
        """Whether more is wanted: there is time, and it isn't too much."""
        listings.keep_members(self.listing, ids, rows=rows)
        return self._may_go_on() and time.monotonic() < self._until and not self._too_many()

    def _keep(self, ids: list[str], *, rows: int, place: Place) -> None:
        listings.keep_members(self.listing, ids, rows=rows, place=place)
        if self._too_many():
            self._begin_again(TOO_MANY)

    def _too_many(self) -> bool:
        return self.listing.rows > MOST_MEMBERS

    def _end(self) -> None:
        recognise(self.pendo, self.listing.subscription)
        listings.end(self.listing)

    def _refuse(self, why: str) -> None:
        listings.refuse(self.listing, why)
        self._tell_in_time()

    def _begin_again(self, why: str) -> None:
        listings.start_anew(self.listing, why)
        self._tell_in_time()

    def _tell_in_time(self) -> None:
        if self.listing.refusals >= MOST_TRIES:
            self._tell()

    def _tell(self) -> None:
        """Somebody has to see to it, where sending waits. A preview says so itself."""
        if self.listing.scan_id is None:
            raise_attention(
                request=self.listing.request,
                subscription=self.listing.subscription,
                reason=Attention.Reason.NO_ANSWER,
            )


def _no_ids(of: str, columns: tuple[str, ...]) -> str:
    named = f"Its columns: {', '.join(columns)}." if columns else "None of its columns is called so."
    return NO_IDS.format(of=of, columns=named)

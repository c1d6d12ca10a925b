"""What is said of a batch, and the page of one."""

import datetime as dt

import pytest

from compliance.core import clock
from compliance.dashboard.batches import SETTLED, waits_for
from compliance.execution.models import Batch, BatchReceipt, BatchState, MarkedReading, Receipt
from compliance.subscriptions.models import PauseReason
from compliance.subscriptions.pausing import pause
from compliance.workflow.models import Scan
from compliance.workflow.states import Kind
from tests.workflow_fixtures import guide_for


@pytest.fixture
def browser(client_of, officer):
    return client_of(officer)


@pytest.fixture
def batch_of(new_request):
    """`batch_of(state=..., ...)`: a batch of a request, with what is given."""

    def make(**values):
        request = new_request()
        return Batch.objects.create(
            request=request, subscription=request.subscriptions.get(), number=1, **values
        )

    return make


@pytest.mark.parametrize("state", BatchState)
def test_a_batch_that_waits_says_for_what(batch_of, state):
    assert waits_for(batch_of(state=state)).endswith(".") or state in SETTLED


def test_a_batch_of_a_paused_subscription_waits_for_that(batch_of, officer):
    batch = batch_of()
    pause(subscription=batch.subscription, reason=PauseReason.FOREIGN, by=officer)
    batch.subscription.refresh_from_db()

    assert "paused" in waits_for(batch).lower()


def test_an_uncertain_batch_says_what_is_done_about_it_and_until_when(batch_of):
    sent_at = clock.now()
    batch = batch_of(state=BatchState.UNCERTAIN, asks=2, sent_at=sent_at)

    words = waits_for(batch)

    assert "Pendo is asked 2 times so far, and nothing is sent again before it has said." in words
    assert "the ledger says so, and it is sent once more, or given up if it is a single one" in words


def test_an_uncertain_batch_says_how_far_the_list_is_read(batch_of):
    batch = batch_of(state=BatchState.UNCERTAIN)
    batch.reading = MarkedReading.objects.create(subscription=batch.subscription, kind=batch.kind, pages=7)

    assert "is being read, page 7" in waits_for(batch)


def test_an_accepted_batch_says_when_its_receipt_is_asked_for_and_when_a_person_is_told(batch_of):
    batch = batch_of(state=BatchState.ACCEPTED)
    due_at = clock.now() + dt.timedelta(hours=1)
    receipt = Receipt.objects.create(subscription=batch.subscription, vendor_id="r-1", due_at=due_at)
    BatchReceipt.objects.create(batch=batch, receipt=receipt)

    words = waits_for(batch)

    assert "its receipt is asked for again at" in words
    assert "a person is told" in words


def test_an_accepted_batch_without_a_receipt_says_so(batch_of):
    assert "its receipt isn't known" in waits_for(batch_of(state=BatchState.ACCEPTED))


def test_a_batch_that_is_scanned_for_says_how_far_it_is(batch_of):
    batch = batch_of(state=BatchState.DONE)
    batch.scan = Scan(records=12_000)

    assert "12,000 records read so far" in waits_for(batch)


def test_the_page_of_a_batch_shows_every_call_with_its_target(browser, desk, later):
    first, second = desk.ids(2)
    targets = [guide_for(first, "guide-1"), guide_for(second, "guide-2")]
    request = desk.executing_targets(Kind.GUIDE_RESET, targets)
    desk.finish(later)

    page = browser.get(f"/requests/{request.reference}/batches/1/").content.decode()

    assert page.count("guide/{guide}/visitor/{id}/reset") == 2
    assert first in page
    assert second in page


def test_the_page_of_a_batch_shows_its_receipts_and_its_looks(browser, desk, later):
    request = desk.executing(desk.ids(2))
    desk.finish(later)
    receipt = Receipt.objects.get()

    page = browser.get(f"/requests/{request.reference}/batches/1/").content.decode()

    assert receipt.vendor_id in page
    assert "2 absent, 0 still there" in page


def test_there_is_no_page_of_a_batch_that_does_not_exist(browser, previewed_request):
    request = previewed_request()

    assert browser.get(f"/requests/{request.reference}/batches/1/").status_code == 404

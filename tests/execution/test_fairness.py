"""A million test visitors, wanted for yesterday, don't delay one person's erasure: in no queue of work."""

import datetime as dt

import pytest
from django.db.models import F

from compliance.core import clock
from compliance.execution import tasks
from compliance.execution.asking import uncertain_batches
from compliance.execution.looking import batches_to_look_at, scanned_batches
from compliance.execution.models import Batch, BatchReceipt, BatchState, Receipt
from compliance.execution.one_by_one import batches_to_call
from compliance.execution.receipts import due_receipts
from compliance.execution.sending import ready_batches
from compliance.workflow.kinds import KINDS_WITH_LAW, TRAITS
from compliance.workflow.models import Request, Scan, ScanStep, Target
from compliance.workflow.previews import waiting_targets
from compliance.workflow.queries import due_for_execution, looked_up_requests
from compliance.workflow.scans import due_scans
from compliance.workflow.states import Kind, Outcome, State
from tests.execution.test_sending import asks_for_the_lease
from tests.workflow_fixtures import guide_for, meanwhile, outcomes, visitor

MANY = 2_000


@pytest.fixture
def test_data(desk):
    """`test_data(count)`: a request to clear so many test visitors, by its date before any erasure."""

    def make(count=3, start=0):
        targets = [visitor(f"test-{number}") for number in range(start, start + count)]
        request = desk.approved_targets(Kind.TEST_DATA, targets)
        Request.objects.filter(pk=request.pk).update(send_by=clock.today() - dt.timedelta(days=300))
        return request

    return make


@pytest.fixture
def both(desk, test_data):
    """A request for test data, and an erasure that was recorded after it: their batches stand."""
    tests = test_data()
    erasure = desk.executing(desk.ids(1))
    return tests, erasure


def requests_of(rows):
    return [row.request for row in rows]


def put(requests, state):
    """Their batches are in this state, and due."""
    Batch.objects.filter(request__in=requests).update(state=state, due_at=clock.now())


# -- the order of each queue -------------------------------------------------------------------------------


def test_rank_of_a_kind_with_a_law_is_before_that_of_any_other():
    ranks = {kind: traits.rank for kind, traits in TRAITS.items()}

    with_law = {ranks.pop(kind) for kind in KINDS_WITH_LAW}

    assert max(with_law) < min(ranks.values())
    assert ranks[Kind.OFFBOARDING] < ranks[Kind.TEST_DATA] == ranks[Kind.GUIDE_RESET]


def test_within_a_kind_the_earliest_date_comes_first(desk):
    relaxed, urgent = desk.executing(desk.ids(1)), desk.executing(desk.ids(1, start=1))
    Request.objects.filter(pk=urgent.pk).update(send_by=F("send_by") - dt.timedelta(days=5))

    assert requests_of(ready_batches(desk.subscription)) == [urgent, relaxed]


def test_erasure_is_sent_first(desk, both):
    tests, erasure = both

    assert requests_of(ready_batches(desk.subscription)) == [erasure, tests]


def test_readmission_is_called_for_before_guide_resets(desk):
    resets = desk.executing_targets(Kind.GUIDE_RESET, [guide_for("ana")])
    Request.objects.filter(pk=resets.pk).update(send_by=clock.today() - dt.timedelta(days=300))
    readmission = desk.executing_targets(Kind.READMISSION, [visitor("ben")])

    assert requests_of(batches_to_call(desk.subscription)) == [readmission, resets]


def test_lost_call_of_an_erasure_is_asked_about_first(desk, both):
    tests, erasure = both
    put(both, BatchState.UNCERTAIN)
    Batch.objects.filter(request=tests).update(due_at=clock.now() - dt.timedelta(hours=1))

    assert requests_of(uncertain_batches(desk.subscription)) == [erasure, tests]


def test_visitor_of_an_erasure_is_looked_for_first(desk, both):
    tests, erasure = both
    put(both, BatchState.DONE)

    assert requests_of(batches_to_look_at(desk.subscription)) == [erasure, tests]


def test_what_a_scan_has_found_for_an_erasure_counts_first(desk, both):
    tests, erasure = both
    put(both, BatchState.DONE)
    for request in both:
        scan = Scan.objects.create(request=request, subscription=desk.subscription, step=ScanStep.ENDED)
        request.batches.update(scan=scan)

    assert requests_of(scanned_batches(desk.subscription)) == [erasure, tests]


def test_receipt_of_an_erasure_is_asked_for_first(desk, both):
    tests, erasure = both
    put(both, BatchState.ACCEPTED)
    long_ago = clock.now() - dt.timedelta(hours=1)
    for request in both:
        receipt = Receipt.objects.create(
            subscription=desk.subscription, vendor_id=request.reference, due_at=long_ago
        )
        BatchReceipt.objects.create(batch=request.batches.get(), receipt=receipt)

    receipts = due_receipts(desk.subscription)

    assert [receipt.vendor_id for receipt in receipts] == [erasure.reference, tests.reference]


def test_receipt_that_stands_for_both_is_asked_for_once(desk, both):
    put(both, BatchState.ACCEPTED)
    receipt = Receipt.objects.create(subscription=desk.subscription, vendor_id="merged")
    for request in both:
        BatchReceipt.objects.create(batch=request.batches.get(), receipt=receipt)

    assert list(due_receipts(desk.subscription)) == [receipt]


def test_preview_of_an_erasure_is_looked_up_first(desk, both):
    Request.objects.update(state=State.PREVIEWING)
    Target.objects.update(looked_up_at=None)

    assert waiting_targets(desk.subscription)[0].request == both[1]


def test_scan_of_an_erasure_goes_on_first(desk, both):
    Request.objects.update(state=State.PREVIEWING)
    for request in both:
        Scan.objects.create(request=request, subscription=desk.subscription, preview=request.previews.get())

    assert requests_of(due_scans(desk.subscription)) == [both[1], both[0]]


def test_erasure_is_begun_and_added_up_first(desk, both):
    tests, erasure = both
    Request.objects.update(state=State.APPROVED, grace_until=clock.now())
    assert list(due_for_execution(clock.now())) == [erasure, tests]

    Request.objects.update(state=State.PREVIEWING)
    assert list(looked_up_requests()) == [erasure, tests]


# -- the slices --------------------------------------------------------------------------------------------


def test_erasure_is_the_next_call_after_the_one_under_way(desk, test_data):
    test_data(MANY)
    tasks.move_on()
    (person,) = desk.ids(1)
    erasure = desk.approved([person])

    # After the first call, before the second.
    with meanwhile(fits=asks_for_the_lease, act=tasks.move_on, skip=2):
        desk.send()

    assert [len(ids) for ids in desk.accepted()] == [500, 1, *[500] * (MANY // 500 - 1)]
    assert outcomes(erasure) == {Outcome.ACCEPTED: 1}


def test_confirmation_of_an_erasure_does_not_wait_for_the_previews_of_tests(desk):
    erasure = desk.executing(desk.ids(1))
    desk.send()
    desk.complete()
    tests = [
        desk.opened(desk.ids(30, start=30 * number), kind=Kind.TEST_DATA, law="", identity="", channel="")
        for number in range(4)
    ]
    # 120 look-ups would take more than a slice.
    desk.timings(slice=4, slowest_interval=0.05, first_interval=0.05, fastest_interval=0.05)

    desk.read()

    assert outcomes(erasure) == {Outcome.ERASED: 1}
    assert Target.objects.filter(request__in=tests, looked_up_at=None).exists()

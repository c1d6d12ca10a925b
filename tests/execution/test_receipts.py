import json

import pytest

from compliance.core import clock
from compliance.core.crypto import SealBroken
from compliance.execution.giving_up import give_up
from compliance.execution.models import BatchReceipt, BatchState, Receipt
from compliance.workflow.models import Attention
from compliance.workflow.sealing import targets_vault
from compliance.workflow.states import Outcome, State
from tests.workflow_fixtures import outcomes, states

OPEN_LIST = "/api/v1/bulkdelete"
ACCEPTED, CONFIRMED = BatchState.ACCEPTED, BatchState.CONFIRMED


def kept_of(batch):
    sealed = batch.batch_receipts.get().sealed_answer
    return json.loads(targets_vault(batch.request).open(sealed, purpose="receipt"))


def reasons(request):
    return {attention.reason for attention in request.attentions.all()}


def word(desk, text):
    """Pendo's word for all its deletions, from now on."""
    for deletion in desk.pendo.deletions.all.values():
        deletion.status = text


def take_off_the_open_list(desk):
    desk.pendo.deletions.queued.clear()


def test_receipt_is_followed_until_pendo_says_done(desk, later):
    request = desk.executing(desk.ids(2))
    desk.run()

    assert (states(request), Receipt.objects.get().word) == ([ACCEPTED], "queued")

    desk.complete()
    later(hours=2)
    desk.run()

    assert (states(request), Receipt.objects.get().word) == ([CONFIRMED], "completed")
    assert Receipt.objects.get().done_at


def test_receipt_is_asked_for_at_growing_intervals(desk, later):
    desk.executing(desk.ids(1))

    desk.run()
    assert Receipt.objects.get().asks == 2

    desk.run()
    assert Receipt.objects.get().asks == 2

    later(hours=2)
    desk.run()
    assert Receipt.objects.get().asks == 3


def test_one_receipt_stands_for_batches_of_two_requests(desk, later):
    desk.set(merge_window=1e9)
    first, second = desk.executing(desk.ids(1)), desk.executing(desk.ids(1, start=1))

    desk.finish(later)

    assert Receipt.objects.get().batch_receipts.count() == 2
    assert outcomes(first) == outcomes(second) == {Outcome.ERASED: 1}


def test_receipt_keeps_for_each_request_only_its_own_ids_under_its_own_key(desk, later):
    desk.set(merge_window=1e9, names_ids=True)
    ids = desk.ids(2)
    first, second = desk.executing(ids[:1]), desk.executing(ids[1:])

    desk.finish(later)

    assert kept_of(first.batches.get())["visitors"] == ids[:1]
    assert kept_of(second.batches.get())["visitors"] == ids[1:]
    with pytest.raises(SealBroken):
        targets_vault(second).open(first.batches.get().batch_receipts.get().sealed_answer, purpose="receipt")


def test_receipt_that_does_not_name_its_ids_is_kept_as_it_is(desk):
    request = desk.executing(desk.ids(2))

    desk.run()

    assert kept_of(request.batches.get())["count"] == 2


def test_unknown_word_is_kept_waited_on_and_told(desk, later):
    request = desk.executing(desk.ids(1))
    desk.send()
    word(desk, "with the lawyers")
    take_off_the_open_list(desk)

    desk.run()
    later(hours=2)
    desk.run()

    assert states(request) == [ACCEPTED]
    assert Receipt.objects.get().word == "with the lawyers"
    assert reasons(request) == {Attention.Reason.UNKNOWN_WORD}


def test_word_for_done_does_not_count_while_the_deletion_is_on_the_open_list(desk):
    request = desk.executing(desk.ids(1))
    desk.send()
    word(desk, "completed")

    desk.run()

    assert states(request) == [ACCEPTED]


def test_deletion_without_a_word_is_done_once_it_is_not_open(desk):
    request = desk.executing(desk.ids(1))
    desk.send()
    word(desk, "")
    desk.run()
    assert states(request) == [ACCEPTED]

    desk.complete()
    word(desk, "")
    Receipt.objects.update(due_at=request.opened_at)
    desk.run()

    assert states(request) == [CONFIRMED]


@pytest.mark.parametrize(("text", "state"), [("", ACCEPTED), ("completed", CONFIRMED)])
def test_only_a_word_for_done_counts_where_the_open_list_cannot_be_read(desk, text, state):
    request = desk.executing(desk.ids(1))
    desk.send()
    desk.complete()
    word(desk, text)
    # Only the list: what is asked for by its id has a longer path.
    desk.fault("html", times=1, prefix=OPEN_LIST, method="GET")

    desk.read()

    assert states(request) == [state]


@pytest.mark.parametrize("fault", ["html", "garbage", "empty_200"])
def test_receipt_that_pendo_gives_no_sense_for_is_waited_on_and_told_when_late(desk, later, fault):
    request = desk.executing(desk.ids(1))
    desk.send()
    desk.fault(fault, times=None, prefix=f"{OPEN_LIST}/", method="GET")

    desk.run()
    assert (states(request), reasons(request)) == ([ACCEPTED], set())

    later(days=22)
    desk.run()
    assert (states(request), reasons(request)) == ([ACCEPTED], {Attention.Reason.RECEIPT_OVERDUE})

    desk.well()
    desk.complete()
    later(hours=2)
    desk.run()
    assert outcomes(request) == {Outcome.ERASED: 1}


def test_receipt_that_pendo_does_not_know_any_more_is_told_when_late_and_holds_up_no_other(desk, later):
    lost, other = desk.executing(desk.ids(1)), desk.executing(desk.ids(1, start=1))
    desk.send()
    oldest = next(iter(desk.pendo.deletions.all))
    del desk.pendo.deletions.all[oldest]
    desk.pendo.deletions.queued.popleft()

    desk.run()
    desk.complete()
    later(days=22)
    desk.run()

    assert (states(lost), reasons(lost)) == ([ACCEPTED], {Attention.Reason.RECEIPT_OVERDUE})
    assert (outcomes(other), reasons(other)) == ({Outcome.ERASED: 1}, set())


def test_receipt_still_open_after_pendos_own_time_is_told_once(desk, later):
    request = desk.executing(desk.ids(1))
    desk.run()
    later(days=22)

    desk.run()
    later(hours=2)
    desk.run()

    assert request.attentions.get().reason == Attention.Reason.RECEIPT_OVERDUE


def test_batch_joined_to_a_receipt_that_was_done_is_followed_all_the_same(desk, later):
    first = desk.executing(desk.ids(1))
    desk.finish(later)
    vendor_id = Receipt.objects.get().vendor_id
    second = desk.executing(desk.ids(1, start=1))
    desk.send()
    BatchReceipt.objects.filter(batch__request=second).delete()
    Receipt.objects.exclude(vendor_id=vendor_id).delete()
    second.batches.update(state=BatchState.UNCERTAIN)
    second.targets.update(outcome=Outcome.UNCERTAIN)
    (deletion,) = desk.pendo.deletions.queued
    desk.set(names_ids=True)
    desk.pendo.deletions.all[vendor_id] = deletion
    deletion.id = vendor_id

    desk.finish(later)

    second.refresh_from_db()
    assert (second.state, outcomes(second)) == (State.CLOSED, {Outcome.ERASED: 1})
    assert states(first) == [CONFIRMED]


def test_receipt_that_nobody_waits_for_any_more_is_not_asked_for_and_told_of_no_more(desk, later):
    request = desk.executing(desk.ids(1))
    desk.run()
    later(days=22)
    desk.run()
    officers_end_the_waiting(request, desk.officer)
    asks = Receipt.objects.get().asks

    later(days=2)
    desk.run()

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.FAILED: 1})
    assert Receipt.objects.get().asks == asks
    assert not request.attentions.filter(settled_at=None).exists()


def test_request_whose_waiting_was_ended_hears_no_more_of_a_receipt_that_others_wait_for(desk, later):
    desk.set(merge_window=1e9)
    ended, waiting = desk.executing(desk.ids(1)), desk.executing(desk.ids(1, start=1))
    desk.run()
    later(days=22)
    desk.run()
    officers_end_the_waiting(ended, desk.officer)

    later(days=2)
    desk.run()

    assert not ended.attentions.filter(settled_at=None).exists()
    assert waiting.attentions.filter(settled_at=None).count() == 1


def officers_end_the_waiting(request, officer):
    for attention in request.attentions.filter(settled_at=None):
        give_up(attention=attention, by=officer)


@pytest.mark.parametrize("fault", ["status_429", "status_503", "drop_before"])
def test_outage_leaves_receipts_as_they_are(desk, fault):
    desk.executing(desk.ids(1))
    desk.send()
    desk.fault(fault, times=None, prefix=OPEN_LIST, method="GET")

    desk.read()

    assert Receipt.objects.get().asks == 0


@pytest.mark.parametrize("prefix", [OPEN_LIST, f"{OPEN_LIST}/"], ids=["the open list", "a receipt"])
@pytest.mark.parametrize("fault", ["status_503", "drop_before"])
def test_receipts_that_pendo_does_not_answer_about_hold_up_no_confirmation(desk, later, prefix, fault):
    done, asked_for = (desk.executing([each]) for each in desk.ids(2))
    desk.send()
    desk.complete()
    desk.run_receipts()
    asked_for.batches.update(state=ACCEPTED)
    receipts = Receipt.objects.filter(batch_receipts__batch__request=asked_for)
    receipts.update(done_at=None, due_at=clock.now())
    desk.fault(fault, times=None, prefix=prefix, method="GET")

    desk.run()

    assert outcomes(done) == {Outcome.ERASED: 1}


def test_receipts_of_another_subscription_are_not_believed(desk):
    request = desk.executing(desk.ids(1))
    desk.send()
    desk.complete()
    desk.fault("foreign", times=None, prefix="/api/")

    desk.read()

    assert (states(request), desk.paused()) == ([ACCEPTED], "foreign")

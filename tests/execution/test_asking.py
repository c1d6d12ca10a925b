import datetime as dt
import itertools

import pytest

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.execution.marks import join_reading
from compliance.execution.models import Batch, BatchState, Call
from compliance.subscriptions.models import LaneKind
from compliance.workflow.models import Attention
from compliance.workflow.states import Outcome, State
from tests.workflow_fixtures import ids_with, meanwhile, outcomes, states

OPEN_LIST = "/api/v1/bulkdelete"
AGGREGATION = "/api/v1/aggregation"


@pytest.fixture
def ask_for_a_day(desk, later):
    """`ask_for_a_day()`: a day and a bit passes, in which Pendo is asked four times."""
    desk.timings(ask=(0, 0, 6 * 3600))

    def ask():
        for _ in range(4):
            later(hours=6.2)
            desk.run()

    return ask


def facts_of(request, event, name):
    return [entry.body["facts"][name] for entry in entries_of(request.chain) if entry.event == event]


def last_fact(request, event, name):
    return facts_of(request, event, name)[-1]


def whys(request):
    """Why targets got another outcome, in one text."""
    return "; ".join(facts_of(request, "targets:settled", "why"))


# -- lost calls --------------------------------------------------------------------------------------------


def test_lost_call_that_pendo_has_is_found_by_do_not_process_and_followed_by_looking(desk, later):
    request = desk.executing(desk.ids(2))
    desk.fault("drop_after")

    desk.run()

    assert desk.posts() == [(2, 0)]
    assert (states(request), outcomes(request)) == ([BatchState.ACCEPTED], {Outcome.ACCEPTED: 2})
    assert last_fact(request, "batch:accepted", "receipt") == "not known"


def test_lost_call_that_pendo_names_has_its_receipt(desk):
    desk.set(names_ids=True)
    request = desk.executing(desk.ids(2))
    desk.fault("drop_after")

    desk.run()

    (deletion,) = desk.pendo.deletions.all.values()
    assert last_fact(request, "batch:accepted", "receipt") == deletion.id


def test_lost_call_that_pendo_does_not_know_is_not_sent_again_before_it_had_time_to_show(desk, later):
    desk.timings(settle_after=600)
    request = desk.executing(desk.ids(2))
    desk.fault("drop_before")

    desk.run()

    assert desk.posts() == [(2, 0)]
    assert (states(request), outcomes(request)) == ([BatchState.UNCERTAIN], {Outcome.UNCERTAIN: 2})

    later(hours=2)
    desk.run()

    assert desk.posts() == [(2, 0), (2, 200)]
    assert last_fact(request, "batch:released", "how") == "asked; not in its queue"


def test_call_that_arrives_after_pendo_was_asked_is_found_by_the_next_question(desk, later):
    desk.timings(settle_after=600)
    request = desk.executing(desk.ids(2))
    desk.fault("drop_before")
    desk.run()
    desk.queue(*desk.ids(2))

    later(hours=2)
    desk.run()

    assert desk.posts() == [(2, 0)]
    assert states(request) == [BatchState.ACCEPTED]


def test_visitor_marked_before_the_call_proves_nothing_so_it_is_sent_again_after_a_day(
    desk, later, ask_for_a_day
):
    visitor = desk.ids(1)
    desk.mark(*visitor)
    request = desk.executing(visitor)
    desk.fault("drop_before")

    desk.run()
    later(hours=23)
    desk.run()

    assert (desk.posts(), states(request)) == ([(1, 0)], [BatchState.UNCERTAIN])

    ask_for_a_day()

    assert desk.posts() == [(1, 0), (1, 200)]
    assert last_fact(request, "batch:released", "how") == "asked; inconclusive for a day"


def test_visitor_whom_we_have_had_deleted_before_proves_nothing_by_standing_on_the_list(desk, later):
    visitor = desk.ids(1)
    desk.executing(visitor)
    desk.finish(later)
    desk.come_back(*visitor)
    desk.pendo.do_not_process["visitor"].remove(visitor[0])
    request = desk.executing(visitor)
    desk.mark(*visitor)
    desk.fault("drop_before")

    desk.run()

    assert states(request) == [BatchState.UNCERTAIN]


def test_only_those_that_pendo_does_not_show_are_sent_again_after_a_day(desk, ask_for_a_day):
    marked, unmarked = desk.ids(2)
    desk.mark(marked)
    request = desk.executing([marked, unmarked])
    desk.fault("drop_after")
    desk.run()
    desk.begin()

    ask_for_a_day()

    assert desk.posts() == [(2, 0), (1, 200)]
    assert states(request) == [BatchState.SPLIT, BatchState.ACCEPTED, BatchState.ACCEPTED]
    assert "inconclusive for a day" in whys(request)
    assert outcomes(request) == {Outcome.ACCEPTED: 2}


def test_lost_call_with_a_visitor_that_another_batch_holds_is_sent_again_without_it(desk, later):
    desk.timings(settle_after=600)
    shared, other = desk.ids(2)
    request = desk.executing([shared, other])
    desk.fault("drop_before")
    desk.send()
    desk.executing([shared])

    desk.run()
    later(hours=2)
    desk.run()

    assert desk.posts() == [(2, 0), (1, 200), (1, 200)]
    assert desk.accepted() == [[shared], [other]]
    assert outcomes(request) == {Outcome.ACCEPTED: 2}


@pytest.mark.parametrize("fault", ["html", "status_503", "drop_before"])
@pytest.mark.parametrize("prefix", [OPEN_LIST, AGGREGATION], ids=["open deletions", "do not process"])
def test_list_that_cannot_be_read_is_inconclusive_and_holds_up_nobody(desk, ask_for_a_day, prefix, fault):
    request = desk.executing(desk.ids(1))
    desk.fault("drop_before")
    desk.send()
    desk.fault(fault, times=None, prefix=prefix, method="GET" if prefix == OPEN_LIST else "POST")

    other = desk.opened(desk.ids(1, start=5))
    desk.run()

    other.refresh_from_db()
    assert other.state == State.PREVIEWED
    assert (desk.posts(), states(request)) == ([(1, 0)], [BatchState.UNCERTAIN])

    ask_for_a_day()

    assert desk.posts() == [(1, 0), (1, 200)]


def test_list_that_cannot_be_read_after_a_day_in_which_nobody_asked_does_not_send_it_again(desk, later):
    request = desk.executing(desk.ids(1))
    desk.fault("drop_after")
    desk.send()
    desk.begin()
    later(hours=25)
    desk.fault("html", times=None, prefix=AGGREGATION, method="POST")

    for _ in range(5):
        desk.run()
        later(hours=2)

    assert (desk.posts(), states(request)) == ([(1, 0)], [BatchState.UNCERTAIN])

    desk.well()
    desk.run()

    assert (desk.posts(), states(request)) == ([(1, 0)], [BatchState.ACCEPTED])


def test_reading_whose_first_page_is_on_its_way_tells_nothing_of_a_call_sent_meanwhile(desk):
    first, second = desk.executing(desk.ids(1)).batches, desk.executing(desk.ids(1, start=5)).batches
    desk.fault("drop_after", times=2)
    desk.send()
    readings = []

    def another_is_sent_and_asked_about():
        desk.send()
        join_reading(second.get())
        readings.extend([first.get().reading, second.get().reading])

    once_it_came = 'WHERE "execution_batch"."reading_id" = '
    with meanwhile(fits=lambda sql, _: once_it_came in sql, act=another_is_sent_and_asked_about, before=True):
        desk.read()

    assert (len(set(readings)), None in readings) == (2, False)


def test_question_that_comes_too_early_settles_nothing(desk):
    request = desk.executing(desk.ids(1))
    desk.fault("drop_before")
    desk.send()
    desk.fault("status_429", times=None, prefix=OPEN_LIST, method="GET")

    desk.run(most=10)

    assert desk.posts() == [(1, 0)]
    assert Batch.objects.get().asks == 0
    assert states(request) == [BatchState.UNCERTAIN]


def test_of_many_as_many_are_settled_in_a_slice_as_it_has_time_for(desk):
    desk.fault("drop_after", times=3)
    requests = [desk.executing([each]) for each in desk.ids(3)]
    for _ in requests:
        desk.send()
    desk.timings(slice=0.001)

    # The list is read in the first slice, and its end in the second.
    desk.read()
    desk.read()

    assert [states(each) for each in requests].count([BatchState.ACCEPTED]) == 1


def test_subscription_that_answers_for_another_one_is_not_believed(desk):
    request = desk.executing(desk.ids(1))
    desk.fault("drop_after")
    desk.send()
    desk.fault("foreign", times=None, prefix="/api/")

    desk.run()

    assert states(request) == [BatchState.UNCERTAIN]
    assert desk.paused() == "foreign"


def test_answer_about_an_earlier_call_does_not_release_a_later_one(desk):
    desk.timings(settle_after=600)
    request = desk.executing(desk.ids(1))
    desk.fault("drop_before")
    desk.send()
    request.batches.update(asks=1, sent_at=clock.now() - dt.timedelta(hours=1))

    def another_process_sends_it_again():
        request.batches.update(sent_at=clock.now())

    with meanwhile(
        fits=lambda sql, _: "execution_call" in sql, act=another_process_sends_it_again, before=True
    ):
        desk.read()

    assert states(request) == [BatchState.UNCERTAIN]


def test_question_about_a_batch_that_another_process_has_sent_meanwhile_changes_nothing(desk):
    request = desk.executing(desk.ids(1))
    desk.fault("drop_before")
    desk.send()

    def another_process_sends_it_again():
        call = request.batches.get().calls.get()
        request.batches.update(state=BatchState.SENDING, sent_at=clock.now())
        Call.objects.create(batch=call.batch, endpoint=call.endpoint, count=1, digest=call.digest)

    with meanwhile(fits=lambda sql, _: "execution_sending" in sql, act=another_process_sends_it_again):
        desk.read()

    assert states(request) == [BatchState.SENDING]
    assert desk.lane(LaneKind.READ).failures == 0


# -- batches refused as a whole ----------------------------------------------------------------------------


def test_visitor_queued_by_another_request_of_ours_is_settled_and_the_rest_is_sent(desk, later):
    shared, *rest = desk.ids(4)
    first, second = desk.approved([shared]), desk.approved([shared, *rest])

    desk.run()

    assert desk.accepted() == [[shared], rest]
    assert outcomes(first) == {Outcome.ACCEPTED: 1}
    assert outcomes(second) == {Outcome.ACCEPTED: 4}
    assert states(second) == [BatchState.SPLIT, BatchState.ACCEPTED, BatchState.ACCEPTED]


def test_visitor_queued_by_somebody_else_is_settled_and_the_rest_is_sent(desk, later):
    ids = desk.ids(4)
    request = desk.executing(ids)
    desk.queue(ids[2])

    desk.run()

    assert desk.posts() == [(4, 400), (3, 200)]
    assert desk.accepted() == [[ids[2]], [ids[0], ids[1], ids[3]]]
    assert outcomes(request) == {Outcome.ACCEPTED: 4}


def test_batch_whose_visitors_are_all_queued_already_is_accepted_and_not_sent_again(desk):
    ids = desk.ids(3)
    request = desk.executing(ids)
    desk.queue(*ids)

    desk.run()

    assert desk.posts() == [(3, 400)]
    assert (states(request), outcomes(request)) == ([BatchState.ACCEPTED], {Outcome.ACCEPTED: 3})


def test_visitors_queued_in_two_deletions_have_both_receipts(desk, later):
    desk.set(names_ids=True)
    one, two, three = desk.ids(3)
    request = desk.executing([one, two, three])
    desk.queue(one)
    desk.queue(two)

    desk.run()

    child = request.batches.get(number=3)
    assert child.batch_receipts.count() == 2
    assert child.state == BatchState.ACCEPTED


@pytest.mark.parametrize("count", [1, 2, 7])
def test_visitor_that_pendo_refuses_ends_alone_and_is_told_to_a_person(desk, later, count):
    ids = desk.ids(count)
    request = desk.executing(ids)
    desk.poison(ids[-1])

    desk.finish(later)

    request.refresh_from_db()
    assert ids_with(request, Outcome.FAILED) == {ids[-1]}
    assert ids_with(request, Outcome.ERASED) == set(ids[:-1])
    assert request.state == State.CLOSED
    assert request.attentions.get().reason == Attention.Reason.BATCH_REFUSED


def test_refused_visitor_is_found_in_as_many_halvings_as_it_takes(desk):
    ids = desk.ids(64)
    request = desk.executing(ids)
    desk.poison(ids[17])

    desk.run()

    assert ids_with(request, Outcome.FAILED) == {ids[17]}
    assert len(desk.posts()) == 1 + 2 * 6


@pytest.mark.parametrize("count", [1, 2])
def test_refused_batch_goes_on_after_a_day_without_pendos_lists_and_the_ledger_says_so(
    desk, ask_for_a_day, count
):
    ids = desk.ids(count)
    request = desk.executing(ids)
    desk.poison(ids[0])
    desk.fault("html", times=None, prefix=OPEN_LIST, method="GET")

    desk.run()
    ask_for_a_day()

    if count == 1:
        assert "has not let its queue be read for a day" in last_fact(request, "batch:failed", "why")
    else:
        assert desk.posts() == [(2, 400), (1, 400), (1, 200)]
        assert "inconclusive for a day" in whys(request)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("prefix", [OPEN_LIST, AGGREGATION], ids=["open deletions", "do not process"])
def test_refused_batch_is_neither_divided_nor_given_up_while_pendos_lists_cannot_be_read(
    desk, later, prefix, count
):
    ids = desk.ids(count)
    request = desk.executing(ids)
    desk.poison(ids[0])
    desk.fault("html", times=None, prefix=prefix, method="GET" if prefix == OPEN_LIST else "POST")

    desk.run()

    assert (desk.posts(), states(request)) == ([(count, 400)], [BatchState.UNCERTAIN])

    desk.well()
    later(hours=2)
    desk.run()

    assert ids_with(request, Outcome.FAILED) == {ids[0]}
    assert set(itertools.chain(*desk.accepted())) == set(ids[1:])


def test_visitor_that_was_marked_before_and_is_queued_is_accepted_once_it_stands_alone(desk):
    ids = desk.ids(2)
    desk.mark(*ids)
    request = desk.executing(ids)
    desk.queue(ids[0])

    desk.run()

    assert outcomes(request) == {Outcome.ACCEPTED: 2}
    assert desk.accepted() == [[ids[0]], [ids[1]]]

"""A bulk delete that Pendo refuses for ever, while look-ups are answered."""

import pytest

from compliance.connectors.pendo.client import PAGE
from compliance.execution import giving_up, tasks
from compliance.execution.fruitless import MOST_TRIES
from compliance.execution.giving_up import give_up
from compliance.execution.models import BatchState, MarkedReading
from compliance.subscriptions.models import LaneKind
from compliance.workflow.models import Attention
from compliance.workflow.states import Kind, Outcome, State
from tests.workflow_fixtures import account, meanwhile, outcomes, states, visitor

NO_ANSWER = Attention.Reason.NO_ANSWER


def told(request):
    return list(request.attentions.filter(settled_at=None).values_list("reason", flat=True))


def try_often(desk, times=MOST_TRIES):
    """Each time, what was left open is asked about until it may be sent again."""
    for _ in range(times):
        desk.send()
        desk.read()
        desk.read()


@pytest.mark.parametrize("fault", ["missing_404", "status_429", "status_503", "html"])
def test_a_person_is_told_after_so_many_tries_and_not_before(desk, fault):
    request = desk.executing(desk.ids(1))
    desk.fault(fault, times=None)

    try_often(desk, MOST_TRIES - 1)
    assert told(request) == []
    try_often(desk, 1)

    assert told(request) == [NO_ANSWER]


def test_an_officer_ends_it_and_it_counts_as_failed(desk, officer):
    request = desk.executing(desk.ids(2))
    desk.fault("missing_404", times=None)
    try_often(desk)

    give_up(attention=request.attentions.get(), by=officer)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.FAILED: 2})
    assert states(request) == [BatchState.FAILED]


def test_one_that_is_being_asked_about_ends_too(desk, officer):
    request = desk.executing(desk.ids(2))
    desk.fault("status_503", times=None)
    try_often(desk, MOST_TRIES - 1)
    desk.send()
    assert states(request) == [BatchState.UNCERTAIN]

    give_up(attention=request.attentions.get(), by=officer)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.FAILED: 2})


def test_no_call_is_written_down_once_an_officer_has_ended_it(desk, officer, monkeypatch):
    """The lane has chosen the batch, and opens the ids, at the moment of the decision."""
    request = desk.executing(desk.ids(2))
    desk.fault("missing_404", times=None)
    try_often(desk)
    monkeypatch.setattr(giving_up, "end_some", lambda *_, **__: None)

    with meanwhile(
        fits=lambda sql, _: sql.startswith("SELECT") and "commitment" in sql,
        act=lambda: give_up(attention=request.attentions.get(), by=officer),
    ):
        desk.send()
    monkeypatch.undo()
    tasks.tick()

    assert len(desk.posts()) == MOST_TRIES
    assert outcomes(request) == {Outcome.FAILED: 2}


def test_what_was_read_about_it_is_gone_with_it(desk, officer):
    desk.mark(*(f"!{number:05}" for number in range(PAGE + 10)))
    request = desk.executing(desk.ids(2))
    desk.fault("status_503", times=None)
    try_often(desk, MOST_TRIES - 1)
    desk.send()
    desk.timings(slice=0.001)
    desk.read()
    assert MarkedReading.objects.get().sealed_place

    give_up(attention=request.attentions.get(), by=officer)

    assert not MarkedReading.objects.exists()


def test_once_pendo_takes_it_after_all_nobody_has_to_look(desk):
    request = desk.executing(desk.ids(1))
    desk.fault("status_429", times=None)
    try_often(desk)
    desk.well()

    desk.send()

    assert outcomes(request) == {Outcome.ACCEPTED: 1}
    assert told(request) == []


def test_a_batch_that_was_only_held_back_was_not_tried(desk):
    """Between the writing down and the sending, the lane was lost: nothing reached Pendo."""
    request = desk.executing(desk.ids(1))
    call = {"endpoint": "bulkdelete/visitor", "count": 1, "digest": "0" * 64, "lease_token": "t"}
    for _ in range(MOST_TRIES + 1):
        request.batches.get().calls.create(**call, verdict="not_sent", answered_at=request.opened_at)
    desk.fault("status_429")

    desk.send()

    assert told(request) == []


def test_a_kind_of_call_that_pendo_does_not_know_holds_up_no_other_kind(desk):
    """Accounts can't be deleted here: the visitors of a less urgent request can."""
    desk.timings(retry=(3600,))
    accounts = desk.executing_targets(Kind.OFFBOARDING, [account("a-1")])
    visitors = desk.executing_targets(Kind.OFFBOARDING, [visitor(each) for each in desk.ids(1)])
    desk.fault("missing_404", times=None, prefix="/api/v1/bulkdelete/account")

    desk.send()
    desk.subscription.lanes.filter(kind=LaneKind.BULK).update(next_at=accounts.opened_at)
    desk.send()

    assert (outcomes(accounts), outcomes(visitors)) == ({Outcome.PENDING: 1}, {Outcome.ACCEPTED: 1})

"""Of a large production request a few are sent first, and the rest once Pendo has given a receipt."""

import pytest

from compliance.execution import tasks
from compliance.execution.giving_up import give_up
from compliance.execution.models import BatchState
from compliance.people.roles import Role
from compliance.workflow.models import Attention
from compliance.workflow.pausing import resume_request
from compliance.workflow.policy import GENERAL_PLACES, Numbers
from compliance.workflow.policy_changes import change_policy
from compliance.workflow.states import Kind, Outcome, State
from tests.workflow_fixtures import outcomes, states, visitor

SIZES = [10, 30]


@pytest.fixture(autouse=True)
def from_twenty_on(desk, make_person):
    """More than twenty targets in production are many."""
    production, administrator = GENERAL_PLACES[0], make_person(Role.ADMINISTRATOR)
    change_policy(place=production, kind="", numbers=Numbers(canary_over=20), by=administrator)


@pytest.fixture
def large(desk, make_subscription):
    """`large(count=..., kind=...)`: a request in a production subscription, executing."""
    desk.subscription = make_subscription(desk.sandbox, production=True)

    def make(count=40, kind=Kind.ERASURE, subscriptions=None):
        targets = [visitor(name) for name in desk.ids(count)]
        return desk.executing_targets(
            kind, targets, subscriptions=subscriptions, channel="email", identity="mailbox"
        )

    return make


def sizes(request):
    return [(batch.canary, batch.sendings.count()) for batch in request.batches.all()]


def test_nothing_but_the_canary_is_made_before_pendo_has_accepted_it(desk, large):
    request = large()

    tasks.tick()

    assert sizes(request) == [(True, 10)]


def test_rest_follows_once_the_canary_is_accepted(desk, large):
    request = large()

    desk.run()

    assert [count for count, _ in desk.posts()] == SIZES
    assert sizes(request) == [(True, 10), (False, 30)]
    assert outcomes(request) == {Outcome.ACCEPTED: 40}
    assert not request.attentions.exists()


def test_canary_that_pendo_did_not_take_is_sent_again_before_the_rest(desk, large):
    request = large()
    desk.fault("status_429", times=2)

    desk.run()

    assert [count for count, _ in desk.posts()] == [10, 10, *SIZES]
    assert outcomes(request) == {Outcome.ACCEPTED: 40}


def test_canary_refused_as_a_whole_stops_the_request_until_an_officer_resumes_it(desk, large):
    request = large()
    desk.queue(*desk.ids(1))

    desk.run()

    request.refresh_from_db()
    assert desk.posts() == [(10, 400)]
    assert request.paused_at
    assert request.attentions.get().reason == Attention.Reason.CANARY_STOPPED
    assert request.state == State.EXECUTING

    resume_request(request=request, by=desk.officer)
    desk.run()

    assert not request.attentions.filter(settled_at=None).exists()
    assert outcomes(request) == {Outcome.ACCEPTED: 40}


def test_canary_whose_waiting_an_officer_ends_lets_the_rest_go_once_resumed(desk, large):
    request = large()
    desk.fault("payment", times=None)
    desk.run(most=10)
    desk.well()
    told = request.attentions.get(reason=Attention.Reason.NOT_PAID)

    give_up(attention=told, by=desk.officer)
    request.refresh_from_db()
    assert request.paused_at
    resume_request(request=request, by=desk.officer)
    desk.run()

    assert outcomes(request) == {Outcome.FAILED: 10, Outcome.ACCEPTED: 30}


def test_lost_canary_without_a_receipt_stops_the_request(desk, large):
    request = large()
    desk.fault("drop_after")

    desk.run()

    request.refresh_from_db()
    assert (states(request), bool(request.paused_at)) == ([BatchState.ACCEPTED], True)
    assert outcomes(request) == {Outcome.ACCEPTED: 10, Outcome.PENDING: 30}


@pytest.mark.parametrize(("count", "canaries"), [(20, 0), (21, 1)])
def test_only_more_targets_than_the_policy_names_have_a_canary(large, count, canaries):
    assert large(count).batches.filter(canary=True).count() == canaries


def test_each_production_subscription_has_its_own_canary_and_no_other_has(desk, large, make_subscription):
    test_one = make_subscription(desk.sandbox, production=False)

    request = large(40, subscriptions=[desk.subscription, test_one])

    by_name = {batch.subscription: batch.canary for batch in request.batches.all()}
    assert by_name == {desk.subscription: True, test_one: False}


def test_readmission_needs_no_canary(desk, large):
    request = desk.executing_targets(Kind.READMISSION, [visitor(name) for name in desk.ids(40)])

    assert sizes(request) == [(False, 40)]

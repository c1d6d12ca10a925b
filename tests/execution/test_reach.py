"""A subscription that stays out of reach, and the way out."""

import datetime as dt

import pytest

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.execution import giving_up, tasks
from compliance.execution.giving_up import counts_of, give_up, waited_for
from compliance.execution.models import Batch, BatchState
from compliance.execution.reach import tell_of_unreachable
from compliance.subscriptions import lanes
from compliance.subscriptions.foreign import propose_foreign_key
from compliance.subscriptions.models import LaneKind, PauseReason, Subscription
from compliance.subscriptions.outages import end_outage
from compliance.subscriptions.pausing import pause, resume
from compliance.workflow.attention import settle_attention
from compliance.workflow.models import Attention
from compliance.workflow.states import Kind, Outcome, State
from tests.request_fixtures import events_of
from tests.workflow_fixtures import guide_for, guide_for_everybody, keep_targets, outcomes, states, visitor

UNREACHABLE = Attention.Reason.UNREACHABLE
OTHER_KEY = "5a4db0c5-0000-4000-8000-0000000f0003.us"


@pytest.fixture
def lost(desk):
    """`lost(reason=..., days=...)`: the subscription has been paused, or silent, for so many days."""

    def lose(reason="", days=4):
        since = clock.now() - dt.timedelta(days=days)
        if reason:
            pause(subscription=desk.subscription, reason=reason, by=None)
            Subscription.objects.filter(pk=desk.subscription.pk).update(paused_at=since)
        else:
            Subscription.objects.filter(pk=desk.subscription.pk).update(silent_since=since)
        tell_of_unreachable()

    return lose


def told(request):
    return list(request.attentions.filter(settled_at=None).values_list("reason", flat=True))


@pytest.mark.parametrize(
    "reason", ["", PauseReason.KEY_REFUSED, PauseReason.FOREIGN, PauseReason.NO_CONTROLS]
)
def test_after_days_out_of_reach_a_person_is_told_once(desk, lost, reason):
    request = desk.executing(desk.ids(1))

    lost(reason)
    tell_of_unreachable()

    assert told(request) == [UNREACHABLE]
    assert events_of(request).count("attention:raised") == 1


@pytest.mark.parametrize(
    ("reason", "days"), [("", 2), (PauseReason.KEY_REFUSED, 2), (PauseReason.PERSON, 90)]
)
def test_before_that_and_where_a_person_paused_it_nobody_is(desk, lost, reason, days):
    request = desk.executing(desk.ids(1))

    lost(reason, days)

    assert told(request) == []


def test_requests_that_wait_for_nothing_there_are_left_alone(desk, lost, later):
    done, previewed = desk.executing(desk.ids(1)), desk.previewed(desk.ids(1, start=1))
    desk.finish(later)

    lost()

    assert told(done) == told(previewed) == []


def test_once_settled_by_a_person_it_is_not_raised_again_in_the_same_outage(desk, lost, officer):
    request = desk.executing(desk.ids(1))
    lost()

    settle_attention(attention=request.attentions.get(), by=officer)
    tell_of_unreachable()

    assert told(request) == []


def test_reached_again_nobody_has_to_look_any_more(desk, lost, officer):
    silent = desk.executing(desk.ids(1))
    lost()
    assert told(silent) == [UNREACHABLE]

    end_outage(desk.subscription)
    tell_of_unreachable()

    assert told(silent) == []


def test_resumed_nobody_has_to_look_any_more(desk, lost, officer):
    request = desk.executing(desk.ids(1))
    lost(PauseReason.FOREIGN)
    assert told(request) == [UNREACHABLE]

    resume(subscription=desk.subscription, by=officer)
    tell_of_unreachable()

    assert told(request) == []


# -- Ending it -----------------------------------------------------------------------------------------------


def test_everything_ends_as_failed_wherever_it_was(desk, lost, officer):
    """Accepted, still there, uncertain, waiting in a batch, and in none yet; what is erased stays so."""
    request = desk.executing(desk.ids(4))
    desk.run()
    turn_one(request, Outcome.ERASED)
    turn_one(request, Outcome.PRESENT)
    add(desk, request, desk.ids(1, start=4), Outcome.UNCERTAIN, BatchState.UNCERTAIN)
    add(desk, request, desk.ids(1, start=5), Outcome.PENDING, BatchState.READY)
    add(desk, request, desk.ids(2, start=6), Outcome.PENDING)
    lost(PauseReason.KEY_REFUSED)
    attention = request.attentions.get()

    assert counts_of(attention) == [
        (Outcome.PENDING, 3),
        (Outcome.UNCERTAIN, 1),
        (Outcome.ACCEPTED, 2),
        (Outcome.PRESENT, 1),
    ]
    give_up(attention=attention, by=officer)

    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert outcomes(request) == {Outcome.ERASED: 1, Outcome.FAILED: 7}
    assert "request:waiting:ended" in events_of(request)
    assert told(request) == []


def turn_one(request, outcome):
    """One of those that Pendo has accepted is further on."""
    target = request.targets.filter(outcome=Outcome.ACCEPTED).first()
    request.targets.filter(pk=target.pk).update(outcome=outcome)


def add(desk, request, ids, outcome, state=None):
    """Further targets of the request, in a batch of this state, or in none."""
    keep_targets(request, desk.subscription, [visitor(each) for each in ids])
    new = list(request.targets.order_by("-pk")[: len(ids)])
    request.targets.filter(pk__in=[each.pk for each in new]).update(outcome=outcome)
    if state:
        number = 100 + request.batches.count()
        batch = Batch.objects.create(
            request=request, subscription=desk.subscription, number=number, state=state
        )
        batch.sendings.create(target=new[0])


def test_a_large_one_ends_in_slices_by_the_tick(desk, lost, officer, monkeypatch):
    monkeypatch.setattr(giving_up, "A_SLICE", 2)
    monkeypatch.setattr(giving_up, "a_turn", lambda: lambda: False)
    request = desk.executing(desk.ids(1))
    add(desk, request, desk.ids(6, start=1), Outcome.PENDING)
    lost()
    attention = request.attentions.get()

    give_up(attention=attention, by=officer)
    attention.refresh_from_db()
    assert attention.ending
    assert outcomes(request) == {Outcome.FAILED: 1, Outcome.PENDING: 6}

    for _ in range(5):
        tasks.tick()

    attention.refresh_from_db()
    request.refresh_from_db()
    assert not attention.ending
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.FAILED: 7})


def test_what_is_being_ended_is_not_sent_should_the_subscription_come_back(desk, lost, officer, monkeypatch):
    monkeypatch.setattr(giving_up, "a_turn", lambda: lambda: False)
    monkeypatch.setattr(giving_up, "A_SLICE", 1)
    request = desk.executing(desk.ids(1))
    add(desk, request, desk.ids(1, start=1), Outcome.PENDING, BatchState.READY)
    lost()
    give_up(attention=request.attentions.get(), by=officer)
    assert states(request).count(BatchState.READY) == 1
    end_outage(desk.subscription)

    desk.send()

    assert desk.posts() == []


def test_a_call_whose_sender_died_ends_too(desk, lost, officer):
    request = desk.executing(desk.ids(1))
    desk.kill(desk.send, when=desk.posted)
    lost(PauseReason.KEY_REFUSED)

    give_up(attention=request.attentions.get(reason=UNREACHABLE), by=officer)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.FAILED: 1})


@pytest.mark.parametrize("everybody", [False, True])
def test_resets_whose_sender_died_end_too(desk, lost, officer, everybody):
    guide = next(each.id for each in desk.pendo.guides.values() if each.state == "staged")
    target = guide_for_everybody(guide) if everybody else guide_for(desk.ids(1)[0], guide)
    request = desk.executing_targets(Kind.GUIDE_RESET, [target])
    assert desk.kill(desk.call, when=lambda *_: bool(desk.pendo.resets))
    assert states(request) == [BatchState.SENDING]
    lost(PauseReason.KEY_REFUSED)

    give_up(attention=request.attentions.get(reason=UNREACHABLE), by=officer)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.FAILED: 1})


def test_while_a_call_is_under_way_nothing_is_ended(desk, lost, officer):
    request = desk.executing(desk.ids(1))
    desk.kill(desk.send, when=desk.posted)
    lost(PauseReason.KEY_REFUSED)
    lanes.take(desk.lane(LaneKind.BULK).pk, group="")

    with pytest.raises(Refused, match="under way"):
        give_up(attention=request.attentions.get(), by=officer)

    assert told(request) == [UNREACHABLE]


def in_both(desk, other):
    targets = [visitor(each) for each in desk.ids(1)]
    return desk.executing_targets(Kind.TEST_DATA, targets, subscriptions=[desk.subscription, other])


def test_another_subscription_of_the_request_goes_on(desk, lost, officer, make_subscription):
    other = make_subscription(desk.sandbox)
    request = in_both(desk, other)
    lost()
    assert waited_for(request.attentions.get()).count() == 1

    give_up(attention=request.attentions.get(), by=officer)
    desk.work(LaneKind.BULK, other)

    request.refresh_from_db()
    assert outcomes(request) == {Outcome.FAILED: 1, Outcome.ACCEPTED: 1}
    assert request.state == State.CONFIRMING


def test_afterwards_another_pendo_subscription_may_take_its_place(desk, lost, officer, make_subscription):
    """Though the request is still open for its other subscription."""
    other = make_subscription(desk.sandbox)
    request = in_both(desk, other)
    desk.work(LaneKind.BULK, other)
    lost(PauseReason.KEY_REFUSED)
    desk.sandbox.world.subscriptions["other"].keys[OTHER_KEY] = True
    with pytest.raises(Refused, match="under way"):
        propose_foreign_key(subscription=desk.subscription, key=OTHER_KEY, by=officer)

    give_up(attention=request.attentions.get(), by=officer)

    assert propose_foreign_key(subscription=desk.subscription, key=OTHER_KEY, by=officer)
    request.refresh_from_db()
    assert request.state == State.CONFIRMING


def test_the_page_says_what_may_still_be_in_pendo(desk, lost, client_of, officer):
    request = desk.executing(desk.ids(2))
    desk.run()
    lost()

    page = (
        client_of(officer)
        .get(f"/requests/attention/{request.attentions.get().pk}/end-waiting/")
        .content.decode()
    )

    assert "2 targets in" in page
    assert "2 accepted by pendo" in page
    assert "tell the person which data could not be erased" in page

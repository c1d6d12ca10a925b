import pytest

from compliance.execution import tasks
from compliance.sandbox.keys import OTHER_WRITE_KEY
from compliance.subscriptions.models import LaneKind, PauseReason
from compliance.workflow.models import Request
from compliance.workflow.previews import current_preview
from compliance.workflow.states import Outcome, State
from tests.execution.test_looking import asks_whether_to_go_on, path_of
from tests.workflow_fixtures import ids_with, meanwhile, outcomes


def looked_up(request):
    return request.targets.filter(looked_up_at__isnull=False).count()


def test_preview_tells_who_exists_and_who_does_not(desk):
    ids = desk.ids(2)

    request = desk.previewed([*ids, "nobody"])

    assert request.state == State.PREVIEWED
    assert ids_with(request, Outcome.PENDING) == set(ids)
    assert ids_with(request, Outcome.NOT_FOUND) == {"nobody"}


def test_preview_of_nobody_has_its_own_ending(desk):
    assert desk.previewed(["nobody"]).state == State.NOTHING_FOUND


def test_preview_covers_every_subscription_of_the_request(desk, make_subscription):
    other = make_subscription(desk.sandbox, key=OTHER_WRITE_KEY)
    request = desk.opened(desk.ids(2), subscriptions=[desk.subscription, other])

    desk.read()
    request.refresh_from_db()
    assert request.state == State.PREVIEWING

    desk.work(LaneKind.READ, other)
    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.PREVIEWED, {Outcome.PENDING: 2, Outcome.NOT_FOUND: 2})


def test_another_subscription_makes_no_preview_and_the_preview_says_why(desk):
    request = desk.opened(desk.ids(2))
    desk.fault("foreign", times=None, prefix="/api/")

    desk.read()

    assert (looked_up(request), desk.paused()) == (0, PauseReason.FOREIGN)
    assert "another subscription" in current_preview(request).trouble


def test_subscription_that_changes_during_a_preview_tells_nothing(desk):
    request = desk.opened(desk.ids(3))

    with meanwhile(
        fits=asks_whether_to_go_on,
        act=lambda: desk.fault("foreign", times=None, prefix="/api/"),
        skip=2,
    ):
        desk.read()

    assert (looked_up(request), desk.paused()) == (0, PauseReason.FOREIGN)


@pytest.mark.parametrize("fault", ["status_503", "drop_before", "html"])
def test_silent_pendo_makes_the_preview_wait_and_say_so(desk, fault):
    request = desk.opened(desk.ids(2))
    desk.fault(fault, times=None, prefix="/api/")

    desk.read()

    assert looked_up(request) == 0
    assert "doesn't answer" in current_preview(request).trouble
    assert desk.lane(LaneKind.READ).failures == 1

    desk.well()
    desk.read()

    assert (looked_up(request), current_preview(request).trouble) == (2, "")


def test_refused_key_is_said_at_the_preview(desk):
    request = desk.opened(desk.ids(1))
    desk.fault("forbidden", times=None, prefix="/api/")

    desk.read()

    assert desk.paused() == PauseReason.KEY_REFUSED
    assert "refuses the key" in current_preview(request).trouble


@pytest.mark.parametrize("fault", ["html", "status_500", "drop_before"])
def test_visitor_without_a_usable_answer_holds_up_no_other_preview(desk, fault):
    ids = desk.ids(4)
    odd, well = desk.opened(ids[:3]), desk.opened(ids[3:])
    desk.fault(fault, times=None, prefix=path_of(ids[0]))

    desk.read()

    well.refresh_from_db()
    assert (looked_up(odd), looked_up(well), well.state) == (2, 1, State.PREVIEWED)
    assert "every question" in current_preview(odd).trouble
    assert desk.lane(LaneKind.READ).failures == 1

    desk.read()
    assert desk.lane(LaneKind.READ).failures == 1

    desk.well()
    desk.read()
    odd.refresh_from_db()
    assert odd.state == State.PREVIEWED


def test_visitor_without_a_usable_answer_holds_up_no_confirmation(desk, later):
    ids = desk.ids(2)
    request = desk.executing(ids[:1])
    desk.send()
    desk.complete()
    desk.opened(ids[1:])
    desk.fault("html", times=None, prefix=path_of(ids[1]))

    desk.read()

    assert outcomes(request) == {Outcome.ERASED: 1}


def test_preview_completed_before_a_rate_limit_does_not_wait_for_the_others(desk):
    ids = desk.ids(2)
    first, second = desk.opened(ids[:1]), desk.opened(ids[1:])
    desk.fault("status_429", times=None, prefix=path_of(ids[1]))

    desk.read()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.PREVIEWED, State.PREVIEWING)


def test_preview_whose_reader_was_killed_before_counting_is_counted_by_the_next_tick(desk):
    request = desk.opened(desk.ids(2))

    def is_about_to_count(_, sql):
        return 'FROM "workflow_request" WHERE "workflow_request"."id" = ' in sql

    assert desk.kill(desk.read, when=is_about_to_count)
    request.refresh_from_db()
    assert (looked_up(request), request.state) == (2, State.PREVIEWING)

    tasks.tick()

    request.refresh_from_db()
    assert request.state == State.PREVIEWED


def test_request_cancelled_during_its_preview_stays_cancelled(desk):
    request = desk.opened(desk.ids(2))

    with meanwhile(
        fits=asks_whether_to_go_on,
        act=lambda: Request.objects.filter(pk=request.pk).update(state=State.CANCELLED),
        skip=1,
    ):
        desk.read()

    request.refresh_from_db()
    assert request.state == State.CANCELLED

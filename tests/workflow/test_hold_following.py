"""What a lifted hold had kept back is looked at again."""

import pytest

from compliance.audit.events import Event
from compliance.core.errors import Refused
from compliance.workflow.approvals import cancel, confirm_everything_held
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.hold_following import look_again_at_held, released_targets
from compliance.workflow.hold_placing import lift_hold
from compliance.workflow.previews import current_preview
from compliance.workflow.states import Outcome, State
from tests.request_fixtures import asked_values, events_of, look_up
from tests.workflow_fixtures import ids_with


@pytest.fixture
def closed(previewed_request, hold, analyst):
    """A closed request of which everything was held."""
    hold(visitors=["visitor-one", "visitor-two"]), hold(visitors=["visitor-three"])
    request = previewed_request()
    confirm_everything_held(request=request, by=analyst)
    request.refresh_from_db()
    return request


@pytest.fixture
def lifted(closed, legal):
    """The first of the holds is lifted."""
    lift_hold(hold=closed.targets.first().held_by, reason="Settled.", by=legal)
    return closed


def test_a_request_of_its_own_asks_for_what_is_held_no_more(lifted, analyst):
    other = look_again_at_held(request=lifted, by=analyst)
    look_up(other)

    assert asked_values(other) == ["visitor-one", "visitor-two"]
    assert other.state == State.PREVIEWED
    assert current_preview(other).found == 2
    assert (other.continues, other.received_on, other.send_by) == (lifted, lifted.received_on, lifted.send_by)
    assert list(other.clocks.values_list("kind", "safe")) == list(lifted.clocks.values_list("kind", "safe"))
    assert ids_with(lifted, Outcome.HELD) == {"visitor-one", "visitor-two", "visitor-three"}


def test_both_ledgers_say_so_and_nobody_is_told_any_more(lifted, analyst):
    assert lifted.attentions.filter(settled_at=None).count() == 1

    other = look_again_at_held(request=lifted, by=analyst)

    assert Event.HELD_CONTINUED.value in events_of(lifted)
    assert Event.CONTINUES_HELD.value in events_of(other)
    assert not lifted.attentions.filter(settled_at=None).exists()


def test_it_is_looked_at_again_once_unless_that_was_cancelled(lifted, analyst):
    other = look_again_at_held(request=lifted, by=analyst)

    with pytest.raises(Refused):
        look_again_at_held(request=lifted, by=analyst)
    cancel(request=other, by=analyst, reason="A slip")

    assert released_targets(lifted).count() == 2
    assert look_again_at_held(request=lifted, by=analyst)


def test_what_is_still_held_is_not_looked_at(closed, analyst):
    with pytest.raises(Refused):
        look_again_at_held(request=closed, by=analyst)


def test_before_anything_is_sent_all_of_it_is_looked_at_instead(previewed_request, hold, legal, analyst):
    placed = hold(visitors=["visitor-one"])
    request = previewed_request()
    lift_hold(hold=placed, reason="Settled.", by=legal)

    with pytest.raises(StateChanged):
        look_again_at_held(request=request, by=analyst)


def test_legal_lifts_and_somebody_else_looks_again(lifted, legal):
    with pytest.raises(NotThisPerson):
        look_again_at_held(request=lifted, by=legal)


def test_another_hold_placed_meanwhile_keeps_it_back_again(lifted, analyst, hold):
    other = look_again_at_held(request=lifted, by=analyst)
    hold(visitors=["visitor-two"])

    look_up(other)

    assert ids_with(other, Outcome.HELD) == {"visitor-two"}

"""Previews, compared with the holds that stand."""

import pytest

from compliance.audit.events import Event
from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.workflow import previews, screening
from compliance.workflow.approvals import confirm_everything_held
from compliance.workflow.choosing import choose_targets
from compliance.workflow.errors import NotThisPerson, SetHasChanged, StateChanged
from compliance.workflow.hold_placing import lift_hold
from compliance.workflow.hold_reasons import HoldReason
from compliance.workflow.previews import current_preview, digest_of, look_again, screen_again
from compliance.workflow.screening import requests_to_screen
from compliance.workflow.states import Outcome, State
from tests.request_fixtures import events_of, give_approval, look_up
from tests.workflow_fixtures import ids_with


def test_what_is_held_is_so_in_the_preview_and_the_rest_goes_on(previewed_request, hold, officer):
    placed = hold(visitors=["visitor-two"], reason=HoldReason.REGULATOR_ORDER)

    request = previewed_request()

    preview = current_preview(request)
    assert ids_with(request, Outcome.HELD) == {"visitor-two"}
    assert request.targets.get(outcome=Outcome.HELD).held_by == placed
    assert (preview.found, preview.held) == (2, 1)
    assert preview.digest == digest_of(request)
    assert give_approval(request, officer)


def test_the_ledger_tells_the_code_and_the_hold_and_not_its_matter(previewed_request, hold):
    placed = hold(visitors=["visitor-two"], matter="Wombat versus Yak")

    request = previewed_request()

    told = " ".join(entry.text for entry in entries_of(request.chain))
    assert f"H_LITIGATION (hold/{placed.pk}), compared for the preview" in told
    assert "Wombat" not in told


def test_by_domain_all_of_them_are_held_and_there_is_nothing_to_approve(previewed_request, hold, officer):
    hold(domains=["person.example"])

    request = previewed_request()

    assert request.state == State.PREVIEWED
    assert current_preview(request).held == 3
    with pytest.raises(Refused, match="all that was found is held"):
        give_approval(request, officer)


def test_who_is_held_and_absent_was_not_found(previewed_request, hold):
    hold(visitors=["visitor-one"])

    request = previewed_request(absent=["visitor-one"])

    assert ids_with(request, Outcome.NOT_FOUND) == {"visitor-one"}


# -- A hold placed afterwards --------------------------------------------------------------------------------


def test_a_hold_on_a_preview_that_waits_has_it_counted_anew(previewed_request, hold, officer, second_officer):
    request = previewed_request(production=True)
    hold(visitors=["visitor-two"])

    assert list(requests_to_screen()) == [request]
    screen_again(request)

    preview = current_preview(request)
    assert (preview.number, preview.found, preview.held, preview.screening) == (2, 2, 1, False)
    assert events_of(request)[-1] == Event.PREVIEW_HELD.value
    assert not requests_to_screen()
    assert give_approval(request, officer)


def test_until_then_it_can_not_be_approved(previewed_request, hold, officer):
    request = previewed_request()
    hold(visitors=["visitor-two"])

    with pytest.raises(SetHasChanged, match="placed just now"):
        give_approval(request, officer)


def test_a_hold_on_nobody_of_it_changes_nothing(previewed_request, hold, officer):
    request = previewed_request()
    before = events_of(request)
    hold(visitors=["somebody-else"])

    screen_again(request)

    assert events_of(request) == before
    assert give_approval(request, officer)


def test_it_is_compared_in_slices(previewed_request, hold, monkeypatch):
    monkeypatch.setattr(screening, "A_SLICE", 1)
    request = previewed_request()
    hold(visitors=["visitor-one", "visitor-three"])

    screen_again(request, may_go_on=lambda: False)
    assert current_preview(request).screening
    screen_again(request)

    assert current_preview(request).held == 2


def test_a_hold_placed_while_it_is_being_counted_is_not_missed(new_request, hold, monkeypatch):
    request, end_summary = new_request(), previews.end_summary

    def end_late(preview):
        monkeypatch.setattr(previews, "end_summary", end_summary)
        hold(visitors=["visitor-two"])
        end_summary(preview)

    monkeypatch.setattr(previews, "end_summary", end_late)
    look_up(request)
    assert request.state == State.PREVIEWING
    previews.complete_preview(request)

    request.refresh_from_db()
    assert request.state == State.PREVIEWED
    assert current_preview(request).held == 1


def test_an_approved_set_stays_as_it_was_approved(approved_in_grace, hold):
    hold(visitors=["visitor-two"])

    assert not requests_to_screen()
    assert digest_of(approved_in_grace) == current_preview(approved_in_grace).digest


def test_whom_a_person_takes_in_after_all_is_compared_too(previewed_request, hold, analyst):
    request = previewed_request()
    spared = request.targets.first()
    choose_targets(request=request, by=analyst, exclude=[spared.pk])
    hold(visitors=["visitor-one"])
    screen_again(request)

    choose_targets(request=request, by=analyst, include=[spared.pk])
    screen_again(request)

    assert ids_with(request, Outcome.HELD) == {"visitor-one"}


def test_after_a_lift_looking_again_takes_them_in(previewed_request, hold, legal, analyst):
    placed = hold(visitors=["visitor-two"])
    request = previewed_request()
    lift_hold(hold=placed, reason="Settled.", by=legal)
    assert request.attentions.filter(settled_at=None).count() == 1

    look_again(request=request, by=analyst)
    look_up(request)

    assert current_preview(request).found == 3
    assert not request.attentions.filter(settled_at=None).exists()


# -- Everything held -----------------------------------------------------------------------------------------


def test_a_request_that_is_held_whole_is_closed_by_a_person(previewed_request, hold, analyst):
    hold(domains=["person.example"])
    request = previewed_request()

    confirm_everything_held(request=request, by=analyst)

    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert request.closed_at
    assert ids_with(request, Outcome.HELD) == {"visitor-one", "visitor-two", "visitor-three"}


def test_while_something_is_left_to_be_approved_it_is_not(previewed_request, hold, analyst, legal):
    hold(visitors=["visitor-one"])
    request = previewed_request()

    with pytest.raises(StateChanged):
        confirm_everything_held(request=request, by=analyst)
    with pytest.raises(NotThisPerson):
        confirm_everything_held(request=request, by=legal)

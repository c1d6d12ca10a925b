"""What the screens show."""

import pytest

from compliance.connectors.pendo import Visitor
from compliance.dashboard.queries import (
    STATE_TONES,
    looked_up,
    outcome_counts,
    state_tone,
    target_rows,
    timeline,
    waits_for,
    work_of,
)
from compliance.execution.models import Batch, BatchState
from compliance.people.membership import deactivate, propose_role
from compliance.people.roles import Role
from compliance.subscriptions.models import PauseReason
from compliance.subscriptions.pausing import pause
from compliance.workflow.previews import current_preview, keep_lookup
from compliance.workflow.sealing import targets_vault
from compliance.workflow.states import State
from tests.request_fixtures import give_approval


def test_those_that_were_found_come_first(previewed_request):
    request = previewed_request(absent=["visitor-one"])

    rows = target_rows(request)

    assert [row.id for row in rows] == ["visitor-two", "visitor-three", "visitor-one"]
    assert rows[-1].outcome == "Not found"


@pytest.mark.parametrize(
    ("visitor_id", "email", "why"),
    [
        ("visitor-one", "jane@person.example", "Exact id"),
        ("Jane@person.example", "jane@person.example", "Exact id"),
        ("jane@person.example", "joe@person.example", "Exact id, but Pendo has another e-mail for it"),
    ],
)
def test_each_visitor_says_why_it_is_this_person_and_what_contradicts(new_request, visitor_id, email, why):
    request = new_request(visitors=[visitor_id])

    keep_lookup(request.targets.get(), targets_vault(request), Visitor(visitor_id, email=email))

    assert target_rows(request)[0].why == why


def test_who_was_not_found_is_nobody(previewed_request):
    rows = target_rows(previewed_request(absent=["visitor-one"]))

    assert rows[-1].why == ""


def test_counts_add_up(previewed_request):
    request = previewed_request(absent=["visitor-one"])

    assert sum(row.count for row in outcome_counts(request)) == request.targets.count()
    assert looked_up(current_preview(request)) == (3, 3)


def test_every_state_but_the_cancelled_one_has_a_tone():
    assert set(STATE_TONES) == set(State) - {State.CANCELLED}
    assert state_tone(State.CANCELLED) == ""


def test_the_timeline_names_colleagues_and_nobody_else(previewed_request, officer):
    request = previewed_request(visitors=["visitor-jane"], note="Jane wrote")
    give_approval(request, officer)

    text = " ".join(moment.sentence for moment in timeline(request))

    assert "Ana Analyst recorded a request" in text
    assert "Otto Officer approved preview 1" in text
    assert "jane" not in text.lower()


@pytest.mark.parametrize("state", BatchState)
def test_a_batch_that_waits_says_for_what(new_request, state):
    request = new_request()
    batch = Batch(request=request, subscription=request.subscriptions.get(), number=1, state=state)

    assert waits_for(batch).endswith(".") or state in {BatchState.CONFIRMED, BatchState.SPLIT}


def test_a_batch_of_a_paused_subscription_waits_for_that(new_request, officer):
    request = new_request()
    pause(subscription=request.subscriptions.get(), reason=PauseReason.FOREIGN, by=officer)
    batch = Batch(request=request, subscription=request.subscriptions.get(), number=1)

    assert "paused" in waits_for(batch).lower()


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.ANALYST, {"attentions", "to_mend", "open_requests", "subscriptions"}),
        (Role.OFFICER, {"attentions", "to_decide", "to_mend", "open_requests", "subscriptions", "policies"}),
        (Role.LEGAL, {"open_requests", "subscriptions"}),
        (Role.QA, set()),
        (Role.KEY_CUSTODIAN, {"subscriptions"}),
        (Role.ADMINISTRATOR, {"subscriptions", "grants"}),
    ],
)
def test_each_role_sees_its_own_work(make_person, role, sees):
    work = work_of(make_person(role))

    assert {name for name, value in vars(work).items() if value is not None} == sees
    assert work.is_empty == (not sees)


def test_a_role_proposed_for_somebody_who_left_waits_for_nobody(make_person):
    first, second = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    person = make_person(Role.ANALYST)
    propose_role(person=person, role=Role.OFFICER, by=first)
    assert work_of(second).grants.count() == 1

    deactivate(person=person, by=first)

    assert not work_of(second).grants

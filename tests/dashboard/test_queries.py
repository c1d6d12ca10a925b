"""What the screens show."""

import datetime as dt

import pytest

from compliance.connectors.pendo import Visitor
from compliance.core import clock
from compliance.dashboard.queries import (
    STATE_TONES,
    looked_up,
    outcome_counts,
    state_tone,
    target_rows,
    timeline,
    work_of,
)
from compliance.people.membership import deactivate, propose_role
from compliance.people.roles import Role
from compliance.subscriptions.models import Key, KeyProposal, PauseReason
from compliance.subscriptions.pausing import pause
from compliance.workflow.previews import keep_lookup
from compliance.workflow.sealing import targets_vault
from compliance.workflow.states import Outcome, Spared, State, Why
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
    assert looked_up(request, outcome_counts(request)) == (3, 3)


def test_every_state_but_the_cancelled_and_the_withdrawn_one_has_a_tone():
    assert set(STATE_TONES) == set(State) - {State.CANCELLED, State.WITHDRAWN}
    assert state_tone(State.CANCELLED) == ""


def test_the_timeline_names_colleagues_and_nobody_else(previewed_request, officer):
    request = previewed_request(visitors=["visitor-jane"], note="Jane wrote")
    give_approval(request, officer)

    text = " ".join(moment.sentence for moment in timeline(request).whole)

    assert "Ana Analyst recorded a request" in text
    assert "Otto Officer approved preview 1" in text
    assert "jane" not in text.lower()


SUBSCRIPTIONS = {"subscriptions", "unanswered", "keys"}


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (
            Role.ANALYST,
            {
                "incidents",
                "attentions",
                "findings",
                "appeals",
                "tasks",
                "to_mend",
                "open_requests",
                "overdue",
                "uploads",
                *SUBSCRIPTIONS,
            },
        ),
        (
            Role.OFFICER,
            {
                "incidents",
                "attentions",
                "findings",
                "tasks",
                "to_decide",
                "refusals",
                "appeals",
                "to_mend",
                "open_requests",
                "overdue",
                "key_proposals",
                "policies",
                "uploads",
                *SUBSCRIPTIONS,
            },
        ),
        (Role.LEGAL, {"incidents", "open_requests", "overdue", *SUBSCRIPTIONS}),
        (Role.QA, {"appeals", "to_mend", "open_requests", "overdue", "uploads"}),
        (Role.KEY_CUSTODIAN, {"key_proposals", *SUBSCRIPTIONS}),
        (Role.ADMINISTRATOR, {"grants", *SUBSCRIPTIONS}),
    ],
)
def test_each_role_sees_its_own_work(make_person, role, sees):
    work = work_of(make_person(role))

    assert {name for name, value in vars(work).items() if value is not None} == sees
    assert not work.is_empty


def test_a_role_proposed_for_somebody_who_left_waits_for_nobody(make_person):
    first, second = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    person = make_person(Role.ANALYST)
    propose_role(person=person, role=Role.OFFICER, by=first)
    assert work_of(second).grants.count() == 1

    deactivate(person=person, by=first)

    assert not work_of(second).grants


# -- Keys --------------------------------------------------------------------------------------------------


@pytest.fixture
def old_key(silent_subscription):
    """A key to be replaced within a week."""
    made_on = clock.today() - dt.timedelta(days=84)
    return Key.objects.create(subscription=silent_subscription(), fingerprint="0123abcd", made_on=made_on)


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.KEY_CUSTODIAN, True), (Role.OFFICER, False), (Role.ADMINISTRATOR, False), (Role.QA, None)],
)
def test_custodians_see_the_keys_that_grow_old(make_person, old_key, role, sees):
    keys = work_of(make_person(role)).keys

    assert keys == {True: [old_key], False: [], None: None}[sees]


def test_whoever_looks_after_a_key_sees_it_too(make_person, old_key):
    owner, deputy = make_person(Role.OFFICER), make_person(Role.ADMINISTRATOR)
    old_key.owner, old_key.deputy = owner, deputy
    old_key.save()

    assert work_of(owner).keys == work_of(deputy).keys == [old_key]


@pytest.mark.parametrize(
    ("days", "changes", "listed"),
    [(59, {}, False), (60, {}, True), (200, {}, True), (1, {"replaced_at": clock.now()}, True)],
)
def test_keys_to_look_after_grow_old_or_wait_to_be_deleted(make_person, old_key, days, changes, listed):
    Key.objects.update(made_on=clock.today() - dt.timedelta(days=days), **changes)

    assert bool(work_of(make_person(Role.KEY_CUSTODIAN)).keys) is listed


def test_retired_key_is_nobodys_work(make_person, old_key):
    Key.objects.update(replaced_at=clock.now(), retired_at=clock.now())

    assert work_of(make_person(Role.KEY_CUSTODIAN)).keys == []


def test_refused_key_shows_the_requests_that_press(make_person, silent_subscription, new_request, client_of):
    subscription = silent_subscription()
    request = new_request(subscriptions=[subscription])
    request.send_by = clock.today()
    request.save()
    pause(subscription=subscription, reason=PauseReason.KEY_REFUSED, by=None)
    custodian = make_person(Role.KEY_CUSTODIAN)

    (unanswered,) = work_of(custodian).unanswered
    page = client_of(custodian).get("/").content.decode()

    assert (unanswered.subscription, unanswered.pressing) == (subscription, [request])
    assert f"Pendo refuses the key of {subscription.name}" in page
    assert request.reference in page
    assert f"/requests/{request.reference}/" not in page


def test_proposed_key_waits_for_others_than_its_proposer(make_person, silent_subscription):
    proposer, officer = make_person(Role.KEY_CUSTODIAN), make_person(Role.OFFICER)
    proposal = KeyProposal.objects.create(
        subscription=silent_subscription(), fingerprint="0123abcd", proposed_by=proposer
    )

    assert list(work_of(officer).key_proposals) == [proposal]
    assert list(work_of(proposer).key_proposals) == []
    assert work_of(make_person(Role.LEGAL)).key_proposals is None


def test_a_target_is_named_as_what_it_is_and_says_why_it_was_found_or_spared(
    wiping_request, previewed_request
):
    request = previewed_request()
    request.targets.filter(pk=request.targets.first().pk).update(
        why=Why.EMAIL, outcome=Outcome.SPARED, spared_because=Spared.MANY_MATCHES
    )

    (wipe,) = target_rows(wiping_request("guide-one"))
    rows = {row.id: (row.why, row.spared_because) for row in target_rows(request)}
    assert wipe.id == "guide guide-one for everybody"
    assert rows["visitor-one"] == ("Exact e-mail address", Spared.MANY_MATCHES.label)

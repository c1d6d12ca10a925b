"""Changing the policy: at once where it only gets stricter, else with an officer."""

import datetime as dt

import pytest
import time_machine
from auditlog.models import LogEntry

from compliance.audit import chain
from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.execution.planning import move_on
from compliance.people.membership import revoke_role
from compliance.people.roles import Role
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.models import PolicyLine
from compliance.workflow.policy import (
    ELSEWHERE,
    GENERAL_PLACES,
    PRODUCTION,
    Numbers,
    place_of,
    policy_over,
)
from compliance.workflow.policy_changes import (
    CHAIN,
    agree_to_policy,
    all_places,
    change_policy,
    decline_policy,
    weakened,
)
from compliance.workflow.states import Kind, State
from tests.request_fixtures import events_of, give_approval

pytestmark = pytest.mark.django_db
IN_PRODUCTION, OTHERS = GENERAL_PLACES
STRICTER = [
    {"two_people_over": 50},
    {"two_people_over": 0},
    {"grace_minutes": 60},
    {"canary_over": 500},
    {"canary_size": 5},
    {"two_people_for_accounts": True, "grace_minutes": 45},
]
WEAKER = [
    {"two_people_over": 101},
    {"two_people_for_accounts": False},
    {"grace_minutes": 29},
    {"grace_minutes": 0},
    {"canary_over": 1001},
    {"canary_size": 11},
    {"two_people_over": 50, "grace_minutes": 10},
]


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR, name="Ada Admin")


@pytest.fixture
def change(administrator):
    """`change(place=..., kind=..., by=..., **numbers)`."""

    def change(place=IN_PRODUCTION, kind="", by=None, **numbers):
        return change_policy(place=place, kind=kind, numbers=Numbers(**numbers), by=by or administrator)

    return change


@pytest.fixture
def now_in(silent_subscription):
    """`now_in(kind)`: what an approval takes in a production subscription."""
    subscription = silent_subscription(production=True)
    return lambda kind=Kind.ERASURE: policy_over(subscriptions=[subscription], kind=kind)


def history():
    return [(entry.event, entry.body["actor"], entry.body["facts"]) for entry in entries_of(CHAIN)]


# -- At once, or not -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("numbers", STRICTER, ids=str)
def test_what_only_gets_stricter_holds_at_once(change, now_in, numbers):
    line = change(**numbers)

    assert line.in_force_at
    assert line.agreed_by is None
    assert {name: getattr(now_in(), name) for name in numbers} == numbers


@pytest.mark.parametrize("numbers", WEAKER, ids=str)
def test_what_gets_weaker_waits_for_an_officer(change, now_in, officer, numbers):
    before = now_in()

    line = change(**numbers)
    assert line.in_force_at is None
    assert now_in() == before

    agree_to_policy(line=line, by=officer)
    assert {name: getattr(now_in(), name) for name in numbers} == numbers


def test_taking_a_strict_line_back_is_weaker(change, now_in):
    change(two_people_over=50)

    line = change()

    assert line.in_force_at is None
    assert now_in().two_people_over == 50


def test_taking_a_weak_line_back_is_stricter(change, now_in, officer):
    agree_to_policy(line=change(two_people_over=500), by=officer)

    change()

    assert now_in().two_people_over == 100


def test_a_number_that_hides_a_stricter_general_one_is_weaker(change, silent_subscription):
    change(two_people_over=20)
    place = place_of(silent_subscription(production=True))

    assert weakened(place=place, kind="", numbers=Numbers(two_people_over=50)) == ["two_people_over"]
    assert weakened(place=place, kind="", numbers=Numbers(two_people_over=10)) == []


def test_a_general_line_that_weakens_one_subscription_only_is_weaker(change, silent_subscription):
    subscription = silent_subscription(production=True)
    change(two_people_over=50)
    change(place=place_of(subscription), grace_minutes=60)

    # What the subscription says itself isn't touched; the rest of it would be.
    assert weakened(place=IN_PRODUCTION, kind="", numbers=Numbers(two_people_over=50, grace_minutes=20)) == [
        "grace_minutes"
    ]
    assert weakened(place=IN_PRODUCTION, kind="", numbers=Numbers(two_people_over=60)) == ["two_people_over"]


def test_a_line_for_one_kind_leaves_others_alone(change, now_in):
    change(kind=Kind.ERASURE, two_people_over=5)

    assert now_in(Kind.ERASURE).two_people_over == 5
    assert now_in("another").two_people_over == 100


def test_one_line_holds_at_a_place_and_the_former_ones_are_kept(change):
    change(two_people_over=50)
    change(two_people_over=40)

    lines = PolicyLine.objects.order_by("pk")
    assert [(line.two_people_over, line.ended_at is None) for line in lines] == [(50, False), (40, True)]


# -- Who -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", set(Role) - {Role.ADMINISTRATOR})
def test_only_an_administrator_changes_the_policy(change, make_person, role):
    with pytest.raises(NotThisPerson):
        change(by=make_person(role), two_people_over=50)

    assert not PolicyLine.objects.exists()


@pytest.mark.parametrize("role", set(Role) - {Role.OFFICER})
def test_only_an_officer_agrees(change, make_person, role):
    line = change(two_people_over=500)

    with pytest.raises(NotThisPerson):
        agree_to_policy(line=line, by=make_person(role))


def test_the_proposer_does_not_agree_even_with_both_roles(change, make_person, now_in):
    both = make_person(Role.ADMINISTRATOR, Role.OFFICER)
    line = change(by=both, two_people_over=500)

    with pytest.raises(NotThisPerson, match="another person"):
        agree_to_policy(line=line, by=both)

    assert now_in().two_people_over == 100


def test_who_has_lost_the_role_meanwhile_does_not_agree(change, officer, administrator):
    line = change(two_people_over=500)
    assert officer.roles
    revoke_role(person=officer, role=Role.OFFICER, by=administrator)

    with pytest.raises(NotThisPerson):
        agree_to_policy(line=line, by=officer)


def test_a_declined_proposal_changes_nothing_and_can_be_made_again(change, officer, now_in):
    line = change(two_people_over=500)

    decline_policy(line=line, by=officer)

    assert now_in().two_people_over == 100
    assert change(two_people_over=500).pk != line.pk


def test_a_proposer_takes_it_back(change, administrator):
    decline_policy(line=change(two_people_over=500), by=administrator)

    assert not PolicyLine.objects.proposed().exists()


def test_a_proposal_is_decided_once(change, officer):
    line = change(two_people_over=500)
    agree_to_policy(line=line, by=officer)

    with pytest.raises(Refused, match="decided about this already"):
        agree_to_policy(line=line, by=officer)
    with pytest.raises(Refused, match="decided about this already"):
        decline_policy(line=line, by=officer)


# -- What is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "numbers",
    [
        {"two_people_over": -1},
        {"two_people_over": 1_000_001},
        {"grace_minutes": -1},
        {"grace_minutes": 4321},
        {"canary_over": -1},
        {"canary_size": 0},
        {"canary_size": 501},
    ],
    ids=str,
)
def test_a_number_that_cannot_be_meant_is_refused(change, numbers):
    with pytest.raises(Refused, match="Choose"):
        change(**numbers)


def test_an_unknown_kind_is_refused(change):
    with pytest.raises(Refused, match="no kind of request"):
        change(kind="wish", two_people_over=50)


def test_in_production_wiping_a_guide_cannot_be_left_to_one_person(change):
    with pytest.raises(Refused, match="always wants two people"):
        change(two_people_for_wipes=False)


def test_elsewhere_it_can_with_an_officer(change):
    assert change(place=OTHERS, two_people_for_wipes=False).in_force_at is None


def test_what_is_in_force_already_is_refused(change):
    change(two_people_over=50)

    with pytest.raises(Refused, match="Nothing would change"):
        change(two_people_over=50)


def test_an_empty_line_where_there_is_none_is_refused(change):
    with pytest.raises(Refused, match="Nothing would change"):
        change()


def test_while_a_proposal_waits_the_same_line_is_not_changed(change):
    change(two_people_over=500)

    with pytest.raises(Refused, match="waits already"):
        change(two_people_over=50)


# -- What is kept --------------------------------------------------------------------------------------------


def test_the_ledger_keeps_old_and_new_numbers_in_a_chain_of_its_own(change, administrator, officer):
    change(two_people_over=50)
    line = change(two_people_over=500, grace_minutes=20)
    agree_to_policy(line=line, by=officer)

    where = {"place": "all production subscriptions", "kind": "every kind"}
    first, second = "two people over: 50 targets", "two people over: 500 targets, grace: 20 minutes"
    me = administrator.reference
    assert history() == [
        ("policy:changed", me, where | {"new": first, "old": "nothing of its own", "proposer": me}),
        ("policy:proposed", me, where | {"new": second, "old": first, "weaker": "two people over, grace"}),
        ("policy:changed", officer.reference, where | {"new": second, "old": first, "proposer": me}),
    ]
    assert chain.first_fault([entry.text for entry in entries_of(CHAIN)]) is None


def test_a_declined_proposal_is_kept_too(change, officer):
    decline_policy(line=change(grace_minutes=0), by=officer)

    event, actor, facts = history()[-1]
    assert (event, actor, facts["new"]) == ("policy:declined", officer.reference, "grace: 0 minutes")


def test_the_change_record_keeps_each_line(change):
    line = change(two_people_over=50)

    (record,) = LogEntry.objects.get_for_object(line)
    assert record.changes_dict["two_people_over"] == [None, 50]
    assert record.object_repr == "production every kind"


def test_a_refused_change_leaves_nothing_behind(change):
    with pytest.raises(Refused):
        change(canary_size=0)

    assert history() == []


# -- What was approved already -------------------------------------------------------------------------------


def after(**ahead):
    return time_machine.travel(clock.now() + dt.timedelta(**ahead))


def test_an_approval_that_is_too_few_now_is_void_and_nothing_is_sent(approved_in_grace, change):
    change(two_people_over=2)

    with after(minutes=31):
        move_on()

    approved_in_grace.refresh_from_db()
    assert approved_in_grace.state == State.PREVIEWING
    assert not approved_in_grace.batches.exists()


def test_two_approvals_stand_under_a_stricter_policy(previewed_request, officer, second_officer, change):
    change(two_people_over=2)
    request = previewed_request(production=True)
    give_approval(request, officer)
    give_approval(request, second_officer)
    change(two_people_over=1)

    with after(minutes=31):
        move_on()

    request.refresh_from_db()
    assert request.state == State.EXECUTING


def test_an_approval_given_before_counts_towards_a_policy_that_wants_more(
    previewed_request, officer, second_officer, change
):
    change(two_people_over=2)
    request = previewed_request(production=True)
    give_approval(request, officer)

    assert give_approval(request, second_officer)


def test_a_longer_grace_is_kept_by_what_is_approved_but_not_begun(approved_in_grace, change, administrator):
    change(grace_minutes=60)

    with after(minutes=31):
        move_on()
        approved_in_grace.refresh_from_db()
        waiting = approved_in_grace.state
    with after(minutes=61):
        move_on()
    approved_in_grace.refresh_from_db()

    assert (waiting, approved_in_grace.state) == (State.APPROVED, State.EXECUTING)
    assert "request:grace:lengthened" in events_of(approved_in_grace)


def test_a_shorter_grace_takes_nothing_from_what_was_approved(approved_in_grace, change, officer):
    until = approved_in_grace.grace_until

    agree_to_policy(line=change(grace_minutes=0), by=officer)

    approved_in_grace.refresh_from_db()
    assert approved_in_grace.grace_until == until


def test_a_policy_elsewhere_does_not_touch_production(approved_in_grace, change):
    until = approved_in_grace.grace_until

    change(place=OTHERS, grace_minutes=600)

    approved_in_grace.refresh_from_db()
    assert approved_in_grace.grace_until == until


def test_every_subscription_is_a_place(silent_subscription):
    subscription = silent_subscription()

    assert [place.code for place in all_places()] == [PRODUCTION, ELSEWHERE, subscription.reference]

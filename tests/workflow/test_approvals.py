"""Who may approve what, and how a request ends before anything is sent."""

import datetime as dt

import pytest
import time_machine

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.execution.planning import move_on
from compliance.people.membership import deactivate, revoke_role
from compliance.people.models import Grant
from compliance.people.roles import Role
from compliance.workflow import outcomes
from compliance.workflow.approvals import (
    cancel,
    confirm_nothing_found,
    reject,
    standing_approvals,
    wanted_for,
)
from compliance.workflow.errors import NoFurtherApproval, NotThisPerson, SetHasChanged, StateChanged
from compliance.workflow.models import Approval
from compliance.workflow.opening import revise_request
from compliance.workflow.previews import current_preview, look_again
from compliance.workflow.sealing import end_reason_of, reason_of
from compliance.workflow.states import AskedKind, Kind, Outcome, Spared, State
from compliance.workflow.things import named
from tests.request_fixtures import as_previewed, count_anew, events_of, give_approval, look_up

MANY = tuple(f"visitor-{number}" for number in range(101))


@pytest.fixture
def new_officer(make_person):
    """Somebody who has been an officer for an hour."""
    person = make_person(Role.OFFICER)
    Grant.objects.filter(person=person).update(granted_at=clock.now() - dt.timedelta(hours=1))
    return person


@pytest.fixture
def administrator(make_person):
    make_person(Role.ADMINISTRATOR)
    return make_person(Role.ADMINISTRATOR)


# -- Who -----------------------------------------------------------------------------------------------------


def test_an_approval_by_another_officer_is_enough_outside_production(previewed_request, officer):
    request = previewed_request()

    last = give_approval(request, officer)

    request.refresh_from_db()
    assert last
    assert request.state == State.APPROVED
    assert events_of(request)[-2:] == ["request:approval:given", "request:approved"]


@pytest.mark.parametrize("role", set(Role) - {Role.OFFICER})
def test_no_other_role_approves_or_rejects(previewed_request, make_person, role):
    request, person = previewed_request(), make_person(role)

    with pytest.raises(NotThisPerson):
        give_approval(request, person)
    with pytest.raises(NotThisPerson):
        reject(request=request, by=person, reason="No.")


@pytest.mark.parametrize("roles", [[Role.OFFICER], [Role.ANALYST, Role.OFFICER], list(Role)])
def test_nobody_approves_what_they_entered_whatever_roles_they_hold(previewed_request, make_person, roles):
    person = make_person(*roles)
    request = previewed_request(by=person)

    with pytest.raises(NotThisPerson):
        give_approval(request, person)
    with pytest.raises(NotThisPerson):
        reject(request=request, by=person, reason="No.")


def test_nobody_approves_what_they_entered_after_somebody_else_changed_it(
    previewed_request, officer, second_officer
):
    request = previewed_request(by=officer)
    change(request, second_officer)

    for person in (officer, second_officer):
        with pytest.raises(NotThisPerson):
            give_approval(request, person)


def test_nobody_approves_what_they_changed_last(previewed_request, officer):
    request = previewed_request()
    change(request, officer)

    with pytest.raises(NotThisPerson):
        give_approval(request, officer)


def test_nobody_approves_what_they_changed_before_somebody_else_did(previewed_request, officer, analyst):
    request = previewed_request()
    change(request, officer)
    change(request, analyst)

    with pytest.raises(NotThisPerson):
        give_approval(request, officer)
    with pytest.raises(NotThisPerson):
        reject(request=request, by=officer, reason="No.")


def test_an_analyst_who_becomes_officer_does_not_approve_what_they_entered(previewed_request, analyst):
    request = previewed_request()
    Grant.objects.create(person=analyst, role=Role.OFFICER, granted_at=clock.now() - dt.timedelta(days=3))

    with pytest.raises(NotThisPerson):
        give_approval(request, type(analyst).objects.get(pk=analyst.pk))


def test_an_officer_who_only_looked_again_may_approve(previewed_request, officer):
    request = previewed_request()
    look_again(request=request, by=officer)
    look_up(request)

    assert give_approval(request, officer)


def test_a_role_lost_between_page_and_click_counts_no_more(previewed_request, officer, administrator):
    request = previewed_request()
    assert Role.OFFICER in officer.roles

    revoke_role(person=type(officer).objects.get(pk=officer.pk), role=Role.OFFICER, by=administrator)

    for verb in (give_approval, lambda request, by: reject(request=request, by=by, reason="No.")):
        with pytest.raises(NotThisPerson):
            verb(request, officer)
    with pytest.raises(NotThisPerson):
        cancel(request=request, by=officer, reason="No.")


def test_a_deactivated_person_does_not_approve_with_an_old_page(previewed_request, officer, administrator):
    request = previewed_request()

    deactivate(person=type(officer).objects.get(pk=officer.pk), by=administrator)

    with pytest.raises(NotThisPerson):
        give_approval(request, officer)


# -- How many ------------------------------------------------------------------------------------------------


def test_over_a_hundred_found_in_production_want_two_people(previewed_request, officer, second_officer):
    request = previewed_request(visitors=MANY, production=True)

    assert not give_approval(request, officer)
    request.refresh_from_db()
    assert request.state == State.PREVIEWED
    assert give_approval(request, second_officer)


@pytest.mark.parametrize(
    ("absent", "production"), [(MANY[:1], True), ((), False)], ids=["a hundred found", "not in production"]
)
def test_one_person_is_enough_otherwise(previewed_request, officer, absent, production):
    request = previewed_request(visitors=MANY, absent=absent, production=production)

    assert give_approval(request, officer)


def test_the_same_person_does_not_count_twice(previewed_request, officer):
    request = previewed_request(visitors=MANY, production=True)
    give_approval(request, officer)

    with pytest.raises(NotThisPerson):
        give_approval(request, officer)
    assert Approval.objects.count() == 1


def test_an_officer_of_less_than_a_day_is_not_enough_alone_in_production(
    previewed_request, new_officer, officer
):
    request = previewed_request(production=True)

    assert not give_approval(request, new_officer)
    assert wanted_for(current_preview(request)) == 2
    assert give_approval(request, officer)


def test_an_officer_of_less_than_a_day_is_enough_elsewhere(previewed_request, new_officer):
    assert give_approval(previewed_request(), new_officer)


def test_a_day_after_the_grant_an_officer_is_enough_alone(previewed_request, new_officer):
    request = previewed_request(production=True)

    with time_machine.travel(clock.now() + dt.timedelta(hours=23, minutes=1)):
        assert give_approval(request, new_officer)


@pytest.mark.parametrize("leave", ["deactivated", "role taken"])
def test_an_approval_does_not_outlive_its_givers_role(
    previewed_request, make_person, officer, second_officer, administrator, leave
):
    request = previewed_request(visitors=MANY, production=True)
    give_approval(request, officer)

    if leave == "deactivated":
        deactivate(person=officer, by=administrator)
    else:
        revoke_role(person=officer, role=Role.OFFICER, by=administrator)

    assert standing_approvals(current_preview(request)) == []
    assert not give_approval(request, second_officer)
    assert give_approval(request, make_person(Role.OFFICER))


def test_an_approval_ends_with_the_last_day_of_its_givers_role_even_before_that_is_written_down(
    previewed_request, officer
):
    request = previewed_request(production=True)
    Grant.objects.filter(person=officer).update(ends_on=clock.today())
    assert give_approval(request, officer)

    with time_machine.travel(clock.now() + dt.timedelta(days=1)):
        move_on()

    request.refresh_from_db()
    assert request.state == State.PREVIEWING
    assert not request.batches.exists()


def test_after_the_last_approval_no_further_one_is_wanted(previewed_request, officer, second_officer):
    request = previewed_request(production=True)
    give_approval(request, officer)

    with pytest.raises(NoFurtherApproval):
        give_approval(request, second_officer)


# -- Exactly this set ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{"digest": "0" * 64}, {"count": 2}, {"digest": ""}])
def test_another_digest_or_count_is_refused(previewed_request, officer, changes):
    request = previewed_request()

    with pytest.raises(SetHasChanged):
        give_approval(request, officer, **changes)
    assert not Approval.objects.exists()


def test_the_digest_of_an_earlier_preview_is_refused(previewed_request, make_person, officer):
    request = previewed_request()
    former = current_preview(request).digest
    change(request, make_person(Role.ANALYST), visitors=["visitor-nine"])

    with pytest.raises(SetHasChanged):
        give_approval(request, officer, digest=former)


def test_a_set_that_changed_behind_the_preview_is_refused(previewed_request, officer):
    request = previewed_request()
    request.targets.first().delete()

    with pytest.raises(SetHasChanged):
        give_approval(request, officer)


def test_a_changed_set_voids_the_approvals_given(previewed_request, make_person, officer, second_officer):
    request = previewed_request(visitors=MANY, production=True)
    give_approval(request, officer)

    change(request, make_person(Role.ANALYST), visitors=[*MANY, "one more"])

    assert not give_approval(request, second_officer)
    assert give_approval(request, officer)


def test_nothing_is_approved_before_the_preview_is_ready(new_request, officer):
    request = new_request()

    with pytest.raises(NoFurtherApproval):
        give_approval(request, officer)


# -- Sending back --------------------------------------------------------------------------------------------


def test_a_preview_is_sent_back_with_its_reason_under_seal(previewed_request, officer):
    request = previewed_request()

    reject(request=request, by=officer, reason="jane@person.example has left")

    request.refresh_from_db()
    word = Approval.objects.get()
    assert request.state == State.REJECTED
    assert reason_of(word) == "jane@person.example has left"
    assert b"jane" not in bytes(word.sealed_reason)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_sending_back_and_cancelling_need_a_reason(previewed_request, officer, reason):
    request = previewed_request()

    with pytest.raises(Refused, match="Give a reason"):
        reject(request=request, by=officer, reason=reason)
    with pytest.raises(Refused, match="Give a reason"):
        cancel(request=request, by=officer, reason=reason)


# -- Cancelling ----------------------------------------------------------------------------------------------


def test_within_grace_anyone_who_works_on_requests_cancels(approved_in_grace, analyst):
    cancel(request=approved_in_grace, by=analyst, reason="The person has changed their mind.")

    approved_in_grace.refresh_from_db()
    outcomes = set(approved_in_grace.targets.values_list("outcome", flat=True))
    assert approved_in_grace.state == State.CANCELLED
    assert approved_in_grace.closed_at is not None
    assert outcomes == {Outcome.CANCELLED}


def test_a_large_request_is_cancelled_in_several_statements(approved_in_grace, analyst, monkeypatch):
    monkeypatch.setattr(outcomes, "MOST_IN_A_STATEMENT", 2)

    cancel(request=approved_in_grace, by=analyst, reason="Too many.")

    assert events_of(approved_in_grace).count("targets:settled") == 2
    assert set(approved_in_grace.targets.values_list("outcome", flat=True)) == {Outcome.CANCELLED}


def test_what_was_not_found_stays_not_found_when_cancelled(previewed_request, analyst):
    request = previewed_request(absent=["visitor-two"])

    cancel(request=request, by=analyst, reason="No.")

    outcomes = sorted(request.targets.values_list("outcome", flat=True))
    assert outcomes == [Outcome.CANCELLED, Outcome.CANCELLED, Outcome.NOT_FOUND]


def test_a_cancelled_request_is_never_sent(approved_in_grace, analyst):
    cancel(request=approved_in_grace, by=analyst, reason="No.")

    with time_machine.travel(clock.now() + dt.timedelta(hours=1)):
        move_on()

    approved_in_grace.refresh_from_db()
    assert approved_in_grace.state == State.CANCELLED
    assert not approved_in_grace.batches.exists()


def test_once_sending_has_begun_the_old_page_cancels_nothing(approved_in_grace, analyst):
    with time_machine.travel(clock.now() + dt.timedelta(minutes=31)):
        move_on()

        with pytest.raises(StateChanged):
            cancel(request=approved_in_grace, by=analyst, reason="No.")

    approved_in_grace.refresh_from_db()
    assert approved_in_grace.state == State.EXECUTING
    assert set(approved_in_grace.targets.values_list("outcome", flat=True)) == {Outcome.PENDING}


def test_within_grace_nothing_is_sent(approved_in_grace):
    with time_machine.travel(clock.now() + dt.timedelta(minutes=29)):
        move_on()

    approved_in_grace.refresh_from_db()
    assert approved_in_grace.state == State.APPROVED


@pytest.mark.parametrize("role", [Role.LEGAL, Role.QA, Role.KEY_CUSTODIAN, Role.ADMINISTRATOR])
def test_other_roles_do_not_cancel(approved_in_grace, make_person, role):
    with pytest.raises(NotThisPerson):
        cancel(request=approved_in_grace, by=make_person(role), reason="No.")


# -- Nothing found -------------------------------------------------------------------------------------------


def test_where_nothing_is_found_a_person_confirms_and_the_request_is_closed(previewed_request, analyst):
    request = previewed_request(visitors=["visitor-one"], absent=["visitor-one"])
    assert request.state == State.NOTHING_FOUND

    confirm_nothing_found(request=request, by=analyst)

    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert request.closed_at is not None
    assert events_of(request)[-1] == "request:nothing:confirmed"


def test_something_found_cannot_be_confirmed_away(previewed_request, analyst):
    with pytest.raises(StateChanged):
        confirm_nothing_found(request=previewed_request(), by=analyst)


def test_legal_confirms_nothing(previewed_request, make_person):
    request = previewed_request(visitors=["visitor-one"], absent=["visitor-one"])

    with pytest.raises(NotThisPerson):
        confirm_nothing_found(request=request, by=make_person(Role.LEGAL))


# -- The ledger ----------------------------------------------------------------------------------------------


def test_each_approval_is_recorded_with_the_digest_and_how_many_are_wanted(
    previewed_request, officer, second_officer
):
    request = previewed_request(visitors=MANY, production=True)

    give_approval(request, officer)
    give_approval(request, second_officer)

    preview = current_preview(request)
    given = [entry.body for entry in entries_of(request.chain) if entry.event == "request:approval:given"]
    assert [entry["actor"] for entry in given] == [officer.reference, second_officer.reference]
    assert [entry["facts"] for entry in given] == [
        {"preview": 1, "count": 101, "digest": preview.digest, "given": number, "wanted": 2}
        for number in (1, 2)
    ]


def change(request, person, *, visitors=("visitor-one", "visitor-two")):
    revise_request(
        request=request,
        things=named(AskedKind.VISITOR, visitors),
        subscriptions=list(request.subscriptions.all()),
        by=person,
    )
    look_up(request)


def test_the_reason_of_a_cancellation_is_kept_under_seal(previewed_request, analyst):
    request = previewed_request()

    cancel(request=request, by=analyst, reason="asked by mistake")

    request.refresh_from_db()
    assert end_reason_of(request) == "asked by mistake"
    assert b"mistake" not in bytes(request.sealed_end_reason)


# -- What is done --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("production", [True, False])
def test_resetting_a_guide_for_everybody_takes_two_people(
    wiping_request, officer, second_officer, production
):
    request = wiping_request("guide-one", production=production)

    assert not give_approval(request, officer)
    request.refresh_from_db()
    assert request.state == State.PREVIEWED
    assert give_approval(request, second_officer)


@pytest.fixture
def readmission(new_request):
    """`readmission(by=..., count=...)`: a previewed request in production that lifts Do Not Process."""

    def make(*, by=None, count=1):
        request = new_request(by=by, kind=Kind.READMISSION, law="", note="They came back.", production=True)
        return as_previewed(request, *({"name": f"back-{number}"} for number in range(count)))

    return make


def test_lifting_do_not_process_takes_one_person_in_production_too(readmission, officer):
    assert give_approval(readmission(count=101), officer)


def test_lifting_it_takes_somebody_else_and_a_new_officer_not_alone(readmission, officer, new_officer):
    with pytest.raises(NotThisPerson):
        give_approval(readmission(by=officer), officer)
    assert not give_approval(readmission(), new_officer)


def test_where_all_that_was_found_is_spared_there_is_nothing_to_approve(previewed_request, officer):
    request = previewed_request()
    request.targets.update(outcome=Outcome.SPARED, spared_because=Spared.MANY_MATCHES)
    count_anew(request)

    with pytest.raises(Refused, match="choose first"):
        give_approval(request, officer)


def test_what_changed_behind_the_count_is_not_approved_and_says_what_helps(previewed_request, officer):
    request = previewed_request()
    request.targets.filter(pk=request.targets.first().pk).update(outcome=Outcome.SPARED)

    with pytest.raises(SetHasChanged, match="Have Pendo asked again"):
        give_approval(request, officer)

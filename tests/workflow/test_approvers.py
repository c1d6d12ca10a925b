"""Who could approve now, and the warning where they are too few."""

import datetime as dt

import pytest

from compliance.core import clock
from compliance.people.absence import mark_absent
from compliance.people.membership import deactivate
from compliance.people.models import Grant
from compliance.people.roles import Role
from compliance.workflow.approvers import shortage_at_entry, shortage_of
from compliance.workflow.changers import note_changer
from compliance.workflow.states import Kind
from tests.request_fixtures import give_approval

MANY = [f"visitor-{number}" for number in range(101)]


@pytest.fixture
def at_entry(silent_subscription, analyst):
    """`at_entry(production=..., kind=..., by=...)`: the warning beside the form."""

    def said(*, production=True, kind=Kind.ERASURE, by=None):
        subscriptions = [silent_subscription(production=production)]
        return shortage_at_entry(subscriptions=subscriptions, kind=kind, by=by or analyst)

    return said


def away(person, deputy):
    today = clock.today()
    mark_absent(person=person, deputy=deputy, from_on=today, until_on=today + dt.timedelta(days=3), by=person)


def make_new(person):
    Grant.objects.filter(person=person).update(granted_at=clock.now())


# -- Beside the form -----------------------------------------------------------------------------------------


def test_two_officers_are_enough(at_entry, officer, second_officer):
    assert at_entry() == ""


def test_without_an_officer_nobody_could_approve(at_entry):
    assert at_entry() == (
        "This request will want a privacy officer besides you, and nobody could approve now. "
        "An administrator can make somebody an officer for some days."
    )


def test_one_officer_is_too_few_for_what_wants_two(at_entry, officer):
    assert at_entry().startswith(
        "A request with more than 100 targets or any account wants two privacy officers besides you, "
        "and only Otto Officer could approve now."
    )


def test_lifting_do_not_process_wants_one_officer_only(at_entry, officer):
    assert at_entry(kind=Kind.READMISSION) == ""


def test_outside_production_one_officer_is_too_few_for_resetting_guides_only(at_entry, officer):
    assert at_entry(production=False) == ""
    assert at_entry(production=False, kind="guide_reset").startswith(
        "A request with a guide reset for everybody wants two"
    )


def test_an_officer_who_enters_does_not_count(at_entry, officer):
    assert "nobody could approve now" in at_entry(by=officer)


def test_an_absent_officer_does_not_count_and_is_named(at_entry, officer, second_officer, analyst):
    away(second_officer, analyst)

    assert "only Otto Officer could approve now. Olga Officer is absent until" in at_entry()


def test_a_deactivated_officer_does_not_count(at_entry, officer, second_officer, make_person):
    deactivate(person=second_officer, by=make_person(Role.ADMINISTRATOR))

    assert "only Otto Officer" in at_entry()


def test_a_new_officer_alone_does_not_suffice_in_production(at_entry, officer):
    make_new(officer)

    assert at_entry().startswith(
        "This request will want a privacy officer besides you, and nobody could approve alone now. "
        "Otto Officer is too new in the role to approve alone in production."
    )


def test_two_new_officers_approve_together(at_entry, officer, second_officer):
    make_new(officer)
    make_new(second_officer)

    assert at_entry() == ""


# -- On the page ---------------------------------------------------------------------------------------------


def test_a_small_request_with_one_officer_needs_no_warning(previewed_request, officer):
    assert shortage_of(previewed_request(production=True)) == ""


@pytest.mark.parametrize("looked_up", [True, False], ids=["previewed", "being looked up"])
def test_a_large_request_with_one_officer_is_warned_of(new_request, previewed_request, officer, looked_up):
    make = previewed_request if looked_up else new_request

    said = shortage_of(make(visitors=MANY, production=True))

    assert said.startswith(
        "This request wants two privacy officers who neither entered nor changed it, and only Otto Officer "
        "could approve now."
    )


def test_who_has_approved_counts_and_is_named(previewed_request, officer):
    request = previewed_request(visitors=MANY, production=True)
    give_approval(request, officer)

    assert "Otto Officer has approved, and nobody else could approve now." in shortage_of(request)


def test_an_officer_who_changed_it_once_is_not_counted(previewed_request, officer, analyst):
    request = previewed_request(by=analyst)
    assert shortage_of(request) == ""

    note_changer(request, officer)

    assert "nobody could approve now" in shortage_of(request)


def test_with_a_second_officer_the_warning_is_gone(previewed_request, officer, second_officer):
    request = previewed_request(visitors=MANY, production=True)
    give_approval(request, officer)

    assert shortage_of(request) == ""


def test_an_approved_request_needs_no_warning(approved_in_grace):
    assert shortage_of(approved_in_grace) == ""


def test_it_never_blocks(new_request):
    request = new_request(production=True)

    assert shortage_of(request)
    assert request.pk

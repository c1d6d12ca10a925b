"""The screens about people."""

import datetime as dt

import pytest

from compliance.core import clock
from compliance.people.membership import deactivate, propose_role
from compliance.people.models import Absence, Grant, Person
from compliance.people.roles import Role

pytestmark = pytest.mark.django_db
NEW = {"name": "Bo Cusack", "email": "bo@colleagues.example", "roles": ["analyst"]}


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR, name="Ada Admin")


@pytest.fixture
def second(make_person):
    return make_person(Role.ADMINISTRATOR, name="Sam Second")


@pytest.fixture
def analyst(make_person):
    return make_person(Role.ANALYST, name="Ann Alyst")


@pytest.fixture
def desk(client_of, administrator):
    return client_of(administrator)


def text(answer):
    return " ".join(answer.content.decode().split())


# -- The list ----------------------------------------------------------------------------------------------


def test_the_list_shows_people_with_their_roles(desk, analyst):
    page = text(desk.get("/people/"))

    assert "Ann Alyst" in page
    assert "Privacy analyst" in page


@pytest.mark.parametrize("others", [1, 8])
def test_the_list_takes_the_same_number_of_queries_however_many_there_are(
    desk, make_person, administrator, second, others, django_assert_max_num_queries
):
    for _ in range(others):
        propose_role(person=make_person(Role.ANALYST), role=Role.OFFICER, by=second)

    with django_assert_max_num_queries(16):
        desk.get("/people/")


def test_a_proposer_sees_why_they_cannot_grant(desk, administrator, analyst):
    propose_role(person=analyst, role=Role.OFFICER, by=administrator)

    page = text(desk.get("/people/"))

    assert "another administrator has to grant it" in page
    assert "You are the only administrator" in page
    assert "/grant/" not in page
    assert "Take back" in page


def test_a_second_administrator_sees_both_buttons(client_of, administrator, second, analyst):
    grant = propose_role(person=analyst, role=Role.OFFICER, by=administrator)

    page = text(client_of(second).get("/people/"))

    assert f"/people/proposals/{grant.pk}/grant/" in page
    assert f"/people/proposals/{grant.pk}/decline/" in page
    assert "You are the only administrator" not in page


def test_who_is_to_be_raised_sees_no_grant_button(client_of, administrator, second):
    propose_role(person=second, role=Role.OFFICER, by=administrator)

    page = text(client_of(second).get("/people/"))

    assert "This is about you" in page
    assert "/grant/" not in page


# -- Adding ------------------------------------------------------------------------------------------------


def test_a_person_is_added_and_their_page_opens(desk):
    answer = desk.post("/people/add/", NEW | {"roles": ["analyst", "officer"]}, follow=True)

    person = Person.objects.get(email="bo@colleagues.example")
    assert answer.redirect_chain == [(f"/people/{person.pk}/", 302)]
    assert "Bo Cusack is added." in text(answer)
    assert "waits for another administrator" in text(answer)
    assert person.roles == {Role.ANALYST}


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"email": "bo"}, "Enter a valid email address."),
        ({"email": "taken@colleagues.example"}, "here already"),
        ({"roles": []}, "Choose at least one role"),
        ({"roles": ["king"]}, "king is not one of the available choices"),
    ],
    ids=["no name", "long name", "no address", "taken address", "no role", "unknown role"],
)
def test_a_refused_form_keeps_what_was_typed(desk, make_person, changed, complaint):
    make_person(Role.ANALYST, email="taken@colleagues.example")
    typed = NEW | changed

    answer = desk.post("/people/add/", typed)

    assert answer.status_code == 422
    assert complaint in text(answer)
    assert f'value="{typed["email"]}"' in text(answer)
    assert not Person.objects.filter(email="bo@colleagues.example").exists()


def test_the_form_is_shown_to_who_proved_lately_who_they_are(desk, stale_client_of, administrator):
    assert desk.get("/people/add/").status_code == 200
    assert stale_client_of(administrator).get("/people/add/").url.startswith("/account/reauthenticate/")


@pytest.mark.parametrize(
    "path", ["add/", "{pk}/roles/give/", "{pk}/roles/end/", "{pk}/deactivate/", "proposals/0/grant/"]
)
def test_every_change_needs_a_fresh_log_in(stale_client_of, administrator, analyst, path):
    answer = stale_client_of(administrator).post(f"/people/{path.format(pk=analyst.pk)}", NEW)

    assert answer.url.startswith("/account/reauthenticate/")
    assert Person.objects.get(pk=analyst.pk).is_active


# -- One person --------------------------------------------------------------------------------------------


def test_the_page_of_a_person_says_since_when_and_by_whom(desk, administrator, analyst):
    propose_role(person=analyst, role=Role.LEGAL, by=administrator)

    page = text(desk.get(f"/people/{analyst.pk}/"))

    assert "given by Ada Admin" in page
    assert "given by the command line" in page
    assert f"{analyst.grants.first().granted_at:%-d %b %Y}" in page


def test_ones_own_page_offers_neither_giving_nor_deactivating(desk, administrator):
    page = text(desk.get(f"/people/{administrator.pk}/"))

    assert "Give a role" not in page
    assert "/deactivate/" not in page


def test_the_page_of_a_deactivated_person_offers_nothing(desk, administrator, analyst):
    deactivate(person=analyst, by=administrator)

    page = text(desk.get(f"/people/{analyst.pk}/"))

    assert "deactivated" in page
    assert "Give a role" not in page
    assert "End this role" not in page


@pytest.mark.parametrize(
    ("role", "said"),
    [("legal", "holds the role Legal now"), ("officer", "Privacy officer waits for another administrator")],
)
def test_a_role_is_given(desk, analyst, role, said):
    answer = desk.post(f"/people/{analyst.pk}/roles/give/", {"role": role}, follow=True)

    assert said in text(answer)
    assert analyst.grants.filter(role=role).exists()


def test_a_role_that_is_held_already_is_refused(desk, analyst):
    answer = desk.post(f"/people/{analyst.pk}/roles/give/", {"role": "analyst"}, follow=True)

    assert "held or proposed already" in text(answer)


def test_giving_oneself_a_role_is_refused(desk, administrator):
    answer = desk.post(f"/people/{administrator.pk}/roles/give/", {"role": "officer"}, follow=True)

    assert "You cannot give yourself a role" in text(answer)
    assert Person.objects.get(pk=administrator.pk).roles == {Role.ADMINISTRATOR}


def test_a_role_is_ended(desk, analyst):
    answer = desk.post(f"/people/{analyst.pk}/roles/end/", {"role": "analyst"}, follow=True)

    assert "no longer holds the role Privacy analyst" in text(answer)
    assert Person.objects.get(pk=analyst.pk).roles == set()


def test_ending_the_last_administrators_role_is_refused(desk, administrator):
    answer = desk.post(f"/people/{administrator.pk}/roles/end/", {"role": "administrator"}, follow=True)

    assert "This is the last administrator" in text(answer)


def test_a_person_is_deactivated(desk, analyst):
    answer = desk.post(f"/people/{analyst.pk}/deactivate/", follow=True)

    assert "Ann Alyst is deactivated" in text(answer)
    assert not Person.objects.get(pk=analyst.pk).is_active


# -- Proposals ---------------------------------------------------------------------------------------------


@pytest.fixture
def proposal(administrator, analyst):
    return propose_role(person=analyst, role=Role.OFFICER, by=administrator)


def test_a_second_administrator_grants(client_of, second, proposal, analyst):
    answer = client_of(second).post(f"/people/proposals/{proposal.pk}/grant/", follow=True)

    assert "Ann Alyst holds the role Privacy officer now." in text(answer)
    assert Person.objects.get(pk=analyst.pk).roles == {Role.ANALYST, Role.OFFICER}


def test_the_proposer_is_refused(desk, proposal):
    answer = desk.post(f"/people/proposals/{proposal.pk}/grant/", follow=True)

    assert "A second administrator has to grant this role" in text(answer)
    assert Grant.objects.get(pk=proposal.pk).granted_at is None


def test_a_proposal_is_declined(client_of, second, proposal, analyst):
    answer = client_of(second).post(f"/people/proposals/{proposal.pk}/decline/", follow=True)

    assert "won&#x27;t get the role Privacy officer" in text(answer)
    assert Person.objects.get(pk=analyst.pk).roles == {Role.ANALYST}


def test_a_decided_proposal_says_so(client_of, second, proposal):
    client = client_of(second)
    client.post(f"/people/proposals/{proposal.pk}/decline/")

    answer = client.post(f"/people/proposals/{proposal.pk}/grant/", follow=True)

    assert "Somebody has decided about this role already" in text(answer)


# -- Roles until a day ---------------------------------------------------------------------------------------


def test_a_role_is_given_until_a_day(desk, analyst):
    day = clock.today() + dt.timedelta(days=3)

    desk.post(f"/people/{analyst.pk}/roles/give/", {"role": "legal", "ends_on": day.isoformat()})

    assert analyst.grants.get(role="legal").ends_on == day
    assert f"ends by itself after <strong>{day:%-d %b %Y}</strong>" in text(
        desk.get(f"/people/{analyst.pk}/")
    )


@pytest.mark.parametrize(
    ("ends_on", "status", "complaint"),
    [("soon", 422, "Enter a valid date."), ("2020-01-01", 302, "over already")],
)
def test_a_last_day_that_cannot_be_is_refused(desk, analyst, ends_on, status, complaint):
    typed = {"role": "legal", "ends_on": ends_on}
    address = f"/people/{analyst.pk}/roles/give/"

    assert desk.post(address, typed).status_code == status
    assert complaint in text(desk.post(address, typed, follow=True))
    assert not analyst.grants.filter(role="legal").exists()


def test_a_role_whose_last_day_is_over_is_shown_as_ended(desk, analyst):
    yesterday = clock.today() - dt.timedelta(days=1)
    Grant.objects.filter(person=analyst).update(ends_on=yesterday)

    page = text(desk.get(f"/people/{analyst.pk}/"))

    assert f"ended after {yesterday:%-d %b %Y}" in page
    assert "End this role" not in page


# -- Absence -------------------------------------------------------------------------------------------------


def days(first, last, deputy):
    today = clock.today()
    return {
        "from_on": (today + dt.timedelta(days=first)).isoformat(),
        "until_on": (today + dt.timedelta(days=last)).isoformat(),
        "deputy": deputy.pk if deputy else "",
    }


@pytest.mark.parametrize("role", Role)
def test_everybody_says_when_they_are_away_and_ends_it(client_of, make_person, role):
    person, deputy = make_person(role), make_person(role, name="Dora Deputy")
    browser = client_of(person)

    answer = browser.post("/people/absence/", days(0, 3, deputy), follow=True)
    absence = Absence.objects.get()
    assert "Dora Deputy stands in" in text(answer)
    assert "doesn&#x27;t hold" not in text(answer)
    browser.post(f"/people/absence/{absence.pk}/end/")

    assert not Absence.objects.standing().exists()


def test_a_deputy_without_the_role_is_warned_of(client_of, make_person, analyst):
    officer = make_person(Role.OFFICER)

    answer = client_of(officer).post("/people/absence/", days(0, 3, analyst), follow=True)

    assert "Ann Alyst doesn&#x27;t hold Privacy officer" in text(answer)


def test_a_refused_absence_keeps_what_was_typed(client_of, analyst, second):
    typed = days(3, 1, second)

    answer = client_of(analyst).post("/people/absence/", typed)

    assert answer.status_code == 422
    assert "The last day lies before the first one." in text(answer)
    assert f'value="{typed["from_on"]}"' in text(answer)


@pytest.mark.parametrize("deputy", ["self", "nobody", "deactivated"])
def test_a_deputy_who_cannot_be_is_refused(client_of, analyst, make_person, administrator, deputy):
    gone = make_person(Role.ANALYST)
    deactivate(person=gone, by=administrator)
    chosen = {"self": analyst, "nobody": None, "deactivated": gone}[deputy]

    answer = client_of(analyst).post("/people/absence/", days(0, 3, chosen))

    assert answer.status_code == 422
    assert not Absence.objects.exists()


def test_an_administrator_marks_a_colleague_who_is_shown_as_absent(desk, analyst, second):
    desk.post(f"/people/{analyst.pk}/absence/", days(0, 3, second))

    until = clock.today() + dt.timedelta(days=3)
    assert f"absent until {until:%-d %b}" in text(desk.get("/people/"))
    assert "Sam Second stands in" in text(desk.get(f"/people/{analyst.pk}/"))


def test_an_administrators_slip_is_shown_on_the_persons_page(desk, analyst, second):
    answer = desk.post(f"/people/{analyst.pk}/absence/", days(3, 1, second))

    assert answer.status_code == 422
    assert "The last day lies before the first one." in text(answer)


def test_an_administrator_ends_a_colleagues_absence(desk, client_of, analyst, second):
    client_of(analyst).post("/people/absence/", days(0, 3, second))

    answer = desk.post(f"/people/absence/{Absence.objects.get().pk}/end/")

    assert answer.url == f"/people/{analyst.pk}/"
    assert not Absence.objects.standing().exists()


def test_nobody_else_ends_it(client_of, make_person, analyst, second):
    client_of(analyst).post("/people/absence/", days(0, 3, second))

    answer = client_of(make_person(Role.QA)).post(
        f"/people/absence/{Absence.objects.get().pk}/end/", follow=True
    )

    assert "Only this person or an administrator" in text(answer)
    assert Absence.objects.standing().exists()


# -- Coming back ---------------------------------------------------------------------------------------------


def test_a_person_is_reactivated(desk, administrator, analyst):
    deactivate(person=analyst, by=administrator)
    assert f"/people/{analyst.pk}/reactivate/" in text(desk.get(f"/people/{analyst.pk}/"))

    answer = desk.post(f"/people/{analyst.pk}/reactivate/", follow=True)

    assert "Ann Alyst is active again." in text(answer)
    assert Person.objects.get(pk=analyst.pk).is_active


def test_an_active_person_is_not_offered_a_way_back(desk, analyst):
    assert "/reactivate/" not in text(desk.get(f"/people/{analyst.pk}/"))

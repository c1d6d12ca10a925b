"""Who may do what: the table, and the decorator by which views keep to it."""

import pytest
from django.http import HttpResponse
from django.urls import get_resolver, path

from compliance.people.access import MAY, Act, can, may
from compliance.people.roles import Role

# analyst, officer, legal, QA engineer, QA lead, key custodian, administrator; x: may
TABLE = """
BE_HERE             x x x x x x x
READ_REQUESTS       x x x x x . .
ENTER_REQUESTS      x x . x x . .
APPROVE             . x . . . . .
CANCEL              x x . x x . .
REFUSE              x x . . . . .
AGREE_TO_REFUSAL    . x . . . . .
DECIDE_APPEALS      . x . . . . .
EXTEND              . x . . . . .
PAUSE_REQUESTS      x x . . . . .
RESUME_REQUESTS     . x . . . . .
SETTLE_ATTENTION    x x . . . . .
HOLD                . . x . . . .
GIVE_UP             . x . . . . .
READ_WATCH          x x x . . . .
LOOK_AGAIN          x x . . . . .
SETTLE_FINDINGS     . x . . . . .
EXPORT_HISTORY      . x x . . . .
EXPORT_LEDGER       . x x . . . .
READ_SUBSCRIPTIONS  x x x . . x x
ADD_SUBSCRIPTIONS   . . . . . . x
CHANGE_SUBSCRIPTIONS . . . . . . x
ENTER_KEYS          . . . . . x .
CONFIRM_KEYS        . x . . . x .
PAUSE               x x . . . x x
RESUME              . x . . . . .
STOP                x x . . . x x
LET_GO_ON           . x . . . . .
MANAGE_PEOPLE       . . . . . . x
HOLD_TOKENS         x x x x x x x
MANAGE_TOKENS       . . . . . . x
READ_POLICY         x x x . . . x
CHANGE_POLICY       . . . . . . x
AGREE_TO_POLICY     . x . . . . .
DECLINE_POLICY      . x . . . . x
READ_LAWS           x x x . . . x
CHANGE_LAWS         . . . . . . x
READ_RECIPIENTS     x x x . . . x
CHANGE_RECIPIENTS   . x . . . . x
TELL_RECIPIENTS     x x . . . . .
READ_CUSTOMERS      x x x . . . x
CHANGE_CUSTOMERS    . x . . . . x
REPORT_INCIDENTS    x x . . . . .
READ_INCIDENTS      x x x . . . .
DECIDE_INCIDENTS    . x . . . . .
MANAGE_WEBHOOKS     . . . . . . x
READ_RULES          . x x x x . .
WRITE_RULES         . . . x x . .
RUN_RULES           . . . x x . .
APPROVE_ERASING_RULES . x . . . . .
APPROVE_RESETTING_RULES . x . . x . .
WITHDRAW_STANDING   . x . x x . .
READ_TEST_PATTERNS  . x x x x . .
SET_TEST_PATTERNS   . x . . . . .
"""
ROLES = [
    Role.ANALYST,
    Role.OFFICER,
    Role.LEGAL,
    Role.QA,
    Role.QA_LEAD,
    Role.KEY_CUSTODIAN,
    Role.ADMINISTRATOR,
]
EXPECTED = {
    Act[name]: {role for role, mark in zip(ROLES, marks, strict=True) if mark == "x"}
    for name, *marks in map(str.split, TABLE.strip().splitlines())
}

# -- The table ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_says(make_person, role):
    person = make_person(role)

    assert {act for act in Act if can(person, act)} == {act for act in Act if role in EXPECTED[act]}


def test_the_table_covers_every_act_and_role():
    assert set(MAY) == set(EXPECTED) == set(Act)
    assert set(ROLES) == set(Role)


@pytest.mark.django_db
def test_without_a_role_nothing_is_allowed(make_person):
    person = make_person()

    assert not [act for act in Act if can(person, act)]


@pytest.mark.django_db
def test_a_deactivated_person_may_do_nothing(make_person):
    person = make_person(*Role)
    person.is_active = False

    assert not [act for act in Act if can(person, act)]


def test_no_single_role_both_enters_keys_and_approves():
    assert not MAY[Act.ENTER_KEYS] & MAY[Act.APPROVE]


# -- The decorator -----------------------------------------------------------------------------------------


@may(Act.MANAGE_PEOPLE, fresh=True)
def weighty(request):
    return HttpResponse("done")


class WithWeightyPage:
    """The addresses of the application, and one more."""

    urlpatterns = [*get_resolver().url_patterns, path("weighty/", weighty, name="weighty")]


@pytest.fixture
def with_weighty_page(settings):
    settings.ROOT_URLCONF = WithWeightyPage


@pytest.mark.django_db
def test_a_stale_log_in_is_asked_again_and_comes_back(make_person, stale_client_of, with_weighty_page):
    answer = stale_client_of(make_person(Role.ADMINISTRATOR)).get("/weighty/?page=2")

    assert answer.url == "/account/reauthenticate/?next=%2Fweighty%2F%3Fpage%3D2"


@pytest.mark.django_db
def test_a_fresh_log_in_is_let_past(make_person, client_of, with_weighty_page):
    answer = client_of(make_person(Role.ADMINISTRATOR)).post("/weighty/")

    assert answer.content == b"done"


@pytest.mark.django_db
def test_a_stale_form_comes_back_to_the_page_it_stood_on(make_person, stale_client_of, with_weighty_page):
    client = stale_client_of(make_person(Role.ADMINISTRATOR))

    answer = client.post("/weighty/", headers={"Referer": "http://testserver/people/7/"})

    assert answer.url == "/account/reauthenticate/?next=%2Fpeople%2F7%2F"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "referer", ["", "https://elsewhere.example/people/7/", "http://testserver.evil.example/"]
)
def test_a_stale_form_from_elsewhere_comes_back_to_the_start(
    make_person, stale_client_of, with_weighty_page, referer
):
    client = stale_client_of(make_person(Role.ADMINISTRATOR))

    answer = client.post("/weighty/", headers={"Referer": referer})

    assert answer.url == "/account/reauthenticate/?next=%2F"


@pytest.mark.django_db
def test_what_a_stale_form_held_is_not_kept_in_the_session(make_person, stale_client_of, with_weighty_page):
    client = stale_client_of(make_person(Role.ADMINISTRATOR))

    client.post("/weighty/", {"key": "a-pendo-key"})

    assert "a-pendo-key" not in str(dict(client.session))


@pytest.mark.django_db
def test_a_stale_htmx_request_moves_the_whole_page(make_person, stale_client_of, with_weighty_page):
    client = stale_client_of(make_person(Role.ADMINISTRATOR))

    answer = client.get("/weighty/", headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"].startswith("/account/reauthenticate/")


@pytest.mark.django_db
def test_re_authentication_does_not_make_up_for_a_missing_role(make_person, client_of, with_weighty_page):
    assert client_of(make_person(Role.ANALYST)).get("/weighty/").status_code == 403


@pytest.mark.django_db
def test_the_password_makes_a_log_in_fresh(make_person, stale_client_of, with_weighty_page):
    client = stale_client_of(make_person(Role.ADMINISTRATOR))

    answer = client.post(
        "/account/reauthenticate/", {"password": "correct horse battery staple", "next": "/weighty/"}
    )

    assert answer.url == "/weighty/"
    assert client.get("/weighty/").content == b"done"

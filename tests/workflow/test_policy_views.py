"""The policy's pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.people.roles import Role
from compliance.workflow.models import PolicyLine
from compliance.workflow.policy import GENERAL_PLACES, Numbers
from compliance.workflow.policy_changes import agree_to_policy, change_policy
from compliance.workflow.states import Kind

pytestmark = pytest.mark.django_db
IN_PRODUCTION, OTHERS = GENERAL_PLACES


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR, name="Ada Admin")


@pytest.fixture
def desk(client_of, administrator):
    return client_of(administrator)


@pytest.fixture
def change(administrator):
    """`change(place=..., kind=..., **numbers)`."""

    def change(place=IN_PRODUCTION, kind="", **numbers):
        return change_policy(place=place, kind=kind, numbers=Numbers(**numbers), by=administrator)

    return change


def text(answer):
    return " ".join(answer.content.decode().split())


def rows_of(answer):
    """For each place its rows: the kind, and what each number is with where it comes from."""
    return {
        each.place.label: [
            (row.label, [f"{cell.text} ({cell.source})" for cell in row.cells]) for row in each.rows
        ]
        for each in answer.context["places"]
    }


# -- What is shown -------------------------------------------------------------------------------------------


def test_without_a_line_the_defaults_are_shown_for_every_place(desk, silent_subscription):
    name = silent_subscription(production=True).name
    production = [
        "100 targets (default)",
        "two people (default)",
        "two people (always in production)",
        "30 minutes (default)",
        "1000 targets (default)",
        "10 targets (default)",
    ]

    rows = rows_of(desk.get("/policy/"))

    assert rows["all production subscriptions"] == rows[name] == [("Every kind", production)]
    assert rows["all other subscriptions"][0][1][0] == "never (default)"


def test_each_number_says_where_it_comes_from(desk, change, silent_subscription):
    subscription = silent_subscription(production=True)
    line = change(two_people_over=50)
    day = f"{line.in_force_at:%-d %b %Y}"

    rows = rows_of(desk.get("/policy/"))

    assert rows["all production subscriptions"][0][1][0] == f"50 targets (here, since {day})"
    assert rows[subscription.name][0][1][0] == f"50 targets (all production subscriptions, since {day})"


def test_a_kind_for_which_something_else_holds_has_a_row_of_its_own(desk, change):
    change(kind=Kind.ERASURE, grace_minutes=60)

    rows = rows_of(desk.get("/policy/"))["all production subscriptions"]

    assert [label for label, _ in rows] == ["Every other kind", Kind.ERASURE.label]
    assert rows[1][1][3].startswith("60 minutes (here, Erasure")


def test_a_proposal_shows_what_would_change(client_of, officer, change):
    change(two_people_over=500, grace_minutes=10)

    page = text(client_of(officer).get("/policy/"))

    assert "Two people over: 100 targets → <strong>500 targets</strong>" in page
    assert "Grace: 30 minutes → <strong>10 minutes</strong>" in page


def test_changes_are_told_with_names(desk, client_of, officer, change):
    agree_to_policy(line=change(two_people_over=500), by=officer)

    page = text(desk.get("/policy/"))

    assert "Otto Officer put a policy in force for all production subscriptions, every kind" in page
    assert "Proposed by Ada Admin." in page


@pytest.mark.parametrize(
    ("role", "buttons"),
    [
        (Role.OFFICER, {"agree", "decline"}),
        (Role.ADMINISTRATOR, {"change", "decline"}),
        (Role.ANALYST, set()),
        (Role.LEGAL, set()),
    ],
)
def test_everybody_has_the_buttons_of_their_roles(client_of, make_person, change, role, buttons):
    line = change(two_people_over=500)
    every = {
        "agree": f"/policy/proposals/{line.pk}/agree/",
        "decline": f"/policy/proposals/{line.pk}/decline/",
        "change": "/policy/change/",
    }

    page = text(client_of(make_person(role)).get("/policy/"))

    assert {name for name, address in every.items() if address in page} == buttons


def test_a_page_with_ten_subscriptions_takes_as_many_queries_as_one(
    desk, change, silent_subscription, administrator
):
    def queries():
        with CaptureQueriesContext(connection) as found:
            assert desk.get("/policy/").status_code == 200
        return len(found)

    silent_subscription(production=True)
    change(two_people_over=50)
    change(place=OTHERS, kind=Kind.ERASURE, grace_minutes=5)
    first = queries()
    for _ in range(9):
        silent_subscription(production=True)

    assert queries() == first


# -- Changing ------------------------------------------------------------------------------------------------


def test_the_form_starts_with_what_is_in_force_and_says_what_an_empty_field_means(desk, change):
    change(two_people_over=50)

    page = text(desk.get("/policy/change/?place=production"))

    assert 'name="two_people_over" value="50"' in page
    assert "Left empty: 100 targets (default)." in page
    assert "Left empty: 30 minutes (default)." in page


def test_a_stricter_line_is_in_force_at_once(desk):
    answer = desk.post("/policy/change/?place=production", {"two_people_over": "50"}, follow=True)

    assert "In force now" in text(answer)
    assert PolicyLine.objects.in_force().get().two_people_over == 50


def test_a_weaker_line_waits(desk):
    answer = desk.post("/policy/change/?place=production&kind=erasure", {"grace_minutes": "0"}, follow=True)

    line = PolicyLine.objects.proposed().get()
    assert "a privacy officer has to agree first" in text(answer)
    assert (line.place, line.kind, line.grace_minutes, line.two_people_over) == (
        "production",
        "erasure",
        0,
        None,
    )


def test_a_subscription_has_lines_of_its_own(desk, silent_subscription):
    subscription = silent_subscription()
    address = f"/policy/change/?place={subscription.reference}"

    desk.post(address, {"two_people_for_accounts": "True", "canary_over": "100"})

    line = PolicyLine.objects.in_force().get()
    assert (line.place, line.two_people_for_accounts, line.canary_over) == (subscription.reference, True, 100)
    assert f"Policy for {subscription.name}, every kind" in text(desk.get(address))


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"two_people_over": "-1"}, "Choose 0 to 1000000 targets."),
        ({"two_people_over": "many"}, "Choose 0 to 1000000 targets."),
        ({"grace_minutes": "99999"}, "Choose 0 to 4320 minutes."),
        ({"canary_size": "0"}, "Choose 1 to 500 targets."),
        ({"two_people_for_accounts": "perhaps"}, "Select a valid choice."),
        ({}, "Nothing would change"),
    ],
    ids=str,
)
def test_a_refused_form_keeps_what_was_typed(desk, typed, complaint):
    answer = desk.post("/policy/change/", typed | {"canary_over": "77"} if typed else typed)

    assert answer.status_code == 422
    assert complaint in text(answer)
    assert not typed or 'value="77"' in text(answer)
    assert not PolicyLine.objects.exists()


def test_in_production_the_form_does_not_offer_to_wipe_with_one_person(desk):
    assert "two_people_for_wipes" not in text(desk.get("/policy/change/?place=production"))
    assert "two_people_for_wipes" in text(desk.get("/policy/change/?place=elsewhere"))


@pytest.mark.parametrize("query", ["place=nowhere", "place=subscription/0", "kind=wish"])
def test_a_line_for_nothing_that_exists_is_not_found(desk, query):
    assert desk.get(f"/policy/change/?{query}").status_code == 404


# -- Deciding ------------------------------------------------------------------------------------------------


def test_an_officer_agrees(client_of, officer, change):
    line = change(two_people_over=500)

    answer = client_of(officer).post(f"/policy/proposals/{line.pk}/agree/", follow=True)

    assert "Agreed." in text(answer)
    assert PolicyLine.objects.in_force().get() == line


def test_a_proposer_with_both_roles_is_refused(client_of, make_person):
    both = make_person(Role.ADMINISTRATOR, Role.OFFICER)
    numbers = Numbers(two_people_over=500)
    line = change_policy(place=IN_PRODUCTION, kind="", numbers=numbers, by=both)

    page = client_of(both).get("/policy/")
    answer = client_of(both).post(f"/policy/proposals/{line.pk}/agree/", follow=True)

    assert "/agree/" not in text(page)
    assert "You proposed this" in text(answer)
    assert not PolicyLine.objects.in_force().exists()


def test_a_proposal_is_declined(client_of, officer, change):
    line = change(two_people_over=500)

    answer = client_of(officer).post(f"/policy/proposals/{line.pk}/decline/", follow=True)

    assert "The proposal is gone." in text(answer)
    assert not PolicyLine.objects.proposed().exists()


def test_the_home_page_of_an_officer_names_what_waits(client_of, officer, change):
    change(two_people_over=500)

    page = text(client_of(officer).get("/"))

    assert "Agree to the weaker policy that waits for an officer" in page
    assert "two people over: 500 targets, proposed by Ada Admin" in page

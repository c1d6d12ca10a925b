"""The numbers behind approvals: which line counts, and how many people a preview wants."""

import datetime as dt
from dataclasses import asdict

import pytest

from compliance.core import clock
from compliance.workflow.models import PolicyLine
from compliance.workflow.policy import (
    DEFAULTS,
    ELSEWHERE,
    NAMES,
    PRODUCTION,
    approvals_wanted,
    grace,
    place_of,
    policy_of,
    policy_over,
    reaches_production,
    strictness,
    weaker,
)
from compliance.workflow.previews import current_preview
from compliance.workflow.states import Kind, Outcome


@pytest.fixture
def say(make_person):
    """`say(place, kind="", **numbers)`: a line in force, whoever may have said so."""

    def say(place, kind="", **numbers):
        return PolicyLine.objects.create(
            place=place, kind=kind, proposed_by=make_person(), in_force_at=clock.now(), **numbers
        )

    return say


# -- Defaults ------------------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_design():
    production, elsewhere = (asdict(DEFAULTS[sort]) for sort in (PRODUCTION, ELSEWHERE))

    assert production == {
        "two_people_over": 100,
        "two_people_for_accounts": True,
        "two_people_for_wipes": True,
        "grace_minutes": 30,
        "canary_over": 1000,
        "canary_size": 10,
        "seasoned_after": dt.timedelta(hours=24),
    }
    assert elsewhere == {
        "two_people_over": None,
        "two_people_for_accounts": False,
        "two_people_for_wipes": True,
        "grace_minutes": 0,
        "canary_over": None,
        "canary_size": 10,
        "seasoned_after": dt.timedelta(0),
    }


@pytest.mark.parametrize(("production", "minutes"), [(True, 30), (False, 0)])
def test_grace_is_half_an_hour_in_production_and_none_elsewhere(new_request, production, minutes):
    assert grace(new_request(production=production)) == dt.timedelta(minutes=minutes)


def test_one_production_subscription_among_others_is_enough(new_request, silent_subscription):
    several = [silent_subscription(), silent_subscription(production=True)]

    assert reaches_production(new_request(subscriptions=several))


# -- Which line counts ---------------------------------------------------------------------------------------


def test_the_most_specific_line_that_says_something_counts(say, silent_subscription):
    subscription = silent_subscription(production=True)
    over = lambda: policy_over(subscriptions=[subscription], kind=Kind.ERASURE).two_people_over  # noqa: E731 -- asked again and again
    found = [over()]

    for place, kind, number in [
        (PRODUCTION, "", 90),
        (PRODUCTION, Kind.ERASURE, 80),
        (subscription.reference, "", 70),
        (subscription.reference, Kind.ERASURE, 60),
    ]:
        say(place, kind, two_people_over=number)
        found.append(over())

    assert found == [100, 90, 80, 70, 60]


def test_what_a_line_does_not_say_a_more_general_one_says(say, silent_subscription):
    subscription = silent_subscription(production=True)
    say(PRODUCTION, canary_over=500)
    say(subscription.reference, grace_minutes=60)

    policy = policy_over(subscriptions=[subscription], kind=Kind.ERASURE)

    assert (policy.grace, policy.canary_over, policy.two_people_over) == (dt.timedelta(hours=1), 500, 100)


def test_a_zero_and_a_no_are_said_and_not_left_out(say, silent_subscription):
    subscription = silent_subscription(production=True)
    say(PRODUCTION, grace_minutes=60)
    say(subscription.reference, grace_minutes=0, two_people_for_accounts=False, two_people_over=0)

    policy = policy_over(subscriptions=[subscription], kind=Kind.ERASURE)

    assert (policy.grace_minutes, policy.two_people_for_accounts, policy.two_people_over) == (0, False, 0)


@pytest.mark.parametrize("place", [ELSEWHERE, "subscription/0"])
def test_a_line_for_another_place_does_not_count(say, new_request, place):
    say(place, two_people_over=1)

    assert policy_of(new_request(production=True)).two_people_over == 100


def test_a_line_for_another_kind_does_not_count(say, new_request):
    say(PRODUCTION, "another", two_people_over=1)

    assert policy_of(new_request(production=True)).two_people_over == 100


@pytest.mark.parametrize(
    "not_yet", [{"in_force_at": None}, {"ended_at": clock.now()}], ids=["proposed", "ended"]
)
def test_a_line_that_is_not_in_force_does_not_count(say, new_request, not_yet):
    PolicyLine.objects.filter(pk=say(PRODUCTION, two_people_over=1).pk).update(**not_yet)

    assert policy_of(new_request(production=True)).two_people_over == 100


def test_over_several_subscriptions_the_strictest_of_each_number_counts(say, silent_subscription):
    one, other = silent_subscription(production=True), silent_subscription(production=True)
    say(one.reference, two_people_over=50, grace_minutes=10, canary_over=2000, canary_size=5)
    say(
        other.reference, two_people_over=200, grace_minutes=90, canary_over=300, two_people_for_accounts=False
    )

    policy = policy_over(subscriptions=[one, other], kind=Kind.ERASURE)

    assert (policy.two_people_over, policy.grace_minutes) == (50, 90)
    assert (policy.canary_over, policy.canary_size) == (300, 5)
    assert policy.two_people_for_accounts


def test_with_a_production_subscription_among_others_the_stricter_rules_hold(
    new_request, silent_subscription
):
    several = [silent_subscription(), silent_subscription(production=True)]

    assert policy_of(new_request(subscriptions=several)) == DEFAULTS[PRODUCTION]


def test_in_production_no_line_lets_one_person_wipe_a_guide(say, silent_subscription):
    subscription = silent_subscription(production=True)
    say(subscription.reference, two_people_for_wipes=False)

    assert policy_over(subscriptions=[subscription], kind=Kind.ERASURE).two_people_for_wipes


def test_elsewhere_a_line_lets_one_person_wipe_a_guide(say, silent_subscription):
    subscription = silent_subscription()
    say(ELSEWHERE, two_people_for_wipes=False)

    assert not policy_over(subscriptions=[subscription], kind=Kind.ERASURE).two_people_for_wipes


@pytest.mark.parametrize("count", [1, 5])
def test_the_policy_of_a_request_takes_two_queries(
    new_request, silent_subscription, count, django_assert_num_queries
):
    request = new_request(subscriptions=[silent_subscription() for _ in range(count)])

    with django_assert_num_queries(2):
        policy_of(request)


# -- How many people -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "production", "wanted"), [(100, True, 1), (101, True, 2), (101, False, 1), (1000, False, 1)]
)
def test_two_people_are_wanted_over_a_hundred_in_production(new_request, found, production, wanted):
    preview = current_preview(new_request(production=production))
    preview.found = found

    assert approvals_wanted(preview) == wanted


@pytest.mark.parametrize(
    ("kind", "everybody", "production", "wanted"),
    [
        ("account", False, True, 2),
        ("account", False, False, 1),
        ("guide", True, True, 2),
        ("guide", True, False, 2),
        ("guide", False, True, 1),
        ("visitor", False, True, 1),
    ],
)
def test_an_account_in_production_and_a_wiped_guide_anywhere_want_two(
    previewed_request, kind, everybody, production, wanted
):
    request = previewed_request(production=production)
    target = request.targets.first()
    target.kind, target.everybody = kind, everybody
    target.save()

    assert approvals_wanted(current_preview(request)) == wanted


def test_an_account_that_was_not_found_wants_nobody(previewed_request):
    request = previewed_request(production=True)
    request.targets.update(kind="account", outcome=Outcome.NOT_FOUND)

    assert approvals_wanted(current_preview(request)) == 1


def test_the_policy_counts_as_of_now(say, previewed_request):
    preview = current_preview(previewed_request())
    before = approvals_wanted(preview)

    say(ELSEWHERE, two_people_over=2)

    assert (before, approvals_wanted(preview)) == (1, 2)


# -- Stricter and weaker -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "from_strict_to_weak"),
    [
        ("two_people_over", [0, 1, 100, 1000, None]),
        ("two_people_for_accounts", [True, False]),
        ("two_people_for_wipes", [True, False]),
        ("grace_minutes", [60, 30, 0]),
        ("canary_over", [0, 1, 1000, None]),
        ("canary_size", [1, 10, 500]),
    ],
)
def test_each_number_has_an_order_from_strict_to_weak(name, from_strict_to_weak):
    order = [strictness(name, value) for value in from_strict_to_weak]

    assert order == sorted(set(order), reverse=True)


def test_every_number_has_its_order_tested():
    (mark,) = test_each_number_has_an_order_from_strict_to_weak.pytestmark

    assert [name for name, _ in mark.args[1]] == list(NAMES)


def test_a_larger_first_call_is_not_weaker_where_there_was_none():
    before = DEFAULTS[ELSEWHERE]
    after = type(before)(**asdict(before) | {"canary_over": 1000, "canary_size": 50})

    assert weaker(before, after) == []
    assert weaker(after, before) == ["canary_over"]


def test_a_subscription_is_a_place_named_as_the_ledger_names_it(silent_subscription):
    subscription = silent_subscription(production=True)

    assert place_of(subscription) == (subscription.reference, subscription.name, PRODUCTION)

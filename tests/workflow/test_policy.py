"""The numbers behind approvals."""

import datetime as dt

import pytest

from compliance.workflow.policy import POLICY, approvals_wanted, grace, reaches_production
from compliance.workflow.previews import current_preview


def test_the_numbers_are_those_of_the_design():
    assert POLICY.two_people_over == 100
    assert POLICY.seasoned_after == dt.timedelta(hours=24)


@pytest.mark.parametrize(("production", "minutes"), [(True, 30), (False, 0)])
def test_grace_is_half_an_hour_in_production_and_none_elsewhere(new_request, production, minutes):
    assert grace(new_request(production=production)) == dt.timedelta(minutes=minutes)


def test_one_production_subscription_among_others_is_enough(new_request, silent_subscription):
    several = [silent_subscription(), silent_subscription(production=True)]

    assert reaches_production(new_request(subscriptions=several))


@pytest.mark.parametrize(
    ("found", "production", "wanted"), [(100, True, 1), (101, True, 2), (101, False, 1), (1000, False, 1)]
)
def test_two_people_are_wanted_over_a_hundred_in_production(new_request, found, production, wanted):
    preview = current_preview(new_request(production=production))
    preview.found = found

    assert approvals_wanted(preview) == wanted

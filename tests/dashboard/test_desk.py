"""Small words for templates."""

import datetime as dt

import pytest

from compliance.core import clock
from compliance.dashboard.templatetags.desk import clock_name, days_left, law_name
from compliance.workflow.models import Request
from compliance.workflow.states import Kind


@pytest.mark.parametrize(
    ("days", "words", "tone"),
    [
        (-2, "2 days late", "bad"),
        (-1, "1 day late", "bad"),
        (0, "today", "warn"),
        (1, "1 day left", "warn"),
        (7, "7 days left", "warn"),
        (8, "8 days left", "wait"),
    ],
)
def test_a_day_says_how_far_away_it_is(days, words, tone):
    tag = days_left(clock.today() + dt.timedelta(days=days))

    assert f"tag-{tone}" in tag
    assert f">{words}<" in tag


def test_laws_and_clocks_have_names():
    assert law_name(Request(kind=Kind.ERASURE)) == "Not yet known"
    assert law_name(Request(kind=Kind.OFFBOARDING)) == "No law"
    assert "GDPR" in law_name(Request(kind=Kind.ERASURE, law="EU_GDPR"))
    assert clock_name("extended_answer") == "Extended answer"

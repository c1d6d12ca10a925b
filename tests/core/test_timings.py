"""Every duration of the engine in one place."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from compliance.core.timings import DEMO, Timings, step


def test_an_empty_object_gives_the_durations_of_production():
    assert Timings.from_json("{}") == Timings()


def test_named_durations_are_changed_and_the_others_stay():
    timings = Timings.from_json('{"tick": 0.5, "retry": [1, 2]}')

    assert (timings.tick, timings.retry) == (0.5, (1, 2))
    assert timings.lease == Timings().lease


@pytest.mark.parametrize(
    ("ask", "questions"),
    [((5, 20, 60, 300, 1800), 52), ((0, 0, 3600), 26), ((3600,), 24), ((86400, 86400), 2), ((0,), 1)],
)
def test_doubt_has_as_many_questions_as_a_day_has_room_for(ask, questions):
    assert Timings(ask=ask).questions_of_doubt == questions


@pytest.mark.parametrize("text", ["", "[]", "3", '{"tack": 1}', '{"tick": }'])
def test_what_is_not_an_object_of_known_durations_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match="TIMINGS"):
        Timings.from_json(text)


@pytest.mark.parametrize(
    "text", ['{"call_deadline": 60}', '{"lease": 60}', '{"task_timeout": 20}', '{"lease": 10}']
)
def test_durations_by_which_two_could_send_are_refused(text):
    with pytest.raises(ImproperlyConfigured, match="lease"):
        Timings.from_json(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"bulk_interval": -1}',
        '{"bulk_interval": "1"}',
        '{"bulk_interval": NaN}',
        '{"bulk_interval": Infinity}',
        '{"bulk_interval": null}',
        '{"retry": [5, -1]}',
    ],
)
def test_what_is_no_duration_is_refused_for_no_pace_could_be_kept_by_it(text):
    with pytest.raises(ImproperlyConfigured, match="number of seconds"):
        Timings.from_json(text)


@pytest.mark.parametrize(
    "text", ['{"fastest_interval": 0}', '{"first_interval": 5}', '{"slowest_interval": 0.001}']
)
def test_intervals_of_a_rate_that_contradict_one_another_are_refused(text):
    with pytest.raises(ImproperlyConfigured, match="fastest_interval"):
        Timings.from_json(text)


@pytest.mark.parametrize(("attempt", "wait"), [(0, 5), (1, 5), (2, 30), (3, 120), (4, 120), (99, 120)])
def test_waits_follow_one_another_and_the_last_repeats(attempt, wait):
    assert step((5, 30, 120), attempt) == wait


def test_the_demo_has_durations_of_its_own():
    assert Timings.from_json(DEMO).watch_night is None

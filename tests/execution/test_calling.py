import threading
import time

import pytest

from compliance.connectors.answers import Answer, Verdict
from compliance.execution.calling import Calling
from compliance.execution.rate import LONGEST_PAUSE, MOST_REFUSALS, Bounds, Rate

OK = Answer(Verdict.OK, 200)
REFUSED = Answer(Verdict.RATE_LIMITED, 429)


@pytest.fixture
def rate():
    return Rate(Bounds(slowest=1, first=1_000, fastest=1_000, pause=0.001))


class Pendo:
    """Answers each call in turn, and counts how many are under way."""

    def __init__(self, *answers, takes=0.0):
        self.answers, self.takes = list(answers), takes
        self.calls = self.under_way = self.most_under_way = 0
        self._lock = threading.Lock()

    def call(self):
        with self._lock:
            answer = self.answers[min(self.calls, len(self.answers) - 1)]
            self.calls += 1
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        time.sleep(self.takes)
        with self._lock:
            self.under_way -= 1
        return answer


def always():
    return True


def test_answers_come_in_the_order_of_the_calls(rate):
    def after(seconds, status):
        time.sleep(seconds)
        return Answer(Verdict.OK, status)

    calls = [lambda: after(0.1, 201), lambda: after(0, 202), lambda: after(0.05, 203)]

    assert [each.status for each in Calling(rate).answers(calls, may_go_on=always)] == [201, 202, 203]


def test_no_more_are_under_way_at_a_time_than_is_allowed(rate):
    pendo = Pendo(OK, takes=0.02)

    answers = Calling(rate, at_once=3).answers([pendo.call] * 20, may_go_on=always)

    assert (len(answers), pendo.most_under_way, pendo.under_way) == (20, 3, 0)


def test_it_is_asked_before_each_call_whether_to_go_on(rate):
    pendo, asked = Pendo(OK), []

    def only_twice():
        asked.append(pendo.calls)
        return len(asked) <= 2

    answers = Calling(rate).answers([pendo.call] * 5, may_go_on=only_twice)

    assert (len(answers), pendo.calls) == (2, 2)


def test_refusal_among_others_lowers_the_rate_and_stops_nothing(rate):
    pendo = Pendo(OK, REFUSED, OK)
    calling = Calling(rate)

    answers = calling.answers([pendo.call] * 6, may_go_on=always)

    assert [each.verdict for each in answers].count(Verdict.RATE_LIMITED) == 1
    assert (len(answers), calling.stopped_by) == (6, None)
    assert rate.ceiling == 1_000


@pytest.mark.parametrize("verdict", [Verdict.KEY_REFUSED, Verdict.NOT_PAID])
def test_answer_that_every_other_call_would_get_stops_them(rate, verdict):
    pendo = Pendo(OK, Answer(verdict), OK)
    calling = Calling(rate, at_once=1)

    answers = calling.answers([pendo.call] * 6, may_go_on=always)

    assert [each.verdict for each in answers] == [Verdict.OK, verdict]
    assert calling.stopped_by == answers[-1]


def test_refusals_with_nothing_taken_between_them_stop_the_calls(rate):
    pendo = Pendo(REFUSED)
    calling = Calling(rate, at_once=1)

    answers = calling.answers([pendo.call] * 50, may_go_on=always)

    assert len(answers) == MOST_REFUSALS
    assert calling.stopped_by == REFUSED


def test_wait_that_pendo_names_stops_the_calls_where_it_is_long(rate):
    later = Answer(Verdict.UNAVAILABLE, 503, retry_after=LONGEST_PAUSE + 1)
    calling = Calling(rate, at_once=1)

    answers = calling.answers([Pendo(later).call] * 5, may_go_on=always)

    assert (answers, calling.stopped_by) == ([later], later)


def test_error_in_a_thread_is_an_error_here(rate):
    def wrong():
        raise ValueError("a path can't name this")

    with pytest.raises(ValueError, match="can't name"):
        Calling(rate).answers([wrong], may_go_on=always)

"""Whatever happens in whatever order: nothing is claimed that isn't so, and everything comes to its end."""

from collections import Counter
from itertools import chain
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.execution import tasks
from compliance.subscriptions.models import Subscription
from compliance.workflow.states import FINAL, Outcome, State
from tests.workflow_fixtures import ids_with, outcomes

BULK_FAULTS = ["drop_before", "drop_after", "status_429", "status_500", "html", "empty_200", "payment"]
READ_FAULTS = ["drop_before", "status_429", "status_503", "garbage"]

happenings = st.one_of(
    st.sampled_from(
        ["send", "read", "read", "tick", "begin", "complete", "an hour", "leave behind", "again"]
    ).map(lambda name: (name,)),
    st.tuples(st.sampled_from(["kill sender", "kill reader"]), st.integers(1, 60)),
    st.tuples(st.just("bulk fault"), st.sampled_from(BULK_FAULTS), st.booleans()),
    st.tuples(st.just("read fault"), st.sampled_from(READ_FAULTS)),
)


class Story:
    """One example: a request of five visitors, others for some of the same, and what happens to them."""

    def __init__(self, desk, later, ids):
        self.desk, self.later, self.ids = desk, later, ids
        self.requests = [desk.executing(ids)]
        self.left_behind = 0

    def happen(self, name, *how):
        {
            "send": self.desk.send,
            "read": self.desk.read,
            "tick": tasks.tick,
            "begin": self.desk.begin,
            "complete": self.desk.complete,
            "an hour": lambda: self.later(hours=1),
            "leave behind": self.leave_behind,
            "again": self.ask_again,
            "kill sender": lambda number: self.kill(self.desk.send, number),
            "kill reader": lambda number: self.kill(self.desk.read, number),
            "bulk fault": lambda kind, acts: self.desk.fault(kind, acts=acts),
            "read fault": lambda kind: self.desk.fault(kind, prefix="/api/v1/visitor"),
        }[name](*how)

    def kill(self, act, number):
        self.desk.kill(act, when=lambda count, _: count >= number)

    def leave_behind(self):
        self.left_behind += 1
        self.desk.set(leave_behind=1)

    def ask_again(self):
        if len(self.requests) < 3 and all(self.desk.has(visitor_id) for visitor_id in self.ids[:2]):
            self.desk.well()
            self.requests.append(self.desk.approved(self.ids[:2]))

    def assert_nothing_is_claimed_that_is_not_so(self):
        for request in self.requests:
            assert sum(outcomes(request).values()) == request.targets.count()
            assert not any(self.desk.has(each) for each in ids_with(request, Outcome.ERASED))
            request.refresh_from_db()
            if request.state == State.CLOSED:
                assert set(outcomes(request)) <= FINAL
        posted = Counter(chain(*self.desk.accepted()))
        assert all(posted[each] <= len(self.requests) + self.left_behind for each in self.ids)
        assert not Subscription.objects.exclude(paused_reason="").exists()

    def end(self):
        self.desk.well()
        self.desk.set(leave_behind=0)
        for _ in range(5):
            self.desk.finish(self.later)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(happenings, min_size=5, max_size=25))
def test_every_story_ends_with_every_visitor_erased(desk, later, story_of):
    ids = [f"{uuid4()}" for _ in range(5)]
    desk.come_back(*ids)
    story = Story(desk, later, ids)

    for happening in story_of:
        story.happen(*happening)
        story.assert_nothing_is_claimed_that_is_not_so()

    story.end()
    story.assert_nothing_is_claimed_that_is_not_so()
    assert outcomes(story.requests[0]) == {Outcome.ERASED: 5}

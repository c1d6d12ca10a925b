"""Whatever happens in whatever order: nothing is claimed that isn't so, and everything comes to its end.

The sandbox is the model of Pendo. Its own world says what was deleted, and its trail what was asked. How many
stories are told, and how long they are, is hypothesis' profile: `./run bench stories` tells long ones.
"""

from collections import Counter
from contextlib import suppress
from itertools import chain
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as tell_stories

from compliance.audit.chain import first_fault
from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.execution import tasks
from compliance.execution.asking import INCONCLUSIVE
from compliance.execution.models import UNDECIDED, Batch, BatchState, Call
from compliance.execution.sending import ENDPOINTS
from compliance.sandbox.trail import Trail
from compliance.subscriptions.keys import enter_key
from compliance.subscriptions.models import PauseReason, Subscription
from compliance.subscriptions.pausing import pause, resume
from compliance.workflow.approvals import cancel
from compliance.workflow.models import Attention
from compliance.workflow.pausing import pause_request, resume_request
from compliance.workflow.states import FINAL, SENDABLE, Kind, Outcome, State
from tests.workflow_fixtures import at_moment, guide_for, ids_with, outcomes

BULK_FAULTS = [
    "drop_before",
    "drop_after",
    "status_429",
    "status_500",
    "timeout_408",
    "html",
    "garbage",
    "empty_200",
    "payment",
]
READ_FAULTS = ["drop_before", "status_429", "status_503", "html", "garbage"]
RESET_FAULTS = ["drop_before", "drop_after", "status_429", "status_502", "html"]
#: Look-ups; the Do-Not-Process list and scans; the open deletion requests.
READS = [
    {"prefix": "/api/v1/visitor"},
    {"prefix": "/api/v1/aggregation"},
    {"prefix": "/api/v1/bulkdelete", "method": "GET"},
]
MOST_REQUESTS = 4
WORDS = ["queued", "mulling it over", "", "failed", "canceled"]
FEW, MANY = 8, 60
LONG = settings.get_current_profile_name() == "long"


class Stories(RuleBasedStateMachine):
    """One subscription, a few requests for some of the same visitors, and what happens to them."""

    def __init__(self, desk, later):
        super().__init__()
        self.desk, self.later = desk, later
        self.requests, self.resets, self.cancelled = [], [], []
        self.others, self.shared = set(), set()
        self.left_behind, self.foreign, self.keyless = 0, False, False
        self.let_nothing_of_former_stories_matter()
        self.calls_before = Call.objects.filter(endpoint__in=ENDPOINTS.values()).count()
        self.posts_before = len(desk.posts())

    def let_nothing_of_former_stories_matter(self):
        self.desk.well()
        self.desk.set(leave_behind=0, merge_window=0, names_ids=False)
        self.desk.pendo.trail = Trail()
        Batch.objects.exclude(state=BatchState.CONFIRMED).update(state=BatchState.FAILED)
        self.key_is_replaced()
        self.subscription_goes_on()

    @initialize()
    def begin_with_a_request(self):
        self.ids = [f"{uuid4()}" for _ in range(5)]
        self.desk.come_back(*self.ids)
        self.requests.append(self.desk.executing(self.ids))

    # -- the engine, and its deaths --------------------------------------------------------------------------

    @rule(lane=st.sampled_from(["send", "call", "read", "read", "run"]))
    def work(self, lane):
        getattr(self.desk, lane)()

    @rule()
    def tick(self):
        tasks.tick()

    @rule(lane=st.sampled_from(["send", "call", "read", "read"]), moment=st.integers(1, 30))
    def kill(self, lane, moment):
        self.desk.kill(getattr(self.desk, lane), when=at_moment(moment))

    @rule(moment=st.integers(1, 10))
    def kill_a_tick(self, moment):
        self.desk.kill(tasks.tick, when=at_moment(moment))

    @rule(hours=st.sampled_from([1, 1, 25, 22 * 24]))
    def time_passes(self, hours):
        self.later(hours=hours)

    # -- Pendo ---------------------------------------------------------------------------------------------

    @rule(kind=st.sampled_from(BULK_FAULTS), acts=st.booleans())
    def bulk_fault(self, kind, acts):
        self.desk.fault(kind, acts=acts and kind not in {"status_429", "payment"})

    @rule(kind=st.sampled_from(READ_FAULTS), where=st.sampled_from(READS), times=st.integers(1, 3))
    def read_fault(self, kind, where, times):
        self.desk.fault(kind, times=times, **where)

    @rule(kind=st.sampled_from(RESET_FAULTS))
    def reset_fault(self, kind):
        self.desk.fault(kind, prefix="/api/v1/guide", method="POST")

    @rule()
    def begin(self):
        self.desk.begin()

    @rule()
    def complete(self):
        self.desk.complete()

    @precondition(lambda self: self.left_behind < 3)
    @rule()
    def leave_behind(self):
        self.left_behind += 1
        self.desk.set(leave_behind=1)

    @rule(window=st.sampled_from([0, 1e9]), named=st.booleans())
    def receipts_change(self, window, named):
        self.desk.set(merge_window=window, names_ids=named)

    @rule(word=st.sampled_from(WORDS))
    def receipts_say_something_else(self, word):
        with self.desk.world.lock:
            for deletion in self.desk.pendo.deletions.open():
                deletion.status = word

    @rule(number=st.integers(0, 4))
    def somebody_else_has_one_deleted(self, number):
        visitor, waiting = self.ids[number], self.desk.pendo.deletions.waiting["visitor"]
        if visitor not in waiting and self.desk.has(visitor):
            self.desk.queue(visitor)
            self.others.add(visitor)

    # -- people --------------------------------------------------------------------------------------------

    @property
    def answered(self):
        """Whether Pendo answers look-ups, once it has no faults."""
        return not (self.foreign or self.keyless or self.desk.paused())

    @precondition(lambda self: len(self.requests) < MOST_REQUESTS and self.answered)
    @rule()
    def some_are_asked_again(self):
        if all(map(self.desk.has, self.ids[:2])):
            self.desk.well()
            self.shared |= set(self.ids[:2])
            self.requests.append(self.desk.approved(self.ids[:2]))

    @precondition(lambda self: len(self.cancelled) < 2 and self.answered)
    @rule()
    def another_is_asked_and_cancelled(self):
        visitor = f"{uuid4()}"
        self.desk.come_back(visitor)
        self.desk.well()
        request = self.desk.approved([visitor])
        cancel(request=request, by=self.desk.analyst, reason="withdrawn")
        self.cancelled.append((request, visitor))

    @precondition(lambda self: len(self.resets) < 2)
    @rule()
    def guides_are_reset(self):
        guide = next(iter(self.desk.pendo.guides))
        targets = [guide_for(visitor, guide) for visitor in self.ids[:3]]
        self.resets.append(self.desk.executing_targets(Kind.GUIDE_RESET, targets))

    @rule()
    def request_is_paused(self):
        request = self.requests[0]
        request.refresh_from_db()
        if request.state in SENDABLE:
            pause_request(request=request, by=self.desk.analyst)

    @rule()
    def request_goes_on(self):
        for request in [*self.requests, *self.resets]:
            request.refresh_from_db()
            if request.paused_at and not request.ended:
                resume_request(request=request, by=self.desk.officer)

    @rule()
    def subscription_is_paused(self):
        pause(subscription=self.desk.subscription, reason=PauseReason.PERSON, by=None)

    @rule()
    def subscription_goes_on(self):
        if self.desk.paused() in {PauseReason.PERSON, PauseReason.FOREIGN, PauseReason.NO_CONTROLS}:
            resume(subscription=self.desk.subscription, by=self.desk.officer)

    @rule(writes=st.booleans())
    def key_is_revoked(self, writes):
        """Or may only read from now on."""
        self.keyless = True
        self.desk.pendo.keys = {} if not writes else dict.fromkeys(self.desk.pendo.keys, False)

    @rule()
    def key_is_replaced(self):
        """Unless Pendo doesn't answer just then, or for another subscription."""
        key = f"{uuid4()}.us"
        self.desk.pendo.keys[key] = True
        with suppress(Refused):
            enter_key(subscription=self.desk.subscription, key=key, by=None)
            self.keyless = False

    @rule()
    def key_opens_another_subscription(self):
        self.foreign = True
        self.desk.fault("foreign", times=None, prefix="/api/")

    @precondition(lambda self: self.foreign)
    @rule()
    def key_opens_ours_again(self):
        self.foreign = False
        self.desk.well()

    # -- what always holds (PRODUCT.md 5) ------------------------------------------------------------------

    @invariant()
    def nothing_is_sent_that_was_not_approved(self):
        sent = set(chain(*self.desk.accepted()))
        assert not any(visitor in sent for _, visitor in self.cancelled)
        assert not self.desk.world.subscriptions["other"].deletions.all
        assert not self.desk.world.subscriptions["other"].resets

    @invariant()
    def every_call_was_written_down_before_it_was_sent(self):
        calls = Call.objects.filter(endpoint__in=ENDPOINTS.values()).count() - self.calls_before
        assert len(self.desk.posts()) - self.posts_before <= calls

    @invariant()
    def nothing_is_called_erased_that_is_still_there(self):
        for request in self.requests:
            assert not any(map(self.desk.has, ids_with(request, Outcome.ERASED)))

    @invariant()
    def nothing_is_sent_again_before_pendo_was_asked(self):
        repeated = self.desk.pendo.trail.repetitions(leave_out=self.shared | self.others)
        unasked = [each for each in repeated if not each.asked]
        # Asked, too, but without an answer for a day: that is recorded as such.
        assert len(unasked) <= sum(map(released_inconclusively, self.requests)), unasked

    @invariant()
    def the_ledger_tells_the_same_as_the_rows(self):
        for request in [*self.requests, *self.resets, *(each for each, _ in self.cancelled)]:
            request.refresh_from_db()
            entries = list(entries_of(request.chain))
            assert first_fault([entry.text for entry in entries]) is None
            told = told_outcomes(entries, request.targets.count())
            assert told == {Outcome(outcome).label: count for outcome, count in outcomes(request).items()}
            if request.state in {State.CLOSED, State.CANCELLED}:
                assert set(outcomes(request)) <= FINAL
            if request.state == State.CLOSED:
                assert not request.batches.filter(state__in=UNDECIDED).exists()

    # -- the end -------------------------------------------------------------------------------------------

    def teardown(self):
        if self.requests:
            self.end()
            self.nothing_is_called_erased_that_is_still_there()
            self.nothing_is_sent_again_before_pendo_was_asked()
            self.the_ledger_tells_the_same_as_the_rows()

    def end(self):
        """Everything is well again; whatever a person still has to decide is true."""
        self.desk.well()
        self.desk.set(leave_behind=0, merge_window=0, names_ids=False)
        self.key_is_replaced()
        self.subscription_goes_on()
        self.request_goes_on()
        for _ in range(5):
            self.desk.finish(self.later)
            self.request_goes_on()
        self.later(days=22)
        for _ in range(2):
            self.desk.finish(self.later)
        assert not Subscription.objects.exclude(paused_reason="").exists()
        for request in self.requests:
            self.assert_came_to_a_true_end(request)
        for request in self.resets:
            request.refresh_from_db()
            assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.RESET: 3})

    def assert_came_to_a_true_end(self, request):
        request.refresh_from_db()
        told = set(request.attentions.filter(settled_at=None).values_list("reason", flat=True))
        if request.state != State.CLOSED:
            # What stays although it was deleted twice is shown to a person, and nothing else is left to one.
            assert self.left_behind >= 2
            assert set(outcomes(request)) <= {Outcome.ERASED, Outcome.PRESENT}
            assert all(map(self.desk.has, ids_with(request, Outcome.PRESENT)))
            assert Attention.Reason.STILL_PRESENT in told
        else:
            assert set(outcomes(request)) == {Outcome.ERASED}


def released_inconclusively(request):
    """How many batches of the request were sent again although Pendo's answers stayed inconclusive.

    Each as a whole, or in two parts.
    """
    entries = entries_of(request.chain).filter(event__in=["batch:released", "targets:settled"])
    facts = [entry.body["facts"] for entry in entries]
    whole = sum(INCONCLUSIVE in each.get("how", "") for each in facts)
    return whole + 2 * sum(INCONCLUSIVE in each.get("why", "") for each in facts)


def told_outcomes(entries, count):
    """How many targets have which outcome, as the ledger's entries say."""
    told = Counter()
    for entry in entries:
        facts = entry.body["facts"]
        if entry.event == "request:preview:ready":
            told = Counter({"Pending": facts["found"], "Not found": facts["not_found"]})
        elif entry.event == "targets:settled":
            told[facts["old"]] -= facts["count"]
            told[facts["new"]] += facts["count"]
    # Targets of resets come from a fixture, without a preview.
    missing = count - sum(told.values())
    return +(told + Counter({"Pending": missing}) if missing else told)


def test_no_story_breaks_what_must_always_hold(desk, later):
    # A day of asking has few questions, or no story would come to its end.
    desk.timings(ask=(0, 0, 6 * 3600))
    tell_stories(
        lambda: Stories(desk, later),
        settings=settings(
            max_examples=MANY if LONG else FEW,
            stateful_step_count=50 if LONG else 25,
            deadline=None,
            # A short run only tells that something is wrong; the long one looks for the shortest such story.
            phases=list(Phase) if LONG else [Phase.generate],
            suppress_health_check=[
                HealthCheck.function_scoped_fixture,
                HealthCheck.too_slow,
                HealthCheck.filter_too_much,
            ],
        ),
    )

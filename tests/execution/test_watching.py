"""What was erased and is there again is noticed, and nothing else is."""

import base64
import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.audit.queries import entries_of
from compliance.execution import passes, reading, scanning
from compliance.execution.models import Cause, Finding, Reappearance, Sighting, WatchResult, WatchScope
from compliance.execution.reappearing import Shown, seen_again
from compliance.sandbox.keys import OTHER_WRITE_KEY
from compliance.sandbox.records import Visitor
from compliance.subscriptions.keys import sealed_key
from compliance.subscriptions.models import LaneKind, PauseReason
from compliance.workflow import scans
from compliance.workflow.approvals import cancel
from compliance.workflow.models import Erased
from compliance.workflow.previews import waiting_targets
from compliance.workflow.states import AskedKind, Kind, State
from compliance.workflow.things import named
from tests.watch_fixtures import ms, never_gone, recreated, returned

A_PAGE = 40
AGGREGATION = "/api/v1/aggregation"


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    for module in (scanning, scans, passes):
        monkeypatch.setattr(module, "PAGE", A_PAGE)


def subscription_events(desk):
    return [entry.event for entry in entries_of(desk.subscription.reference)]


def test_what_went_the_whole_way_and_is_there_again_is_found(watch):
    (name,) = watch.desk.ids(1)
    watch.desk.executing([name])
    watch.desk.finish(watch.later)
    watch.add(returned(name))

    watch.passed()

    assert watch.open() == {Cause.RETURNED: {name}}


# -- What is noticed, and why it is there --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "cause"),
    [(returned, Cause.RETURNED), (recreated, Cause.RECREATED), (never_gone, Cause.INCOMPLETE)],
)
def test_whoever_was_erased_and_is_there_again_is_found_with_the_cause(watch, record, cause):
    (name,) = watch.desk.ids(1)
    watch.erased(name)
    watch.add(record(name))

    done = watch.passed()

    assert watch.open() == {cause: {name}}
    assert (done.result, done.found) == (WatchResult.FOUND, 1)


def test_a_first_visit_without_a_last_one_leaves_the_cause_open(watch):
    (name,) = watch.desk.ids(1)
    watch.erased(name)
    watch.add(Visitor(name, None, ms(), 0, updated=ms()))

    watch.passed()

    assert watch.open() == {Cause.UNCLEAR: {name}}


def test_an_account_that_is_there_again_is_found(watch):
    watch.erased_account("Harbour/Ltd")
    watch.add_account("Harbour/Ltd")

    watch.passed()

    assert watch.open() == {Cause.RETURNED: {"Harbour/Ltd"}}


def test_many_with_one_cause_are_one_finding_and_each_cause_has_its_own(watch):
    one, two, three = watch.desk.ids(3)
    watch.erased(one, two, three)
    watch.add(returned(one), returned(two), recreated(three))

    watch.passed()

    assert watch.open() == {Cause.RETURNED: {one, two}, Cause.RECREATED: {three}}
    assert Finding.objects.count() == 2


def test_what_comes_later_with_the_same_cause_joins_the_open_finding(watch):
    one, two = watch.desk.ids(2)
    watch.erased(one, two)
    watch.add(returned(one))
    watch.passed()
    watch.later(hours=3)
    watch.add(returned(two))

    watch.passed()

    assert watch.open() == {Cause.RETURNED: {one, two}}
    first, second = Reappearance.objects.order_by("pk")
    assert (first.times, second.times) == (2, 1)
    assert first.first_seen_at < first.last_seen_at
    events = subscription_events(watch.desk)
    assert events.count("finding:opened") == events.count("finding:grew") == 1


def test_a_record_whose_cause_changes_goes_to_that_finding_and_the_emptied_one_is_settled(watch):
    (name,) = watch.desk.ids(1)
    watch.erased(name)
    watch.add(recreated(name))
    watch.passed()
    watch.add(returned(name))

    watch.passed()

    assert watch.open() == {Cause.RETURNED: {name}}
    assert Finding.objects.get(cause=Cause.RECREATED).settled_at


def test_the_history_of_the_request_that_had_erased_it_says_so(watch):
    one, two = watch.desk.ids(2)
    request = watch.erased(one, two)
    watch.add(returned(one), recreated(two))

    watch.passed()
    watch.passed()

    (entry,) = [each for each in entries_of(request.chain) if each.event == "request:reappeared"]
    assert entry.body["facts"] == {"count": 2, "subscription": watch.desk.subscription.name}


def test_nothing_that_is_kept_of_a_finding_can_be_read_without_a_key(watch):
    watch.erased(returned("jane@person.example", "jane@person.example"))
    watch.add(returned("jane@person.example", "jane@person.example"))

    watch.passed()

    record = Reappearance.objects.get()
    assert b"jane" not in bytes(record.sealed)
    assert "jane" not in str([entry.text for entry in entries_of(watch.desk.subscription.reference)])


# -- By e-mail address ---------------------------------------------------------------------------------------


def test_the_address_of_somebody_erased_under_another_id_is_found_and_said_to_be_weaker(watch):
    watch.erased(returned("u-1", "Jane@Person.example"))
    watch.add(returned("u-2", "jane@person.example"), recreated("JANE@person.example"))

    watch.passed()

    assert watch.open() == {Cause.SAME_EMAIL: {"u-2", "JANE@person.example"}}
    assert set(Reappearance.objects.values_list("by_email", flat=True)) == {True}


def test_whoever_was_there_all_along_with_the_same_address_has_not_come_back(watch):
    watch.erased(returned("u-1", "office@company.example"))
    watch.add(never_gone("u-2", "office@company.example"))

    assert watch.passed().result == WatchResult.NOTHING


def test_whose_id_is_known_is_found_by_it_and_not_by_the_address_too(watch):
    watch.erased(returned("u-1", "jane@person.example"))
    watch.add(returned("u-1", "jane@person.example"))

    watch.passed()

    assert watch.open() == {Cause.RETURNED: {"u-1"}}


@pytest.mark.parametrize("text", ["-", "unknown", "jane@", "two words@x.example"])
def test_what_stands_in_the_field_and_is_no_address_finds_nobody(watch, text):
    watch.erased(returned("u-1", text))
    watch.add(returned("u-2", text))

    assert watch.passed().result == WatchResult.NOTHING
    assert not Erased.objects.filter(kind="email").exists()


def test_who_was_erased_under_an_older_digest_key_is_found(watch, settings):
    watch.erased(returned("u-1"), returned("u-2", "jane@person.example"))
    settings.DIGEST_KEYS += ",9:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="
    watch.add(returned("u-1"), returned("u-3", "jane@person.example"))

    watch.passed()
    watch.passed()

    assert watch.open() == {Cause.RETURNED: {"u-1"}, Cause.SAME_EMAIL: {"u-3"}}


# -- What doesn't count --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.RETENTION, Kind.TEST_DATA])
def test_what_our_own_policy_has_purged_may_come_back(watch, kind):
    gone, other = watch.desk.ids(2)
    watch.erased(gone, kind=kind)
    watch.erased(other)
    watch.add(returned(gone))

    assert watch.passed().result == WatchResult.NOTHING


def test_where_nothing_was_erased_there_is_nothing_to_look_for(watch):
    watch.pass_begins()

    assert watch.last() is None


def test_who_is_accepted_and_still_listed_is_no_reappearance(watch):
    gone, accepted = watch.desk.ids(2)
    watch.erased(gone)
    watch.desk.executing([accepted])
    watch.desk.run()

    assert watch.passed().result == WatchResult.NOTHING


@pytest.mark.parametrize("state", [State.PREVIEWING, State.PREVIEWED, State.CONFIRMING])
def test_who_is_named_by_an_open_request_is_taken_care_of(watch, state):
    (name,) = watch.desk.ids(1)
    watch.erased(name)
    watch.add(returned(name))
    steps = {
        State.PREVIEWING: watch.desk.opened,
        State.PREVIEWED: watch.desk.previewed,
        State.CONFIRMING: watch.desk.executing,
    }
    request = steps[state]([name])
    if state == State.CONFIRMING:
        watch.desk.run()
        request.refresh_from_db()
    assert request.state == state

    assert watch.passed().result == WatchResult.NOTHING


def test_once_that_request_is_cancelled_it_counts_again(watch):
    (name,) = watch.desk.ids(1)
    watch.erased(name)
    watch.add(returned(name))
    request = watch.desk.previewed([name])
    watch.passed()

    cancel(request=request, by=watch.desk.analyst, reason="No.")
    watch.passed()

    assert watch.open() == {Cause.RETURNED: {name}}


def test_an_open_record_that_a_request_takes_care_of_stays_where_it_is(watch):
    (name,) = watch.desk.ids(1)
    watch.erased(name)
    watch.add(returned(name))
    watch.passed()
    watch.desk.previewed([name])

    watch.passed()

    assert watch.open() == {Cause.RETURNED: {name}}


def test_who_was_erased_once_more_and_comes_back_is_judged_by_the_last_erasure(watch):
    (name,) = watch.desk.ids(1)
    watch.erased(name)
    watch.add(returned(name))
    second = watch.erased(name)
    assert watch.passed().result == WatchResult.NOTHING

    watch.add(returned(name))
    watch.passed()

    assert Reappearance.objects.get().erased.request == second


def test_what_is_gone_again_needs_nobody_and_what_was_kept_of_it_is_destroyed(watch):
    (name,) = watch.desk.ids(1)
    watch.erased(name)
    watch.add(returned(name))
    watch.passed()
    watch.desk.pendo.visitors.remove(name)

    watch.passed()

    assert watch.open() == {}
    assert Finding.objects.get().settled_at
    assert Reappearance.objects.get().sealed is None


def test_a_pass_over_what_was_updated_concludes_nothing_from_what_it_has_not_read(watch):
    (name,) = watch.desk.ids(1)
    watch.erased(name)
    watch.add(returned(name))
    watch.passed()

    done = watch.passed_by_night()

    assert done.scope == WatchScope.UPDATED
    assert watch.open() == {Cause.RETURNED: {name}}


# -- When ----------------------------------------------------------------------------------------------------


def test_the_first_pass_reads_everybody_and_the_next_ones_what_was_updated_for_a_week(watch):
    watch.erased(*watch.desk.ids(1))

    done = [watch.passed_by_night() for _ in range(9)]

    assert [each.scope for each in done].count(WatchScope.WHOLE) == 2
    assert [each.scope for each in done][:7] == [WatchScope.WHOLE, *[WatchScope.UPDATED] * 6]
    assert done[0].records > 200
    assert {each.result for each in done} == {WatchResult.NOTHING}


def test_what_was_updated_since_the_last_look_is_read_and_nobody_else(watch):
    name, _ = watch.desk.ids(2)
    watch.erased(name)
    watch.passed()
    watch.later(hours=20)
    watch.add(recreated(name))

    done = watch.passed_by_night()

    assert (done.scope, done.records) == (WatchScope.UPDATED, 1)
    assert watch.open() == {Cause.RECREATED: {name}}


def test_a_pass_begins_at_night(watch, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    watch.erased(*watch.desk.ids(1))
    watch.passed()

    due = passes.next_due(watch.desk.subscription)

    begun = watch.last().began_at
    assert begun < due.at <= begun + dt.timedelta(days=1)
    assert due.at.astimezone(dt.UTC).minute == 0
    assert due.scope == WatchScope.UPDATED


def test_until_then_none_is_opened(watch):
    watch.erased(*watch.desk.ids(1))
    done = watch.passed()

    passes.open_due_passes()

    assert watch.last() == done
    assert passes.next_due(watch.desk.subscription).at > done.began_at


def test_only_one_is_under_way_at_a_time(watch):
    watch.erased(*watch.desk.ids(1))
    first = watch.pass_begins()

    watch.later(days=3)
    passes.open_due_passes()

    assert watch.last() == first
    assert passes.next_due(watch.desk.subscription) is None


# -- When a pass counts --------------------------------------------------------------------------------------


def test_a_key_of_another_subscription_proves_nothing_and_finds_nothing(watch):
    desk = watch.desk
    (name,) = desk.ids(1)
    watch.erased(name)
    watch.add(returned(name))
    key = desk.subscription.keys.get()
    type(key).objects.filter(pk=key.pk).update(sealed=sealed_key(desk.subscription, OTHER_WRITE_KEY))

    done = watch.passed()

    assert desk.paused() == PauseReason.FOREIGN
    assert (done.ended_at, done.records, Finding.objects.count()) == (None, 0, 0)


def test_what_was_read_before_the_key_turned_out_to_be_another_ones_is_dropped(watch):
    watch.erased(returned("0 first of all"))
    watch.add(returned("0 first of all"))
    watch.pass_begins()
    watch.desk.timings(slice=0)
    one_page(watch)
    assert Sighting.objects.count() == 1

    passes.start_all_anew(watch.desk.subscription)

    assert Sighting.objects.count() == 0
    assert (watch.last().records, watch.last().restarts) == (0, 1)


def one_page(watch):
    """A page is read; then something else waits for the lane."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_others_wait", lambda _: True)
        watch.desk.timings(slice=20)
        watch.desk.work(LaneKind.READ)


def test_a_list_without_its_control_visitors_proves_nothing_and_is_read_anew_not_for_ever(watch, monkeypatch):
    watch.erased(*watch.desk.ids(1))
    monkeypatch.setattr(
        "compliance.connectors.pendo.client.Pendo.visitors_page",
        lambda self, **_: (self.verify_key().answer, []),
    )

    watch.passed()
    for _ in range(6):
        watch.later(hours=1)
        watch.worked()

    done = watch.last()
    assert (done.result, done.found) == (WatchResult.PROVED_NOTHING, 0)
    assert "missing" in done.why
    assert "watch:unproved" in subscription_events(watch.desk)
    assert passes.next_due(watch.desk.subscription).scope == WatchScope.WHOLE


def test_a_page_without_a_usable_answer_is_asked_for_again(watch):
    watch.erased(*watch.desk.ids(1))
    watch.desk.fault("status_500", times=1, prefix=AGGREGATION)

    watch.passed()
    watch.desk.run()

    assert watch.last().result == WatchResult.NOTHING


def test_the_pass_says_how_many_control_visitors_it_has_met(watch):
    watch.erased(*watch.desk.ids(1))

    done = watch.passed()

    assert done.seen == done.controls == 8
    facts = entries_of(watch.desk.subscription.reference).last().body["facts"]
    assert (facts["records"], facts["seen"], facts["found"]) == (done.records, 8, 0)


# -- Killed, and crowded out ---------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["execution_sighting", "execution_watchpass", "execution_reappearance"])
@pytest.mark.parametrize("skip", [0, 1, 3])
def test_killed_anywhere_a_pass_goes_on_and_each_record_stands_once(watch, table, skip):
    names = watch.desk.ids(6)
    watch.erased(*names)
    watch.add(*(returned(each) for each in names))
    passes.look_again(subscription=watch.desk.subscription, by=watch.desk.analyst)
    writes = iter(range(1000))

    def is_time(_, sql):
        return table in sql and sql.startswith(("INSERT", "UPDATE")) and next(writes) >= skip

    watch.desk.kill(watch.desk.read, when=is_time)
    watch.desk.run()

    assert watch.last().result == WatchResult.FOUND
    assert watch.open() == {Cause.RETURNED: set(names)}
    assert set(Reappearance.objects.values_list("times", flat=True)) == {1}


def test_a_pass_is_read_page_by_page_while_something_else_waits(watch):
    watch.erased(*watch.desk.ids(1))
    watch.pass_begins()

    one_page(watch)
    assert watch.last().pages == 1

    one_page(watch)
    assert watch.last().pages == 2


def test_whatever_else_waits_in_the_lane_comes_first(watch):
    watch.erased(*watch.desk.ids(1))
    watch.pass_begins()
    request = watch.desk.opened([], things=named(AskedKind.EMAIL, ["nobody@nowhere.example"]))

    watch.desk.read()

    request.refresh_from_db()
    assert request.state == State.NOTHING_FOUND


def test_a_target_that_gets_no_usable_answer_does_not_starve_the_watch(watch):
    gone, odd = watch.desk.ids(2)
    watch.erased(gone)
    watch.desk.opened([odd])
    packed = base64.urlsafe_b64encode(odd.encode()).decode().rstrip("=")
    watch.desk.fault("garbage", times=None, prefix=f"/api/v1/visitor/b64_{packed}")
    watch.pass_begins()

    for _ in range(12):
        watch.desk.read()
        watch.desk.expire()

    assert waiting_targets(watch.desk.subscription).exists()
    assert watch.last().ended_at


def test_a_page_is_compared_in_one_question(watch):
    names = watch.desk.ids(30)
    watch.erased(*names)
    page = [shown(each) for each in names]

    with CaptureQueriesContext(connection) as queries:
        found = seen_again(watch.desk.subscription, "visitor", page)

    assert (len(found), len(queries)) == (30, 1)


def shown(name):
    return Shown("visitor", name, f"{name}@person.example")

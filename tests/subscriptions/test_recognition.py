import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.audit.queries import entries_of
from compliance.connectors.answers import Verdict
from compliance.core import keyring
from compliance.sandbox.keys import OTHER_WRITE_KEY
from compliance.sandbox.records import Visitor
from compliance.subscriptions import recognition
from compliance.subscriptions.keys import open_pendo
from compliance.subscriptions.recognition import (
    CONTROLS,
    ControlsSeen,
    Features,
    guides_match,
    matching_guides,
    read_features,
    renew_controls,
    see_controls,
    take_down,
)


@pytest.fixture
def pendo(subscription):
    with open_pendo(subscription) as pendo:
        yield pendo


def digest(visitor_id):
    return keyring.lookup_digest("visitor", visitor_id).value


def control_digests(subscription):
    return [bytes(control.digest) for control in subscription.controls.all()]


def gone(demo, digests):
    """The visitors with these digests no longer exist."""
    for visitor_id in demo.visitors.ids():
        if digest(visitor_id) in digests:
            demo.visitors.remove(visitor_id)


# -- taking down -------------------------------------------------------------------------------------------


def test_control_visitors_exist_and_are_kept_under_seal(subscription, demo):
    known = {digest(visitor_id) for visitor_id in demo.visitors.ids()}
    sealed = b"".join(bytes(control.sealed_id) for control in subscription.controls.all())

    assert set(control_digests(subscription)) <= known
    assert not [visitor_id for visitor_id in demo.visitors.ids() if visitor_id.encode() in sealed]


def test_control_visitors_are_no_stretch_of_those_that_pendo_names_first(subscription, demo):
    first = {digest(visitor_id) for visitor_id in demo.visitors.sample(CONTROLS + 1)}

    assert not set(control_digests(subscription)) <= first


def test_visitors_to_be_left_out_are_no_control_visitors(subscription):
    features = Features([f"v{number}" for number in range(20)], [])
    leave_out = {digest(f"v{number}") for number in range(15)}

    assert take_down(subscription, features, leave_out=leave_out) == 5

    assert set(control_digests(subscription)) == {digest(f"v{number}") for number in range(15, 20)}


def test_half_of_the_control_visitors_come_from_the_far_end_and_the_last_is_one(subscription):
    visitors = [f"v{number:03}" for number in range(400)]

    take_down(subscription, Features(visitors, []), leave_out={digest("v399")})

    chosen = set(control_digests(subscription))
    assert len(chosen & set(map(digest, visitors[200:]))) == CONTROLS // 2
    assert len(chosen) == CONTROLS
    assert digest("v398") in chosen


def test_candidates_come_from_both_ends_of_the_list(pendo, demo, monkeypatch):
    monkeypatch.setattr(recognition, "CANDIDATES", 6)
    shown = [each for each in sorted(demo.visitors.ids()) if not each.startswith("_PENDO_T_")]
    shown = [each for each in shown if not demo.visitors.get(each).excluded]

    assert read_features(pendo).visitors == [*shown[:3], *shown[-3:]]


def test_visitor_or_guide_named_twice_is_taken_down_once(subscription):
    take_down(subscription, Features(["v", "v"], ["g", "g"]))

    assert (subscription.controls.count(), subscription.known_guides.count()) == (1, 1)


def test_features_are_read_from_whatever_subscription_answers(pendo, demo):
    features = read_features(pendo)

    assert set(features.guides) == set(demo.guides)
    assert set(features.visitors) <= set(demo.visitors.ids())


@pytest.mark.parametrize("path", ["/api/v1/aggregation", "/api/v1/guide"])
def test_features_that_cannot_be_read_are_the_answer_instead(pendo, sandbox, path):
    sandbox.world.faults.switch_on(kind="status_503", prefix=path)

    assert read_features(pendo).verdict is Verdict.UNAVAILABLE


# -- seeing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "seen", "enough"),
    [(0, 0, False), (1, 0, False), (1, 1, True), (8, 4, False), (8, 5, True), (2, 1, False)],
)
def test_more_than_half_of_at_least_one_control_visitor_is_enough(asked, seen, enough):
    assert ControlsSeen(asked, seen).enough is enough


def test_control_visitors_are_seen_with_no_more_calls_than_needed(pendo, subscription, sandbox):
    before = len(sandbox.world.books.since(0))

    seen = see_controls(pendo, subscription)

    assert (seen.enough, seen.asked, seen.seen) == (True, CONTROLS, CONTROLS // 2 + 1)
    assert len(sandbox.world.books.since(0)) - before == CONTROLS // 2 + 1


class Meeting:
    """A Pendo that answers the first question, and no other one before so many are asked at the same time."""

    def __init__(self, pendo, number):
        self.pendo, self.all_there, self.asked = pendo, threading.Barrier(number, timeout=10), 0

    def visitor(self, visitor_id):
        self.asked += 1
        if self.asked > 1:
            self.all_there.wait()
        return self.pendo.visitor(visitor_id)


def test_control_visitors_are_looked_for_together_so_that_slow_answers_do_not_add_up(pendo, subscription):
    seen = see_controls(Meeting(pendo, CONTROLS // 2), subscription)

    assert seen.enough


def test_where_pendo_does_not_answer_it_is_asked_once(pendo, subscription, sandbox):
    sandbox.world.faults.switch_on(kind="status_503")
    before = len(sandbox.world.books.since(0))

    assert see_controls(pendo, subscription).trouble
    assert len(sandbox.world.books.since(0)) - before == 1


def test_control_visitors_are_not_seen_in_another_subscription(pendo, subscription, sandbox):
    sandbox.world.faults.switch_on(kind="foreign")

    seen = see_controls(pendo, subscription)

    assert (seen.enough, seen.seen, seen.trouble) == (False, 0, None)


@pytest.mark.parametrize(("missing", "enough"), [(3, True), (4, False), (8, False)])
def test_some_control_visitors_may_be_gone(pendo, subscription, demo, missing, enough):
    gone(demo, control_digests(subscription)[:missing])

    assert see_controls(pendo, subscription).enough is enough


def test_control_visitors_that_are_being_erased_do_not_count(pendo, subscription, demo):
    leaving = control_digests(subscription)[:6]
    gone(demo, leaving)

    seen = see_controls(pendo, subscription, leave_out=leaving)

    assert (seen.enough, seen.asked) == (True, 2)


def test_nothing_is_enough_where_all_control_visitors_are_being_erased(pendo, subscription):
    seen = see_controls(pendo, subscription, leave_out=control_digests(subscription))

    assert (seen.enough, seen.asked) == (False, 0)


@pytest.mark.parametrize("fault", ["status_503", "forbidden", "html", "drop_before"])
def test_trouble_while_looking_is_never_enough(pendo, subscription, sandbox, fault):
    sandbox.world.faults.switch_on(kind=fault)

    seen = see_controls(pendo, subscription)

    assert (seen.enough, seen.seen) == (False, 0)
    assert seen.trouble is not None


# -- guides ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "match"), [(25, True), (13, True), (12, False), (0, False)])
def test_at_least_half_of_the_known_guides_make_a_match(subscription, demo, left, match):
    guides = [*list(demo.guides)[:left], "a new one"]

    assert matching_guides(subscription, guides) == left
    assert guides_match(subscription, guides) is match


def test_nothing_matches_where_no_guide_is_known(subscription):
    take_down(subscription, Features(["v"], []))

    assert guides_match(subscription, []) is False
    assert guides_match(subscription, ["g"]) is False


def test_guides_of_another_subscription_do_not_match(subscription, sandbox):
    assert guides_match(subscription, list(sandbox.world.subscriptions["other"].guides)) is False


def test_known_guides_still_match_after_the_digest_key_has_changed(subscription, demo, settings):
    settings.DIGEST_KEYS += ",2:" + "A" * 43 + "="

    assert guides_match(subscription, list(demo.guides)) is True


# -- renewing ----------------------------------------------------------------------------------------------


def test_control_visitors_are_renewed_where_the_guides_match(pendo, subscription, demo):
    former = control_digests(subscription)
    gone(demo, former)

    assert renew_controls(subscription, read_features(pendo), leave_out=[]) == CONTROLS

    assert not set(control_digests(subscription)) & set(former)
    assert see_controls(pendo, subscription).enough
    assert entries_of(subscription.reference).last().body["facts"] == {
        "controls": CONTROLS,
        "guides": 25,
        "matching": 25,
    }


def test_guides_of_today_are_taken_down_with_renewed_control_visitors(pendo, subscription, demo):
    for guide in list(demo.guides)[:10]:
        del demo.guides[guide]

    renew_controls(subscription, read_features(pendo), leave_out=[])

    assert subscription.known_guides.count() == 15


def test_visitors_being_erased_are_not_chosen_anew(pendo, subscription, demo):
    demo.visitors.add({"only one left": Visitor("only one left", None, 1, 1)})
    features = read_features(pendo)
    leave_out = [digest(visitor_id) for visitor_id in features.visitors if visitor_id != "only one left"]

    assert renew_controls(subscription, features, leave_out=leave_out) == 1

    assert control_digests(subscription) == [digest("only one left")]


def test_renewing_waits_for_whoever_renews_or_enters_a_key(pendo, subscription):
    features = read_features(pendo)

    with CaptureQueriesContext(connection) as queries:
        renew_controls(subscription, features, leave_out=[])

    first = next(each["sql"] for each in queries if each["sql"].startswith("SELECT"))
    assert f'FROM "{subscription._meta.db_table}"' in first
    assert "FOR UPDATE" in first or not connection.features.has_select_for_update


def test_nobody_is_chosen_where_everybody_is_being_erased(pendo, subscription):
    features = read_features(pendo)
    leave_out = [digest(visitor_id) for visitor_id in features.visitors]

    assert renew_controls(subscription, features, leave_out=leave_out) == 0


def test_other_subscription_is_recognised_by_its_own(sandbox, make_subscription):
    other = make_subscription(sandbox, key=OTHER_WRITE_KEY)

    with open_pendo(other) as pendo:
        assert see_controls(pendo, other).enough

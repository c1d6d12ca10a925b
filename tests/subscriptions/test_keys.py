import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from compliance.audit.models import Entry
from compliance.core import clock, crypto
from compliance.core.errors import Refused
from compliance.sandbox.keys import DEMO_READ_KEY, DEMO_WRITE_KEY, OTHER_WRITE_KEY
from compliance.sandbox.records import Visitor
from compliance.sandbox.seed import fill
from compliance.subscriptions.keys import (
    KEY_PURPOSE,
    NoUsableKey,
    add_subscription_with_key,
    enter_key,
    key_for,
    key_in_use,
    open_pendo,
)
from compliance.subscriptions.models import Key, LaneKind, PauseReason, Purpose, Subscription
from compliance.subscriptions.pausing import pause
from compliance.subscriptions.recognition import CONTROLS
from compliance.subscriptions.registration import add_subscription
from compliance.subscriptions.verification import BelongsElsewhere
from tests.subscriptions.conftest import SECOND_KEY

UNKNOWN_KEY = "5a4db0c5-0000-4000-8000-000000000000.us"


@pytest.fixture
def keyless(sandbox, db, settings):
    settings.PENDO_ALLOW_CUSTOM_URL = True
    return add_subscription(name="Keyless", region="us", production=True, by=None, url=sandbox.url)


def enter(subscription, key, by=None, **more):
    return enter_key(subscription=subscription, key=key, by=by, **more)


def test_key_is_verified_sealed_and_in_use(keyless, custodian, history):
    key = enter(keyless, f"  {DEMO_WRITE_KEY}\n", by=custodian)

    assert key_in_use(keyless) == key
    assert key.entered_by == custodian
    assert DEMO_WRITE_KEY.encode() not in bytes(key.sealed)
    assert history(keyless)[-1] == ("key:entered", custodian.reference)


def test_sealed_key_opens_for_its_own_purpose_only(subscription):
    sealed = bytes(key_in_use(subscription).sealed)

    assert (
        crypto.open_sealed(subscription.unwrapped_key(), sealed, purpose=KEY_PURPOSE).decode()
        == DEMO_WRITE_KEY
    )
    with pytest.raises(crypto.SealBroken):
        crypto.open_sealed(subscription.unwrapped_key(), sealed, purpose="control visitor")


def test_first_key_takes_down_control_visitors_and_guides(keyless, demo):
    enter(keyless, DEMO_WRITE_KEY)

    assert keyless.controls.count() == CONTROLS
    assert keyless.known_guides.count() == len(demo.guides)


def test_pendo_is_reached_with_the_key_in_use(subscription):
    with open_pendo(subscription) as pendo:
        assert pendo.verify_key().write_access


def test_pendo_cannot_be_reached_without_a_key(keyless):
    with pytest.raises(NoUsableKey):
        open_pendo(keyless)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (UNKNOWN_KEY, "Pendo refuses this key at .* region is right"),
        (DEMO_READ_KEY, "may only read. Make one with write access"),
        ("", "This is not a Pendo key"),
        ("two words", "This is not a Pendo key"),
        ("schlüssel", "This is not a Pendo key"),
        ("line\x0bbreak", "This is not a Pendo key"),
        ("x" * 201, "This is not a Pendo key"),
    ],
    ids=["unknown", "reading", "empty", "words", "not ascii", "control", "long"],
)
def test_key_that_cannot_be_used_is_refused_and_nothing_is_kept(keyless, key, why):
    with pytest.raises(Refused, match=why):
        enter(keyless, key)

    assert not Key.objects.exists()
    assert not keyless.controls.exists()
    assert Entry.objects.filter(event="key:entered").count() == 0


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("forbidden", "Pendo refuses this key"),
        ("unauthorized", "Pendo refuses this key"),
        ("html", r"did not answer as Pendo does \(HTTP 200\)"),
        ("empty_200", r"did not answer as Pendo does \(HTTP 200\)"),
        ("status_503", r"did not answer as Pendo does \(HTTP 503\)"),
        ("status_429", r"did not answer as Pendo does \(HTTP 429\)"),
        ("drop_before", r"did not answer as Pendo does \(no answer\)"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/token/verify", "/api/v1/aggregation", "/api/v1/guide"])
def test_key_is_refused_where_pendo_does_not_answer_all_of_it(keyless, sandbox, fault, why, path):
    sandbox.world.faults.switch_on(kind=fault, prefix=path)

    with pytest.raises(Refused, match=why):
        enter(keyless, DEMO_WRITE_KEY)

    assert not Key.objects.exists()


def test_key_is_refused_where_nothing_answers(keyless):
    keyless.url = "http://127.0.0.1:9"

    with pytest.raises(Refused, match="cannot be reached"):
        enter(keyless, DEMO_WRITE_KEY)


def test_key_of_a_subscription_without_visitors_is_refused(keyless, sandbox, demo):
    fill(world=sandbox.world, subscription=demo, visitors=0, accounts=0, guides=5, seed=1)

    with pytest.raises(Refused, match="no identified visitor"):
        enter(keyless, DEMO_WRITE_KEY)


# -- another key -------------------------------------------------------------------------------------------


def test_another_key_replaces_the_first(subscription, second_key, custodian):
    first = key_in_use(subscription)

    second = enter(subscription, second_key, by=custodian)

    first.refresh_from_db()
    assert key_in_use(subscription) == second
    assert first.replaced_at == second.entered_at
    assert first.fingerprint != second.fingerprint


def test_key_of_another_subscription_is_refused_and_the_first_stays_in_use(subscription):
    first = key_in_use(subscription)

    with pytest.raises(Refused, match="belongs to another Pendo subscription"):
        enter(subscription, OTHER_WRITE_KEY)

    assert key_in_use(subscription) == first


def test_key_of_another_subscription_is_refused_where_no_guide_is_known(keyless, demo):
    demo.guides.clear()
    enter(keyless, DEMO_WRITE_KEY)

    with pytest.raises(Refused, match="belongs to another Pendo subscription"):
        enter(keyless, OTHER_WRITE_KEY)


@pytest.mark.parametrize("with_guides", [True, False])
def test_key_of_another_subscription_with_the_same_visitor_ids_is_refused(
    subscription, sandbox, demo, with_guides
):
    staging = sandbox.world.subscriptions["other"]
    if not with_guides:
        staging.guides.clear()
    staging.visitors.add({visitor_id: Visitor(visitor_id, None, 1, 2) for visitor_id in demo.visitors.ids()})

    with pytest.raises(Refused, match="belongs to another Pendo subscription"):
        enter(subscription, OTHER_WRITE_KEY)


def test_another_key_is_recognised_by_guides_where_all_control_visitors_are_gone(
    sandbox, subscription, demo, second_key
):
    for visitor_id in demo.visitors.ids():
        demo.visitors.remove(visitor_id)
    demo.visitors.add({"new": Visitor("new", None, 1, 2)})

    assert enter(subscription, second_key) == key_in_use(subscription)


def test_another_key_needs_a_second_person_where_all_guides_are_gone(subscription, demo, second_key):
    demo.guides.clear()

    with pytest.raises(BelongsElsewhere):
        enter(subscription, second_key)


def test_trouble_while_comparing_is_not_called_a_foreign_key(subscription, sandbox, demo, second_key):
    demo.guides.clear()
    sandbox.world.faults.switch_on(kind="status_503", prefix="/api/v1/visitor/")

    with pytest.raises(Refused, match="HTTP 503"):
        enter(subscription, second_key)


@pytest.mark.django_db(transaction=True)
def test_key_entered_by_somebody_else_meanwhile_is_not_replaced_unseen(sandbox, subscription, second_key):
    arrived, may_go_on = threading.Event(), threading.Event()

    def clock_that_waits():
        sandbox.world.wall_clock = time.time
        arrived.set()
        may_go_on.wait(10)
        return time.time()

    sandbox.world.wall_clock = clock_that_waits
    with ThreadPoolExecutor(1) as pool:
        ours = pool.submit(closing_connections(enter), subscription, DEMO_WRITE_KEY)
        arrived.wait(10)
        theirs = enter(subscription, second_key)
        may_go_on.set()

        with pytest.raises(Refused, match="Somebody else entered a key"):
            ours.result()

    assert key_in_use(subscription) == theirs


def closing_connections(function):
    def then_closed(*arguments):
        try:
            return function(*arguments)
        finally:
            connections.close_all()

    return then_closed


@pytest.mark.parametrize("reason", [PauseReason.KEY_REFUSED, PauseReason.FOREIGN])
def test_verified_key_ends_a_pause_that_a_wrong_key_caused(
    subscription, second_key, reason, custodian, history
):
    pause(subscription=subscription, reason=reason, by=None)

    enter(subscription, second_key, by=custodian)

    subscription.refresh_from_db()
    assert not subscription.paused
    assert history(subscription)[-1] == ("subscription:resumed", custodian.reference)


def test_verified_key_does_not_end_a_pause_by_a_person(subscription, second_key, officer):
    pause(subscription=subscription, reason=PauseReason.PERSON, by=officer)

    enter(subscription, second_key)

    subscription.refresh_from_db()
    assert subscription.paused


# -- who looks after it, and how old it is -----------------------------------------------------------------


def test_whoever_enters_a_key_owns_it(subscription, second_key, custodian):
    assert enter(subscription, second_key, by=custodian).owner == custodian


def test_deputy_who_replaces_a_key_changes_places_with_its_owner(
    subscription, demo, second_key, custodian, officer
):
    first = enter(subscription, DEMO_WRITE_KEY, by=custodian)
    first.deputy = officer
    first.save()

    second = enter(subscription, second_key, by=officer)

    assert (second.owner, second.deputy) == (officer, custodian)


@pytest.mark.parametrize("days", [0, 1, 100])
def test_age_counts_from_the_day_the_key_was_made(subscription, second_key, days):
    made_on = clock.today() - dt.timedelta(days=days)

    key = enter(subscription, second_key, made_on=made_on)

    assert (key.age_in_days, key.made_on_known) == (days, True)
    assert key.rotate_by == made_on + dt.timedelta(days=90)


def test_age_that_nobody_knows_counts_from_the_entry_and_is_marked_so(subscription, second_key):
    key = enter(subscription, second_key)

    assert (key.made_on, key.made_on_known) == (clock.today(), False)


@pytest.mark.parametrize("made_on", [clock.today() + dt.timedelta(days=1), dt.date(2001, 1, 1)])
def test_day_on_which_no_key_can_have_been_made_is_refused(subscription, second_key, made_on):
    with pytest.raises(Refused, match="day the key was made"):
        enter(subscription, second_key, made_on=made_on)


@pytest.mark.parametrize("said", [None, "today"])
def test_same_key_entered_again_is_the_same_row_and_as_old_as_it_was(subscription, ahead, custodian, said):
    first = key_in_use(subscription)
    ahead(days=40)

    again = enter(subscription, DEMO_WRITE_KEY, by=custodian, made_on=clock.today() if said else None)

    assert (again.pk, again.made_on, again.age_in_days) == (first.pk, first.made_on, 40)
    assert subscription.keys.count() == 1


def test_key_that_was_replaced_and_is_entered_again_is_as_old_as_it_was(subscription, second_key, ahead):
    first = key_in_use(subscription)
    ahead(days=40)
    second = enter(subscription, second_key)

    again = enter(subscription, DEMO_WRITE_KEY)

    second.refresh_from_db()
    assert (again.pk, again.age_in_days, again.in_use) == (first.pk, 40, True)
    assert second.waits_to_be_deleted


def test_key_is_as_old_under_another_digest_key(subscription, settings, ahead):
    ahead(days=40)
    settings.DIGEST_KEYS += ",2:" + "A" * 43 + "="

    assert enter(subscription, DEMO_WRITE_KEY).age_in_days == 40


def test_earlier_day_said_later_counts(subscription):
    made_on = clock.today() - dt.timedelta(days=80)

    key = enter(subscription, DEMO_WRITE_KEY, made_on=made_on)

    assert (key.made_on, key.made_on_known) == (made_on, True)


# -- for look-ups only -------------------------------------------------------------------------------------


def enter_reading(subscription, key=DEMO_READ_KEY, by=None):
    return enter_key(subscription=subscription, key=key, by=by, purpose=Purpose.READ)


def test_look_ups_go_by_the_read_only_key_and_all_else_by_the_other(subscription, custodian, history):
    reading = enter_reading(subscription, by=custodian)

    assert key_for(subscription, LaneKind.READ) == reading
    assert key_for(subscription, LaneKind.BULK) == key_in_use(subscription) != reading
    assert history(subscription)[-1] == ("key:reading:entered", custodian.reference)
    with open_pendo(subscription, LaneKind.READ) as pendo:
        assert not pendo.verify_key().write_access


def test_look_ups_go_by_the_key_in_use_where_there_is_no_other(subscription):
    assert key_for(subscription, LaneKind.READ) == key_in_use(subscription)


@pytest.mark.parametrize(
    ("key", "why"),
    [(DEMO_WRITE_KEY, "may also write"), (UNKNOWN_KEY, "Pendo refuses"), (SECOND_KEY, "another Pendo subs")],
    ids=["writing", "unknown", "foreign"],
)
def test_read_only_key_that_does_not_fit_is_refused(subscription, sandbox, key, why):
    sandbox.world.subscriptions["other"].keys[SECOND_KEY] = False

    with pytest.raises(Refused, match=why):
        enter_reading(subscription, key)

    assert key_in_use(subscription, Purpose.READ) is None


def test_read_only_key_comes_after_the_other(keyless):
    with pytest.raises(Refused, match="with write access first"):
        enter_reading(keyless)


def test_read_only_key_does_not_end_a_pause_for_the_refused_other_one(subscription):
    pause(subscription=subscription, reason=PauseReason.KEY_REFUSED, by=None)

    enter_reading(subscription)

    subscription.refresh_from_db()
    assert subscription.paused


# -- with the subscription ---------------------------------------------------------------------------------


def add(sandbox, **changes):
    given = {"name": "Shop", "region": "us", "production": True, "by": None, "url": sandbox.url}
    return add_subscription_with_key(**given | {"key": DEMO_WRITE_KEY} | changes)


def test_subscription_and_key_are_added_together(sandbox, db, settings, history, command_line):
    settings.PENDO_ALLOW_CUSTOM_URL = True

    subscription = add(sandbox)

    assert key_in_use(subscription)
    assert history(subscription) == [("subscription:added", command_line), ("key:entered", command_line)]


@pytest.mark.parametrize("changes", [{"key": UNKNOWN_KEY}, {"key": DEMO_READ_KEY}, {"key": ""}, {"name": ""}])
def test_neither_subscription_nor_key_is_added_where_one_is_refused(sandbox, db, settings, changes):
    settings.PENDO_ALLOW_CUSTOM_URL = True

    with pytest.raises(Refused):
        add(sandbox, **changes)

    assert not Subscription.objects.exists()
    assert not Entry.objects.exists()


def test_key_is_never_sent_to_a_host_that_settings_do_not_allow(sandbox, db, settings):
    settings.PENDO_ALLOW_CUSTOM_URL = False

    with pytest.raises(Refused, match="PENDO_ALLOW_CUSTOM_URL"):
        add(sandbox)

    assert sandbox.world.books.last(1) == []


def test_region_that_refuses_the_key_is_named_in_the_refusal(sandbox, keyless):
    with pytest.raises(Refused, match=sandbox.url):
        enter(keyless, UNKNOWN_KEY)


# -- One Pendo subscription stands here once ---------------------------------------------------------------


def test_a_key_of_a_subscription_that_stands_here_already_is_no_first_key_of_another(
    subscription, keyless, second_key
):
    with pytest.raises(Refused, match=f"known here as {subscription.name}"):
        enter(keyless, second_key)
    assert key_in_use(keyless) is None


def test_the_same_key_is_not_entered_twice_where_no_guide_tells(subscription, keyless, demo):
    subscription.known_guides.all().delete()

    with pytest.raises(Refused, match=f"entered for {subscription.name}"):
        enter(keyless, DEMO_WRITE_KEY)

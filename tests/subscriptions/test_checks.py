import datetime as dt

import pytest

from compliance.core import clock
from compliance.sandbox.keys import DEMO_READ_KEY, DEMO_WRITE_KEY
from compliance.subscriptions import checks
from compliance.subscriptions.checks import due_keys
from compliance.subscriptions.keys import enter_key, key_for, key_in_use
from compliance.subscriptions.models import Key, KeyVerdict, LaneKind, PauseReason, Purpose
from compliance.subscriptions.tasks import look_after_keys

VERIFY = "/api/v1/token/verify"


@pytest.fixture(autouse=True)
def noon(time_machine):
    """A few hours later it is still the same day."""
    time_machine.move_to(dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC), tick=True)


@pytest.fixture
def key(subscription):
    return key_in_use(subscription)


def test_key_just_entered_was_checked_today(key):
    assert key.verdict == KeyVerdict.WORKS
    assert not due_keys().exists()


def test_key_is_checked_once_a_day(key, check, ahead, sandbox):
    ahead(days=1)
    assert list(due_keys()) == [key]

    checked = check(key)

    asked = len(sandbox.world.books.since(0))
    assert (checked.verdict, clock.day_of(checked.checked_at)) == (KeyVerdict.WORKS, clock.today())
    check(key)
    assert len(sandbox.world.books.since(0)) == asked


@pytest.mark.parametrize("fault", ["status_503", "drop_before", "html", "empty_200", "status_429"])
def test_no_answer_is_no_refusal_and_asked_for_again(key, check, ahead, sandbox, subscription, fault):
    ahead(days=1)
    sandbox.world.faults.switch_on(kind=fault, prefix=VERIFY, times=1)

    assert check(key).verdict == KeyVerdict.NO_ANSWER

    subscription.refresh_from_db()
    assert not subscription.paused
    assert check(key).verdict == KeyVerdict.WORKS


def test_refused_key_in_use_pauses_the_subscription(key, check, ahead, demo, subscription, history):
    del demo.keys[DEMO_WRITE_KEY]
    ahead(days=1)

    assert check(key).verdict == KeyVerdict.REFUSED

    subscription.refresh_from_db()
    assert subscription.paused_reason == PauseReason.KEY_REFUSED
    assert [event for event, _ in history(subscription)][-2:] == ["key:refused", "subscription:paused"]


def test_key_that_may_only_read_by_now_pauses_the_subscription(key, check, ahead, demo, subscription):
    demo.keys[DEMO_WRITE_KEY] = False
    ahead(days=1)

    assert check(key).verdict == KeyVerdict.READS_ONLY

    subscription.refresh_from_db()
    assert subscription.paused_reason == PauseReason.KEY_REFUSED


def test_refused_read_only_key_is_put_aside_and_nothing_waits(subscription, check, ahead, demo, history):
    reading = enter_key(subscription=subscription, key=DEMO_READ_KEY, by=None, purpose=Purpose.READ)
    del demo.keys[DEMO_READ_KEY]
    ahead(days=1)

    check(reading)

    subscription.refresh_from_db()
    assert not subscription.paused
    assert key_for(subscription, LaneKind.READ) == key_in_use(subscription)
    assert history(subscription)[-1] == ("key:reading:aside", "system")


def test_refusal_of_a_key_that_was_replaced_meanwhile_pauses_nothing(
    subscription, key, check, ahead, demo, second_key, monkeypatch
):
    del demo.keys[DEMO_WRITE_KEY]
    ahead(days=1)
    ask = checks._asked  # noqa: SLF001 -- the moment between question and answer

    def asked_while_somebody_enters_another(asked):
        enter_key(subscription=subscription, key=second_key, by=None)
        return ask(asked)

    monkeypatch.setattr(checks, "_asked", asked_while_somebody_enters_another)

    check(key)

    subscription.refresh_from_db()
    assert not subscription.paused
    assert Key.objects.get(pk=key.pk).refused_at is None


def test_due_checks_are_put_into_the_queue_by_their_numbers(key, ahead, monkeypatch):
    queued = []
    monkeypatch.setattr(
        "compliance.subscriptions.tasks.async_task", lambda task, pk, **_: queued.append((task, pk))
    )
    look_after_keys()
    assert queued == []
    ahead(days=1)

    look_after_keys()

    assert queued == [("compliance.subscriptions.tasks.check_key", key.pk)]


# -- replaced, then retired --------------------------------------------------------------------------------


@pytest.fixture
def replaced(subscription, key, second_key):
    """The former key: another one has just taken its place."""
    enter_key(subscription=subscription, key=second_key, by=None)
    key.refresh_from_db()
    return key


def test_replaced_key_that_pendo_accepts_still_waits(replaced, check, ahead):
    ahead(days=1)

    checked = check(replaced)

    assert (checked.verdict, checked.refused_at, checked.retired_at) == (KeyVerdict.WORKS, None, None)


def test_replaced_key_is_retired_after_two_refusals_an_hour_apart(
    replaced, check, ahead, demo, subscription, history
):
    del demo.keys[DEMO_WRITE_KEY]
    ahead(days=1)

    once = check(replaced)
    ahead(minutes=59)
    assert replaced not in due_keys()
    ahead(minutes=2)
    twice = check(replaced)

    assert once.refused_at
    assert (once.retired_at, bytes(once.sealed)) == (None, bytes(replaced.sealed))
    assert twice.retired_at - once.refused_at >= dt.timedelta(hours=1)
    assert twice.sealed is None
    assert (twice.fingerprint, twice.made_on) == (replaced.fingerprint, replaced.made_on)
    assert [event for event, _ in history(subscription)][-2:] == ["key:refused", "key:retired"]
    assert replaced not in due_keys()


def test_refusal_does_not_count_while_the_new_key_does_not_work_either(replaced, check, ahead, sandbox):
    ahead(days=1)
    sandbox.world.faults.switch_on(kind="forbidden", prefix=VERIFY)

    assert check(replaced).refused_at is None


def test_second_refusal_does_not_count_while_the_new_key_does_not_work_either(
    replaced, check, ahead, sandbox, demo
):
    del demo.keys[DEMO_WRITE_KEY]
    ahead(days=1)
    check(replaced)
    ahead(hours=2)
    sandbox.world.faults.switch_on(kind="forbidden", prefix=VERIFY)
    assert check(replaced).retired_at is None

    sandbox.world.faults.switch_off()

    assert check(replaced).retired_at


def test_refusals_count_from_the_beginning_once_pendo_accepts_the_key_again(replaced, check, ahead, demo):
    writes = demo.keys.pop(DEMO_WRITE_KEY)
    ahead(days=1)
    check(replaced)
    demo.keys[DEMO_WRITE_KEY] = writes
    ahead(hours=2)

    assert check(replaced).refused_at is None

    del demo.keys[DEMO_WRITE_KEY]
    ahead(days=1)
    assert check(replaced).retired_at is None


def test_read_only_key_put_aside_is_retired_while_the_other_key_works(subscription, check, ahead, demo):
    reading = enter_key(subscription=subscription, key=DEMO_READ_KEY, by=None, purpose=Purpose.READ)
    del demo.keys[DEMO_READ_KEY]
    ahead(days=1)
    check(reading)
    ahead(days=1)
    check(reading)
    ahead(hours=2)

    assert check(reading).retired_at


def test_retired_key_that_works_after_all_may_be_entered_again(
    replaced, check, ahead, demo, subscription, second_key
):
    writes = demo.keys.pop(DEMO_WRITE_KEY)
    ahead(days=1)
    check(replaced)
    ahead(hours=2)
    assert check(replaced).retired_at
    demo.keys[DEMO_WRITE_KEY] = writes

    again = enter_key(subscription=subscription, key=DEMO_WRITE_KEY, by=None)

    assert (again.pk, again.in_use, again.retired_at) == (replaced.pk, True, None)
    assert again.age_in_days == 1

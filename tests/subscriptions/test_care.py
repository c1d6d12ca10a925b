import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from auditlog.models import LogEntry
from django.db import connection, connections

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.sandbox.keys import DEMO_WRITE_KEY
from compliance.subscriptions.care import escalate_unanswered, keep_care, remind, remind_of, stage_began
from compliance.subscriptions.keys import enter_key, key_in_use
from compliance.subscriptions.models import Key, PauseReason, Subscription
from compliance.subscriptions.pausing import pause

DUE = dt.date(2026, 6, 30)


@pytest.fixture(autouse=True)
def noon(time_machine):
    """A few hours later it is still the same day."""
    time_machine.move_to(dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC), tick=True)


@pytest.fixture
def key(subscription):
    return key_in_use(subscription)


def days_before(count):
    return DUE - dt.timedelta(days=count)


def make(key, *, days_left, **changes):
    """The key as old as it has to be."""
    made_on = clock.today() + dt.timedelta(days=days_left - key.subscription.rotation_days)
    Key.objects.filter(pk=key.pk).update(made_on=made_on, **changes)


def reminders(subscription):
    """The reminders that went out so far: their events and how many days they named."""
    return [
        (entry.event.split(":", 1)[1], entry.body["facts"].get("days"))
        for entry in entries_of(subscription.reference)
        if entry.event.startswith(("key:rotation", "key:deletion"))
    ]


# -- stages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "began"),
    [(31, None), (30, 30), (29, 30), (15, 30), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0, 0), (-1, -1)],
)
def test_present_stage_began_on_the_day_of_its_reminder(left, began):
    today = days_before(left)

    assert stage_began(DUE, today) == (None if began is None else days_before(began))


def test_reminders_over_a_whole_life_come_on_their_days_each_once(key, subscription, ahead):
    make(key, days_left=32)

    for _ in range(36):
        remind()
        remind()
        ahead(days=1)

    stages = [("rotation:reminded", days) for days in (30, 14, 7, 1, 0)]
    assert reminders(subscription) == [*stages, *[("rotation:overdue", days) for days in (1, 2, 3)]]


def test_stage_missed_while_nothing_ran_is_made_up_for_once(key, subscription, ahead):
    make(key, days_left=12, reminded_on=clock.today() - dt.timedelta(days=18))

    remind()
    ahead(days=1)
    remind()

    assert reminders(subscription) == [("rotation:reminded", 12)]


def test_several_missed_stages_make_one_reminder(key, subscription):
    make(key, days_left=3)

    remind()

    assert reminders(subscription) == [("rotation:reminded", 3)]


def test_another_day_of_replacement_is_news_on_the_next_day(key, subscription, ahead):
    make(key, days_left=13)
    remind()
    Subscription.objects.update(rotation_days=88)
    remind()
    assert len(reminders(subscription)) == 1
    ahead(days=1)

    remind()

    assert reminders(subscription) == [("rotation:reminded", 13), ("rotation:reminded", 10)]


def test_a_key_that_cannot_be_looked_after_holds_up_no_other(key, subscription, make_subscription, sandbox):
    other = make_subscription(sandbox)
    make(key, days_left=7)
    make(key_in_use(other), days_left=7)
    Subscription.objects.filter(pk=subscription.pk).update(rotation_days=2**15 - 1)
    Key.objects.filter(pk=key.pk).update(made_on=dt.date.max)

    remind()

    assert (reminders(subscription), reminders(other)) == ([], [("rotation:reminded", 7)])


@pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="the tests' SQLite is in memory: there one connection errs where in a file it would wait",
)
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_moment_make_one_reminder(key, subscription):
    make(key, days_left=7)

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(remind_and_close, [key.pk, key.pk]))

    assert sorted(said) == [False, True]
    assert reminders(subscription) == [("rotation:reminded", 7)]


def remind_and_close(pk):
    try:
        return remind_of(pk)
    finally:
        connections.close_all()


def test_reminder_stands_in_the_ledger_with_key_day_and_days_left(key, subscription):
    make(key, days_left=7)

    remind()

    entry = entries_of(subscription.reference).last()
    assert entry.body["facts"] == {
        "key": key.fingerprint,
        "rotate_by": (clock.today() + dt.timedelta(days=7)).isoformat(),
        "days": 7,
    }


def test_young_key_is_nobodys_reminder(key, subscription):
    remind()

    assert reminders(subscription) == []
    assert remind_of(key.pk) is False


def test_new_key_ends_the_reminders_about_the_old_ones_age(key, subscription, second_key, ahead):
    make(key, days_left=-5)
    remind()
    enter_key(subscription=subscription, key=second_key, by=None)

    remind()
    ahead(days=1)
    remind()
    remind()
    ahead(days=1)
    remind()

    assert reminders(subscription) == [
        ("rotation:overdue", 5),
        ("deletion:reminded", None),
        ("deletion:reminded", None),
    ]


def test_replaced_key_that_pendo_has_refused_is_nobodys_reminder(key, subscription, second_key, ahead):
    enter_key(subscription=subscription, key=second_key, by=None)
    Key.objects.filter(pk=key.pk).update(refused_at=clock.now())
    ahead(days=1)

    remind()

    assert reminders(subscription) == []


# -- who, and until when -----------------------------------------------------------------------------------


def test_custodians_say_who_looks_after_a_key_and_change_records_keep_it(key, custodian, officer):
    made_on = clock.today() - dt.timedelta(days=10)

    keep_care(key=key, owner=custodian, deputy=officer, made_on=made_on, rotation_days=60)

    key.refresh_from_db()
    assert (key.owner, key.deputy, key.made_on, key.made_on_known) == (custodian, officer, made_on, True)
    assert Subscription.objects.get().rotation_days == 60
    assert Key.objects.get().days_left == 50
    changed = LogEntry.objects.get_for_object(key).first().changes_dict
    assert {"owner", "deputy", "made_on"} <= set(changed)
    assert LogEntry.objects.get_for_object(key.subscription).first().changes_dict == {
        "rotation_days": [90, 60]
    }


def test_day_that_nobody_knows_stays_and_is_marked_so(key):
    keep_care(key=key, owner=None, deputy=None, made_on=None, rotation_days=90)

    kept = Key.objects.get()
    assert (kept.made_on, kept.made_on_known) == (key.made_on, False)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"deputy": "owner"}, "same person"),
        ({"rotation_days": 0}, "1 to 3650 days"),
        ({"rotation_days": 3651}, "1 to 3650 days"),
        ({"made_on": clock.today() + dt.timedelta(days=1)}, "future"),
    ],
)
def test_care_that_makes_no_sense_is_refused(key, custodian, changes, why):
    values = {"owner": custodian, "deputy": None, "made_on": None, "rotation_days": 90} | changes
    values["deputy"] = custodian if values["deputy"] else None

    with pytest.raises(Refused, match=why):
        keep_care(key=key, **values)

    assert Key.objects.get().owner is None


def test_checks_and_reminders_are_no_change_records(key, ahead, check):
    before = LogEntry.objects.count()
    make(key, days_left=7)
    ahead(days=1)

    check(key)
    remind()

    assert LogEntry.objects.count() == before


# -- what nobody answers -----------------------------------------------------------------------------------


@pytest.fixture
def refused(subscription):
    pause(subscription=subscription, reason=PauseReason.KEY_REFUSED, by=None)
    return subscription


def escalations(history, subscription):
    return [event for event, _ in history(subscription)].count("key:unanswered")


def test_refused_key_that_nobody_replaces_is_escalated_after_four_hours_and_once(refused, history, ahead):
    ahead(hours=3, minutes=59)
    escalate_unanswered()
    assert escalations(history, refused) == 0
    ahead(minutes=2)

    for _ in range(3):
        escalate_unanswered()
        ahead(days=1)

    assert escalations(history, refused) == 1


def test_refused_key_that_was_replaced_in_time_is_not_escalated(refused, second_key, history, ahead):
    enter_key(subscription=refused, key=second_key, by=None)
    ahead(hours=5)

    escalate_unanswered()

    assert escalations(history, refused) == 0


def test_next_refusal_is_escalated_again(refused, history, ahead):
    ahead(hours=5)
    escalate_unanswered()
    enter_key(subscription=refused, key=DEMO_WRITE_KEY, by=None)
    pause(subscription=refused, reason=PauseReason.KEY_REFUSED, by=None)
    ahead(hours=5)

    escalate_unanswered()

    assert escalations(history, refused) == 2


def test_pause_for_another_reason_is_not_escalated(subscription, officer, history, ahead):
    pause(subscription=subscription, reason=PauseReason.PERSON, by=officer)
    ahead(days=1)

    escalate_unanswered()

    assert escalations(history, subscription) == 0

import pytest

from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.subscriptions.models import PauseReason, Subscription
from compliance.subscriptions.pausing import pause, resume

SYSTEM = "system"


def now(subscription):
    return Subscription.objects.get(pk=subscription.pk)


@pytest.mark.parametrize("reason", PauseReason)
def test_paused_subscription_says_since_when_and_why(subscription, reason):
    assert pause(subscription=subscription, reason=reason, by=None) is True

    assert now(subscription).paused
    assert now(subscription).paused_reason == reason
    assert now(subscription).paused_at is not None


def test_pause_by_a_person_names_them_in_the_ledger(subscription, officer):
    pause(subscription=subscription, reason=PauseReason.PERSON, by=officer)

    entry = entries_of(subscription.reference).last()
    assert (entry.event, entry.body["actor"]) == ("subscription:paused", officer.reference)
    assert entry.body["facts"] == {"reason": "paused by a person"}


def test_pause_by_the_machinery_is_recorded_as_such(subscription, history):
    pause(subscription=subscription, reason=PauseReason.FOREIGN, by=None)

    assert history(subscription)[-1] == ("subscription:paused", SYSTEM)


def test_first_pause_stands_where_a_second_comes(subscription, officer, history):
    pause(subscription=subscription, reason=PauseReason.FOREIGN, by=None)

    assert pause(subscription=subscription, reason=PauseReason.PERSON, by=officer) is False

    assert now(subscription).paused_reason == PauseReason.FOREIGN
    assert [event for event, _ in history(subscription)].count("subscription:paused") == 1


@pytest.mark.parametrize("reason", [PauseReason.PERSON, PauseReason.FOREIGN])
def test_officer_resumes(subscription, officer, history, reason):
    pause(subscription=subscription, reason=reason, by=None)

    resume(subscription=subscription, by=officer)

    assert not now(subscription).paused
    assert now(subscription).paused_at is None
    assert history(subscription)[-1] == ("subscription:resumed", officer.reference)


def test_subscription_whose_key_is_refused_is_not_resumed_without_a_working_one(subscription, officer):
    pause(subscription=subscription, reason=PauseReason.KEY_REFUSED, by=None)

    with pytest.raises(Refused, match="Enter a working one"):
        resume(subscription=subscription, by=officer)

    assert now(subscription).paused


def test_subscription_that_works_cannot_be_resumed(subscription, officer, history):
    with pytest.raises(Refused, match="isn't paused"):
        resume(subscription=subscription, by=officer)

    assert history(subscription)[-1][0] == "key:entered"

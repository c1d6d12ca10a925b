import pytest

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.sandbox.keys import DEMO_READ_KEY, DEMO_WRITE_KEY, OTHER_WRITE_KEY
from compliance.subscriptions import foreign
from compliance.subscriptions.foreign import (
    confirm_foreign_key,
    decline_foreign_key,
    expire_proposals,
    propose_foreign_key,
)
from compliance.subscriptions.keys import enter_key, key_in_use, open_pendo
from compliance.subscriptions.models import Key, KeyProposal, PauseReason, Purpose
from compliance.subscriptions.pausing import pause
from compliance.subscriptions.recognition import guides_match, see_controls
from compliance.workflow.models import Request
from compliance.workflow.opening import open_request


@pytest.fixture
def propose(subscription, custodian):
    return lambda key=OTHER_WRITE_KEY, by=custodian: propose_foreign_key(
        subscription=subscription, key=key, by=by
    )


@pytest.fixture
def proposal(propose):
    return propose()


def events(history, subscription):
    return [event for event, _ in history(subscription)]


def test_proposed_key_waits_under_seal_and_is_not_used(subscription, proposal, custodian, history):
    assert OTHER_WRITE_KEY.encode() not in bytes(proposal.sealed)
    assert key_in_use(subscription).fingerprint != proposal.fingerprint
    assert history(subscription)[-1] == ("key:foreign:proposed", custodian.reference)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (DEMO_WRITE_KEY, "ordinary way"),
        (DEMO_READ_KEY, "may only read"),
        ("5a4db0c5-0000-4000-8000-000000000000.us", "Pendo refuses"),
        ("no key", "not a Pendo key"),
    ],
)
def test_key_that_is_not_foreign_or_no_good_is_not_proposed(propose, key, why):
    with pytest.raises(Refused, match=why):
        propose(key)

    assert not KeyProposal.objects.exists()


def test_one_key_is_proposed_at_a_time(proposal, propose):
    with pytest.raises(Refused, match="Decline that one first"):
        propose()


def test_second_person_confirms_and_the_subscription_is_recognised_anew(
    subscription, proposal, custodian, officer, sandbox, history
):
    pause(subscription=subscription, reason=PauseReason.FOREIGN, by=None)
    former = key_in_use(subscription)
    former.owner = custodian
    former.save()

    confirm_foreign_key(proposal=proposal, by=officer)

    subscription.refresh_from_db()
    key = key_in_use(subscription)
    assert (key.fingerprint, key.owner, key.entered_by) == (proposal.fingerprint, custodian, custodian)
    assert key.deputy is None
    assert Key.objects.get(pk=former.pk).waits_to_be_deleted
    assert not subscription.paused
    assert guides_match(subscription, list(sandbox.world.subscriptions["other"].guides))
    with open_pendo(subscription) as pendo:
        assert see_controls(pendo, subscription).enough
    assert events(history, subscription)[-4:] == [
        "key:foreign:confirmed",
        "key:replaced",
        "key:entered",
        "subscription:resumed",
    ]
    assert history(subscription)[-1] == ("subscription:resumed", officer.reference)


def test_nothing_of_a_decided_proposal_can_be_read(proposal, officer):
    confirm_foreign_key(proposal=proposal, by=officer)

    assert KeyProposal.objects.get().sealed is None


def test_another_custodian_may_confirm_too(subscription, proposal, make_person):
    confirm_foreign_key(proposal=proposal, by=make_person())

    assert key_in_use(subscription).fingerprint == proposal.fingerprint


def test_proposer_never_confirms(subscription, proposal, custodian):
    with pytest.raises(Refused, match="You proposed this key"):
        confirm_foreign_key(proposal=proposal, by=custodian)

    assert key_in_use(subscription).fingerprint != proposal.fingerprint


@pytest.mark.parametrize("who", ["officer", "custodian"])
def test_proposal_is_declined_or_taken_back_and_destroyed(subscription, proposal, history, request, who):
    by = request.getfixturevalue(who)

    decline_foreign_key(proposal=proposal, by=by)

    declined = KeyProposal.objects.get()
    assert (declined.decision, declined.sealed, declined.decided_by) == ("declined", None, by)
    assert history(subscription)[-1] == ("key:foreign:declined", by.reference)


def test_proposal_is_decided_once(proposal, officer):
    decline_foreign_key(proposal=proposal, by=officer)

    for verb in (confirm_foreign_key, decline_foreign_key):
        with pytest.raises(Refused, match="decided about this key already"):
            verb(proposal=proposal, by=officer)


def test_proposal_that_nobody_decides_about_is_destroyed_after_a_day(subscription, proposal, history, ahead):
    ahead(hours=23, minutes=59)
    expire_proposals()
    assert KeyProposal.objects.get().sealed
    ahead(minutes=2)

    expire_proposals()
    expire_proposals()

    expired = KeyProposal.objects.get()
    assert (expired.decision, expired.sealed) == ("expired", None)
    assert events(history, subscription).count("key:foreign:expired") == 1


def test_proposal_older_than_a_day_is_not_confirmed_even_if_nothing_has_expired_it(proposal, officer, ahead):
    ahead(hours=25)

    with pytest.raises(Refused, match="a day is over"):
        confirm_foreign_key(proposal=proposal, by=officer)


def test_old_proposal_does_not_stand_in_the_way_of_another(proposal, propose, ahead):
    ahead(hours=25)

    propose()

    assert sorted(each.decision for each in KeyProposal.objects.all()) == ["", "expired"]


def test_key_that_pendo_refuses_by_now_is_not_confirmed(subscription, proposal, officer, sandbox):
    del sandbox.world.subscriptions["other"].keys[OTHER_WRITE_KEY]

    with pytest.raises(Refused, match="Pendo refuses this key"):
        confirm_foreign_key(proposal=proposal, by=officer)

    assert KeyProposal.objects.get().decision == ""


def test_key_entered_meanwhile_is_not_replaced_by_the_proposed_one(
    subscription, proposal, officer, second_key, monkeypatch
):
    verify = foreign.verified_features

    def verified_while_somebody_enters_another(*arguments):
        enter_key(subscription=subscription, key=second_key, by=None)
        return verify(*arguments)

    monkeypatch.setattr(foreign, "verified_features", verified_while_somebody_enters_another)

    with pytest.raises(Refused, match="Somebody else entered a key"):
        confirm_foreign_key(proposal=proposal, by=officer)

    assert key_in_use(subscription).fingerprint != proposal.fingerprint
    assert KeyProposal.objects.get().decision == ""


def test_read_only_key_of_the_former_subscription_is_put_aside(subscription, propose, officer):
    enter_key(subscription=subscription, key=DEMO_READ_KEY, by=None, purpose=Purpose.READ)

    confirm_foreign_key(proposal=propose(), by=officer)

    assert key_in_use(subscription, Purpose.READ) is None


# -- while requests are under way --------------------------------------------------------------------------


@pytest.fixture
def request_under_way(subscription, make_wish, analyst):
    return lambda: open_request(wish=make_wish(subscriptions=[subscription]), by=analyst)


def test_nothing_is_proposed_while_requests_are_under_way(propose, request_under_way):
    request_under_way()

    with pytest.raises(Refused, match="Requests are under way here"):
        propose()


def test_nothing_is_confirmed_while_requests_are_under_way(proposal, request_under_way, officer):
    request_under_way()

    with pytest.raises(Refused, match="Requests are under way here"):
        confirm_foreign_key(proposal=proposal, by=officer)


def test_requests_that_have_ended_stand_in_nobodys_way(propose, request_under_way, officer, subscription):
    request_under_way()
    Request.objects.update(closed_at=clock.now())

    confirm_foreign_key(proposal=propose(), by=officer)

    assert key_in_use(subscription)

"""Going on without a subscription that has no usable key."""

import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.dashboard.steps import next_step
from compliance.people.roles import Role
from compliance.subscriptions.models import Subscription
from compliance.workflow import splitting
from compliance.workflow.approvals import cancel
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.opening import revise_request
from compliance.workflow.previews import complete_preview, keep_lookup
from compliance.workflow.queries import asked_things
from compliance.workflow.sealing import Subject, note_of, subject_of, target_id, targets_vault
from compliance.workflow.splitting import go_on_without, holding_up, not_yet_to_be_answered
from compliance.workflow.states import AskedKind, Kind, State
from compliance.workflow.things import Thing
from tests.request_fixtures import asked_values, events_of, give_approval, look_up

JANE = Subject(name="Jane Doe", email="jane@person.example")


@pytest.fixture
def both(silent_subscription, give_key):
    """One subscription that works, and one that has no key."""
    working, broken = silent_subscription(production=True), silent_subscription(production=True)
    give_key(working)
    return working, broken


@pytest.fixture
def give_key():
    """`give_key(subscription)`: it has a key in use, as far as anybody here can tell."""

    def give(subscription):
        subscription.keys.create(sealed=b"sealed", fingerprint="abcdef01")

    return give


@pytest.fixture
def held(new_request, both):
    return new_request(
        subscriptions=list(both),
        subject=JANE,
        note="She wrote.",
        received_on=clock.today() - dt.timedelta(days=3),
    )


def look_up_in(request, subscription):
    vault = targets_vault(request)
    for target in request.targets.filter(subscription=subscription):
        keep_lookup(target, vault, None)
    complete_preview(request)
    request.refresh_from_db()


def test_a_subscription_without_a_key_holds_the_preview(held, both):
    assert holding_up(held) == [both[1]]


def test_a_subscription_whose_key_is_refused_holds_it_too(held, both):
    Subscription.objects.filter(pk=both[0].pk).update(paused_reason="key_refused")

    assert holding_up(held) == list(both)


def test_the_others_go_on_and_the_preview_is_completed_without_it(held, both, analyst):
    go_on_without(request=held, subscription=both[1], by=analyst)
    look_up_in(held, both[0])

    assert list(held.subscriptions.all()) == [both[0]]
    assert held.state == State.NOTHING_FOUND
    assert holding_up(held) == []


def test_the_other_request_has_the_same_dates_and_the_same_things(held, both, analyst):
    other = go_on_without(request=held, subscription=both[1], by=analyst)

    assert (other.received_on, other.law, other.send_by) == (held.received_on, held.law, held.send_by)
    assert dates(other) == dates(held)
    assert asked_values(other) == asked_values(held)
    assert (subject_of(other), note_of(other)) == (JANE, "She wrote.")
    assert other.subject_digests.count() == 1
    assert (other.state, list(other.subscriptions.all())) == (State.PREVIEWING, [both[1]])
    assert other.targets.count() == 3


def dates(request):
    return list(request.clocks.values_list("kind", "legal", "safe", "send_by"))


def test_the_other_request_has_keys_of_its_own(held, both, analyst):
    other = go_on_without(request=held, subscription=both[1], by=analyst)

    vault, target = targets_vault(other), other.targets.first()
    assert bytes(other.targets_key) != bytes(held.targets_key)
    assert target_id(vault, target) in asked_values(held)


def test_while_either_is_under_way_nobody_is_told_to_answer_the_person(held, both, analyst):
    assert not_yet_to_be_answered(held) == ""
    other = go_on_without(request=held, subscription=both[1], by=analyst)

    said = f"Don't answer the person yet: {other.reference} is still under way."
    for state in (State.NOTHING_FOUND, State.CONFIRMING, State.CLOSED, State.CANCELLED):
        held.state = state
        assert said in next_step(held, analyst)
        assert "You can answer" not in next_step(held, analyst)
    assert held.reference in not_yet_to_be_answered(other)


def test_once_the_other_has_ended_the_person_is_to_be_answered(held, both, analyst):
    other = go_on_without(request=held, subscription=both[1], by=analyst)
    cancel(request=other, by=analyst, reason="Not needed.")

    held.state = State.CLOSED
    assert next_step(held, analyst).startswith("Tell the person how it ended")


def test_who_confirms_that_nothing_was_found_is_told_to_wait_for_the_other(held, both, analyst, client_of):
    other = go_on_without(request=held, subscription=both[1], by=analyst)
    look_up_in(held, both[0])

    page = client_of(analyst).post(f"/requests/{held.reference}/nothing-found/", follow=True)

    assert f"Closed: nothing was found. Don&#x27;t answer the person yet: {other.reference}" in (
        page.content.decode()
    )


def test_both_name_each_other_on_their_pages_and_in_their_ledgers(held, both, analyst):
    other = go_on_without(request=held, subscription=both[1], by=analyst)

    assert (other.continues, list(held.continued_by.all())) == (held, [other])
    assert entries_of(held.chain).last().body["facts"]["other"] == other.reference
    assert events_of(other) == ["request:opened", "request:continues", "request:preview:started"]
    assert list(entries_of(other.chain))[1].body["facts"]["other"] == held.reference


def test_accounts_and_what_is_to_happen_to_their_visitors_go_along(new_request, both, analyst):
    request = new_request(
        subscriptions=list(both),
        kind=Kind.OFFBOARDING,
        law="",
        things=[Thing(AskedKind.ACCOUNT, "Harbour Ltd")],
        with_visitors=False,
    )

    other = go_on_without(request=request, subscription=both[1], by=analyst)

    assert (other.kind, other.with_visitors) == (Kind.OFFBOARDING, False)
    assert other.asked.get().kind == AskedKind.ACCOUNT


def test_whoever_did_it_approves_neither(held, both, officer):
    other = go_on_without(request=held, subscription=both[1], by=officer)

    held.refresh_from_db()
    assert (held.changed_by, other.changed_by, other.entered_by) == (officer, officer, held.entered_by)


def test_whoever_changed_the_request_before_approves_neither(held, both, officer, analyst):
    look_up(held)
    revise_request(request=held, things=asked_things(held), subscriptions=both, by=officer)

    other = go_on_without(request=held, subscription=both[1], by=analyst)

    for request in (held, other):
        look_up(request)
        with pytest.raises(NotThisPerson):
            give_approval(request, officer)


def test_whoever_went_on_without_it_approves_neither_after_a_later_change(held, both, officer, analyst):
    other = go_on_without(request=held, subscription=both[1], by=officer)

    for request in (held, other):
        look_up(request)
        where = list(request.subscriptions.all())
        revise_request(request=request, things=asked_things(request), subscriptions=where, by=analyst)
        look_up(request)
        with pytest.raises(NotThisPerson):
            give_approval(request, officer)


def test_without_one_that_works_nothing_is_gone_on(held, both, analyst):
    with pytest.raises(Refused, match="works"):
        go_on_without(request=held, subscription=both[0], by=analyst)


def test_the_only_subscription_is_waited_for(new_request, silent_subscription, analyst):
    request = new_request()

    with pytest.raises(Refused):
        go_on_without(request=request, subscription=request.subscriptions.get(), by=analyst)


def test_once_the_preview_is_there_nothing_holds_it(held, both, analyst):
    look_up(held)

    assert holding_up(held) == []
    with pytest.raises(StateChanged):
        go_on_without(request=held, subscription=both[1], by=analyst)


def test_too_many_things_are_not_copied_and_the_sentence_says_what_to_do(held, both, analyst, monkeypatch):
    monkeypatch.setattr(splitting, "MOST_ASKED", 2)

    with pytest.raises(Refused, match="upload the file twice"):
        go_on_without(request=held, subscription=both[1], by=analyst)


@pytest.mark.parametrize("role", set(Role) - {Role.ANALYST, Role.OFFICER})
def test_other_roles_go_on_without_nothing(held, both, make_person, role):
    with pytest.raises(NotThisPerson):
        go_on_without(request=held, subscription=both[1], by=make_person(role))

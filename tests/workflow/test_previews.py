"""The preview: looked up, counted, bound by a digest."""

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from compliance.connectors.pendo import Visitor
from compliance.core import crypto
from compliance.people.roles import Role
from compliance.workflow import summaries
from compliance.workflow.approvals import cancel
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.kinds import Action
from compliance.workflow.outcomes import settle
from compliance.workflow.previews import (
    complete_preview,
    current_preview,
    digest_of,
    keep_lookup,
    look_again,
    note_trouble,
    recount_preview,
    waiting_targets,
)
from compliance.workflow.sealing import commit_to, details_of, target_id, targets_vault
from compliance.workflow.states import Outcome, Spared, State, TargetKind
from compliance.workflow.summaries import summary_of
from tests.request_fixtures import events_of, give_approval, look_up
from tests.workflow_fixtures import meanwhile

KEY = bytes(32)
PAIRS = st.tuples(st.sampled_from(["subscription/1", "subscription/2"]), st.text(max_size=8))


def digest(pairs, subscriptions=("subscription/1",)):
    commitments = [crypto.commitment(KEY, where, "visitor", visitor_id) for where, visitor_id in pairs]
    return crypto.set_digest(commitments, action=Action.ERASE.value, options=subscriptions)


# -- The digest ----------------------------------------------------------------------------------------------


@given(st.sets(PAIRS).flatmap(lambda pairs: st.tuples(st.just(pairs), st.permutations(sorted(pairs)))))
def test_the_digest_does_not_depend_on_the_order(both):
    pairs, shuffled = both

    assert digest(pairs) == digest(shuffled)


@given(st.sets(PAIRS), st.sets(PAIRS))
def test_the_digest_differs_if_any_id_or_subscription_differs(one, other):
    assert (digest(one) == digest(other)) == (one == other)


@given(st.sets(PAIRS))
def test_the_digest_differs_if_the_subscriptions_searched_differ(pairs):
    assert digest(pairs) != digest(pairs, ("subscription/1", "subscription/2"))


def test_the_digest_is_that_of_what_was_found(previewed_request):
    request = previewed_request(absent=["visitor-two"])

    found = request.targets.filter(outcome=Outcome.PENDING)
    expected = crypto.set_digest(
        [bytes(target.commitment) for target in found],
        action=Action.ERASE.value,
        options=[f"subscription/{request.subscriptions.get().pk}"],
    )
    assert current_preview(request).digest == digest_of(request) == expected


def test_looking_again_at_the_same_set_gives_the_same_digest(previewed_request, analyst):
    request = previewed_request()
    before = current_preview(request).digest

    look_again(request=request, by=analyst)
    look_up(request)

    assert current_preview(request).digest == before


def test_who_has_gone_meanwhile_changes_the_digest(previewed_request, analyst):
    request = previewed_request()
    before = current_preview(request).digest

    look_again(request=request, by=analyst)
    look_up(request, absent=["visitor-three"])

    assert current_preview(request).digest != before


# -- Counting ------------------------------------------------------------------------------------------------


def test_a_preview_is_counted_once_all_targets_are_looked_up(new_request):
    request = new_request()
    assert not complete_preview(request)

    look_up(request, absent=["visitor-two"])

    preview = current_preview(request)
    assert request.state == State.PREVIEWED
    assert (preview.found, preview.not_found) == (2, 1)
    assert preview.ready_at is not None
    assert not complete_preview(request)


def test_nothing_found_is_a_result_of_its_own(new_request):
    request = new_request(visitors=["visitor-one"])

    look_up(request, absent=["visitor-one"])

    assert request.state == State.NOTHING_FOUND
    assert set(request.targets.values_list("outcome", flat=True)) == {Outcome.NOT_FOUND}
    assert events_of(request)[-1] == "request:nothing:found"


def test_a_visitor_in_one_of_two_subscriptions_counts_in_each_by_itself(new_request, silent_subscription):
    request = new_request(
        visitors=["visitor-one"], subscriptions=[silent_subscription(), silent_subscription()]
    )
    vault, (first, second) = targets_vault(request), request.targets.all()

    keep_lookup(first, vault, Visitor("visitor-one"))
    keep_lookup(second, vault, None)
    complete_preview(request)

    assert (current_preview(request).found, current_preview(request).not_found) == (1, 1)
    assert bytes(first.commitment) != bytes(second.commitment)


def test_what_was_looked_up_is_kept_under_seal_and_not_overwritten(previewed_request):
    request = previewed_request()
    target, vault = request.targets.first(), targets_vault(request)

    keep_lookup(target, vault, None)

    target.refresh_from_db()
    assert details_of(vault, target)["email"] == "jane@person.example"
    assert b"jane" not in bytes(target.sealed_details)


# -- Again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("absent", [(), ("visitor-one", "visitor-two", "visitor-three")])
def test_a_fresh_preview_looks_up_everything_again(previewed_request, analyst, absent):
    request = previewed_request(absent=absent)

    preview = look_again(request=request, by=analyst)

    assert preview.number == 2
    assert waiting_targets(request.subscriptions.get()).count() == 3


def test_a_fresh_preview_voids_the_approvals_given(previewed_request, officer, second_officer, analyst):
    many = [f"visitor-{number}" for number in range(101)]
    request = previewed_request(visitors=many, production=True)
    give_approval(request, officer)

    look_again(request=request, by=analyst)
    look_up(request)

    assert not give_approval(request, second_officer)


def test_while_under_way_or_approved_nobody_looks_again(new_request, approved_in_grace, analyst):
    for request in (new_request(), approved_in_grace):
        with pytest.raises(StateChanged):
            look_again(request=request, by=analyst)


def test_legal_does_not_look_again(previewed_request, make_person):
    with pytest.raises(NotThisPerson):
        look_again(request=previewed_request(), by=make_person(Role.LEGAL))


# -- Waiting -------------------------------------------------------------------------------------------------


def test_the_most_urgent_request_is_looked_up_first(new_request, silent_subscription):
    subscriptions = [silent_subscription()]
    later = new_request(subscriptions=subscriptions)
    sooner = new_request(subscriptions=subscriptions)
    type(sooner).objects.filter(pk=sooner.pk).update(send_by="2020-01-01")

    order = [target.request for target in waiting_targets(subscriptions[0])]

    assert order == [sooner] * 3 + [later] * 3


def test_a_waiting_preview_says_why_until_it_goes_on(new_request, previewed_request, silent_subscription):
    subscriptions = [silent_subscription()]
    waiting, ready = new_request(subscriptions=subscriptions), previewed_request(subscriptions=subscriptions)

    note_trouble(subscriptions[0], "No key yet.")

    assert current_preview(waiting).trouble == "No key yet."
    assert current_preview(ready).trouble == ""
    note_trouble(subscriptions[0], "")
    assert current_preview(waiting).trouble == ""


def test_a_cancelled_request_is_not_looked_up_any_more(new_request, analyst):
    request = new_request()

    cancel(request=request, by=analyst, reason="No.")

    assert not waiting_targets(request.subscriptions.get()).exists()


# -- Counting anew -------------------------------------------------------------------------------------------


def spare(request, *, count, reason=Spared.NOT_CHOSEN):
    """So many of the targets found are spared, as a person's choice does it."""
    chosen = list(request.targets.filter(outcome=Outcome.PENDING).values_list("pk", flat=True)[:count])
    subscription = request.subscriptions.get()
    with transaction.atomic():
        settle(
            chosen,
            request=request,
            subscription=subscription,
            old=Outcome.PENDING,
            new=Outcome.SPARED,
            why="a person left them out",
        )
        request.targets.filter(pk__in=chosen).update(spared_because=reason)


def test_a_preview_counted_anew_has_another_number_and_the_digest_of_what_is_left(previewed_request, analyst):
    request = previewed_request()
    former = current_preview(request)
    spare(request, count=1)

    preview = recount_preview(request=request, by=analyst)

    assert (preview.number, preview.found, preview.spared) == (2, 2, 1)
    assert preview.digest == digest_of(request) != former.digest
    assert (current_preview(request), events_of(request)[-1]) == (preview, "request:preview:recounted")


def test_a_preview_counted_anew_voids_the_approvals_given(
    previewed_request, officer, second_officer, analyst
):
    request = previewed_request(visitors=[f"visitor-{number}" for number in range(101)], production=True)
    give_approval(request, officer)

    recount_preview(request=request, by=analyst)

    assert not give_approval(request, second_officer)


# -- Commitments ---------------------------------------------------------------------------------------------


def test_no_id_is_mistaken_for_everybody_nor_a_guide_for_a_visitor(previewed_request):
    request = previewed_request()
    vault, subscription = targets_vault(request), request.subscriptions.get()

    commitments = [
        commit_to(vault, subscription, kind=TargetKind.VISITOR, name="everybody"),
        commit_to(vault, subscription, kind=TargetKind.ACCOUNT, name="everybody"),
        commit_to(vault, subscription, kind=TargetKind.GUIDE, name="everybody", guide="g1"),
        commit_to(vault, subscription, kind=TargetKind.GUIDE, name="", guide="g1"),
        commit_to(vault, subscription, kind=TargetKind.GUIDE, name="", guide=""),
    ]

    assert len(set(commitments)) == 5


# -- Two at once ---------------------------------------------------------------------------------------------


def test_a_summarised_preview_that_another_process_completes_meanwhile_is_complete(new_request, monkeypatch):
    monkeypatch.setattr(summaries, "SUMMARISED_OVER", 1)
    request = new_request()
    vault = targets_vault(request)
    for target in request.targets.all():
        keep_lookup(target, vault, Visitor(target_id(vault, target)))

    with meanwhile(
        fits=lambda sql, _: 'FROM "workflow_request"' in sql, act=lambda: complete_preview(request)
    ):
        assert not complete_preview(request)

    request.refresh_from_db()
    assert request.state == State.PREVIEWED
    assert summary_of(current_preview(request))["visitors"] == 3

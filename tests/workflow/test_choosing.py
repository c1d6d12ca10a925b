"""Choosing among what was found."""

import pytest

from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.workflow import choosing
from compliance.workflow.choosing import choosable, choose_targets
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.previews import current_preview, digest_of
from compliance.workflow.states import Outcome, Spared, State
from tests.request_fixtures import add_target, count_anew, events_of, give_approval


@pytest.fixture
def matched(previewed_request):
    """Three visitors that would be deleted, and five that only match an e-mail address."""
    request = previewed_request()
    for number in range(5):
        add_target(
            request, name=f"match-{number}", outcome=Outcome.SPARED, spared_because=Spared.MANY_MATCHES
        )
    count_anew(request)
    return request


def keys(request, because=None):
    return list(choosable(request, because).values_list("pk", flat=True))


def outcomes(request):
    return sorted(request.targets.values_list("outcome", "spared_because"))


def test_who_is_ticked_is_acted_on_and_the_preview_is_counted_anew(matched, analyst):
    former, ticked = current_preview(matched), keys(matched, Spared.MANY_MATCHES)[:2]

    preview = choose_targets(request=matched, include=ticked, by=analyst)

    assert (preview.number, preview.found, preview.spared) == (2, 5, 3)
    assert preview.digest == digest_of(matched) != former.digest
    assert set(ticked) <= set(keys(matched))
    assert events_of(matched)[-2:] == ["targets:settled", "request:preview:recounted"]


def test_who_is_left_out_stays_and_the_reason_is_that_a_person_did_so(matched, analyst):
    left_out = keys(matched)[:1]

    preview = choose_targets(request=matched, exclude=left_out, by=analyst)

    assert (preview.found, preview.spared) == (2, 6)
    assert keys(matched, Spared.NOT_CHOSEN) == left_out


def test_a_choice_can_be_taken_back(matched, analyst):
    before, digest = outcomes(matched), current_preview(matched).digest
    left_out = keys(matched)[:1]

    choose_targets(request=matched, exclude=left_out, by=analyst)
    preview = choose_targets(request=matched, include=left_out, by=analyst)

    assert outcomes(matched) == before
    assert preview.digest == digest


def test_an_approval_of_what_was_there_before_counts_no_more(
    matched, officer, second_officer, analyst, silent_subscription
):
    matched.subscriptions.get().production = True
    matched.subscriptions.update(production=True)
    for number in range(100):
        add_target(matched, name=f"more-{number}")
    count_anew(matched)
    assert not give_approval(matched, officer)

    choose_targets(request=matched, include=keys(matched, Spared.MANY_MATCHES), by=analyst)

    assert not give_approval(matched, second_officer)


def test_whoever_chooses_does_not_approve(matched, officer):
    choose_targets(request=matched, exclude=keys(matched)[:1], by=officer)
    matched.refresh_from_db()

    with pytest.raises(NotThisPerson):
        give_approval(matched, officer)


def test_whoever_chose_does_not_approve_after_somebody_else_chose_too(matched, officer, analyst):
    first, second = keys(matched, Spared.MANY_MATCHES)[:2]
    choose_targets(request=matched, by=officer, include=[first])
    choose_targets(request=matched, by=analyst, include=[second])

    with pytest.raises(NotThisPerson):
        give_approval(matched, officer)


@pytest.mark.parametrize("role", set(Role) - {Role.ANALYST, Role.OFFICER})
def test_other_roles_choose_nothing(matched, make_person, role):
    with pytest.raises(NotThisPerson):
        choose_targets(request=matched, exclude=keys(matched)[:1], by=make_person(role))


@pytest.mark.parametrize("because", [Spared.SEEN_SINCE, Spared.NOT_STAGED])
def test_whom_the_policy_spares_and_what_pendo_cannot_do_is_not_ticked(previewed_request, analyst, because):
    request = previewed_request()
    add_target(request, name="active", outcome=Outcome.SPARED, spared_because=because)

    with pytest.raises(Refused, match="policy"):
        choose_targets(request=request, include=keys(request, because), by=analyst)


def test_something_has_to_be_left(matched, analyst):
    with pytest.raises(Refused, match="Cancel"):
        choose_targets(request=matched, exclude=keys(matched), by=analyst)
    assert len(keys(matched)) == 3


def test_something_has_to_be_ticked(matched, analyst):
    with pytest.raises(Refused, match="Nothing is ticked"):
        choose_targets(request=matched, by=analyst)


def test_what_is_not_waiting_has_nothing_to_choose_from(new_request, analyst):
    request = new_request()

    with pytest.raises(StateChanged):
        choose_targets(request=request, exclude=keys(request)[:1], by=analyst)


def test_targets_of_another_request_are_not_touched(matched, previewed_request, analyst):
    other = previewed_request()

    choose_targets(
        request=matched, include=keys(matched, Spared.MANY_MATCHES), exclude=keys(other), by=analyst
    )

    assert len(keys(other)) == 3


def test_each_subscription_is_settled_for_itself(previewed_request, silent_subscription, analyst):
    request = previewed_request(subscriptions=[silent_subscription(), silent_subscription()])

    choose_targets(request=request, exclude=keys(request)[1:], by=analyst)

    assert events_of(request).count("targets:settled") == 2


# -- In slices -----------------------------------------------------------------------------------------------


def test_a_large_choice_goes_slice_by_slice_to_the_same_end(matched, analyst, monkeypatch):
    monkeypatch.setattr(choosing, "SLICE", 2)

    preview = choose_targets(request=matched, include=keys(matched, Spared.MANY_MATCHES), by=analyst)

    assert (preview.found, preview.spared, preview.digest) == (8, 0, digest_of(matched))
    assert events_of(matched).count("targets:settled") == 3


def test_interrupted_nothing_of_it_stands(matched, analyst, monkeypatch):
    monkeypatch.setattr(choosing, "SLICE", 2)
    monkeypatch.setattr(choosing, "_recounted", crash)
    before = digest_of(matched)

    with pytest.raises(ZeroDivisionError):
        choose_targets(request=matched, include=keys(matched, Spared.MANY_MATCHES), by=analyst)

    assert digest_of(matched) == before


def crash(*_):
    raise ZeroDivisionError


def test_a_request_that_is_cancelled_meanwhile_is_left_alone(matched, analyst, monkeypatch):
    monkeypatch.setattr(choosing, "_begin", lambda *_: type(matched).objects.update(state=State.CANCELLED))

    with pytest.raises(StateChanged):
        choose_targets(request=matched, exclude=keys(matched)[:1], by=analyst)
    assert len(keys(matched)) == 3

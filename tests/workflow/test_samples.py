"""The sample of a preview."""

import pytest

from compliance.audit.queries import entries_of
from compliance.people.roles import Role
from compliance.workflow.approvals import cancel
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.previews import current_preview, recount_preview
from compliance.workflow.samples import SAMPLE_SIZE, keep_looks, look_counts, looked_at, sample_of
from compliance.workflow.states import Outcome
from tests.request_fixtures import count_anew, events_of, give_approval

MANY = [f"visitor-{number}" for number in range(SAMPLE_SIZE + 10)]


@pytest.fixture
def large(previewed_request):
    return previewed_request(visitors=MANY)


def test_it_shows_fifty_targets_and_the_same_ones_again(large):
    drawn = sample_of(large).drawn

    assert len(drawn) == SAMPLE_SIZE
    assert drawn == sample_of(large).drawn


def test_its_order_is_not_the_order_of_asking(large):
    keys = [target.pk for target in sample_of(large).drawn]

    assert keys != sorted(keys)


def test_another_request_for_the_same_draws_others(large, previewed_request):
    other = previewed_request(visitors=MANY, subscriptions=list(large.subscriptions.all()))

    digests = [[bytes(target.digest) for target in sample_of(each).drawn] for each in (large, other)]
    assert digests[0] != digests[1]


def test_only_what_would_be_acted_on_is_drawn(large):
    spared = sample_of(large).drawn[0]
    large.targets.filter(pk=spared.pk).update(outcome=Outcome.SPARED)

    assert spared not in sample_of(large).drawn


def test_what_contradicts_is_shown_whether_it_is_drawn_or_not(large):
    drawn = {target.pk for target in sample_of(large).drawn}
    odd = large.targets.exclude(pk__in=drawn).first()
    large.targets.filter(pk=odd.pk).update(contradicts=True)

    assert sample_of(large).contradicting == [odd]


def test_what_was_looked_at_is_kept_for_each_officer_and_may_be_taken_back(large, officer, second_officer):
    first, second, *_ = sample_of(large).drawn
    keep_looks(request=large, looked={first.pk}, by=second_officer)

    keep_looks(request=large, looked={first.pk, second.pk}, by=officer)
    keep_looks(request=large, looked={second.pk}, by=officer)

    preview = current_preview(large)
    assert looked_at(preview, officer) == {second.pk}
    assert looked_at(preview, second_officer) == {first.pk}


def test_only_what_is_shown_can_be_ticked(large, officer):
    drawn = {target.pk for target in sample_of(large).drawn}
    other = large.targets.exclude(pk__in=drawn).first()

    assert keep_looks(request=large, looked={other.pk, 0}, by=officer) == 0


@pytest.mark.parametrize("role", set(Role) - {Role.OFFICER})
def test_nobody_else_ticks(large, make_person, role):
    with pytest.raises(NotThisPerson):
        keep_looks(request=large, looked=set(), by=make_person(role))


def test_once_nothing_waits_nothing_is_ticked(large, officer, analyst):
    cancel(request=large, by=analyst, reason="No.")

    with pytest.raises(StateChanged):
        keep_looks(request=large, looked=set(), by=officer)


def test_a_preview_counted_anew_has_to_be_looked_at_anew(large, officer, analyst):
    keep_looks(request=large, looked=sample_of(large).keys, by=officer)

    recount_preview(request=large, by=analyst)

    assert look_counts(current_preview(large), officer)["looked"] == 0


def test_the_ledger_says_beside_the_approval_how_many_were_looked_at(large, officer):
    large.targets.filter(pk=sample_of(large).drawn[0].pk).update(contradicts=True)
    count_anew(large)
    keep_looks(request=large, looked={target.pk for target in sample_of(large).drawn[:3]}, by=officer)

    give_approval(large, officer)

    entry = next(each for each in entries_of(large.chain) if each.event == "request:sample:looked")
    assert entry.body["facts"] == {
        "preview": 1,
        "sample": 50,
        "looked": 3,
        "contradicting": 1,
        "looked_contradicting": 1,
    }


def test_of_a_small_preview_there_is_no_sample_to_speak_of(previewed_request, officer):
    request = previewed_request()

    give_approval(request, officer)

    assert "request:sample:looked" not in events_of(request)

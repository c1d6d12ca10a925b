"""One door for the outcome of targets."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.audit.queries import entries_of
from compliance.core import crypto, keyring
from compliance.workflow.errors import IllegalMove, StateChanged
from compliance.workflow.kinds import Action
from compliance.workflow.outcomes import LEGAL, settle
from compliance.workflow.states import FINAL, Kind, Outcome


@pytest.fixture
def request_with_targets(previewed_request):
    return previewed_request()


def settled(request, new, *, old=Outcome.PENDING, targets=None):
    rows = request.targets.all() if targets is None else targets
    settle(
        [target.pk for target in rows],
        request=request,
        subscription=request.subscriptions.get(),
        old=old,
        new=new,
        why="a test",
    )


def test_targets_go_to_their_outcome_together(request_with_targets):
    settled(request_with_targets, Outcome.ACCEPTED)

    outcomes = set(request_with_targets.targets.values_list("outcome", flat=True))
    assert outcomes == {Outcome.ACCEPTED}


def test_the_entry_names_how_many_and_the_digest_of_exactly_these(request_with_targets):
    two = list(request_with_targets.targets.all()[:2])

    settled(request_with_targets, Outcome.ACCEPTED, targets=two)

    facts = list(entries_of(request_with_targets.chain))[-1].body["facts"]
    assert (facts["count"], facts["old"], facts["new"]) == (2, "Pending", "Accepted by Pendo")
    assert facts["digest"] == crypto.set_digest(
        [bytes(target.commitment) for target in two], action=Action.ERASE.value
    )


def register(request):
    return sorted(request.erased.values_list("kind", flat=True))


def erased(request):
    settled(request, Outcome.ACCEPTED)
    settled(request, Outcome.ERASED, old=Outcome.ACCEPTED)


def test_the_register_keeps_who_was_erased_and_the_address_that_the_preview_saw(request_with_targets):
    erased(request_with_targets)

    # All three have the same address.
    assert register(request_with_targets) == ["email", "visitor", "visitor", "visitor"]
    email = request_with_targets.erased.get(kind="email")
    assert bytes(email.digest) == keyring.lookup_digest("email", " JANE@person.example").value
    assert bytes(email.visitor_digest) in {bytes(each.digest) for each in request_with_targets.targets.all()}


def test_of_requests_that_are_not_watched_for_it_keeps_no_address(previewed_request):
    request = previewed_request(kind=Kind.TEST_DATA, law="", channel=None, identity=None)

    erased(request)

    assert register(request) == ["visitor", "visitor", "visitor"]


def test_keeping_many_takes_as_many_queries_as_keeping_one(previewed_request):
    counts = []
    for number in (1, 40):
        request = previewed_request(visitors=[f"visitor-{each}" for each in range(number)])
        settled(request, Outcome.ACCEPTED)
        with CaptureQueriesContext(connection) as queries:
            settled(request, Outcome.ERASED, old=Outcome.ACCEPTED)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_one_that_has_moved_on_stops_all(request_with_targets):
    first = request_with_targets.targets.first()
    settled(request_with_targets, Outcome.ACCEPTED, targets=[first])

    with pytest.raises(StateChanged):
        settled(request_with_targets, Outcome.FAILED)

    outcomes = sorted(request_with_targets.targets.values_list("outcome", flat=True))
    assert outcomes == [Outcome.ACCEPTED, Outcome.PENDING, Outcome.PENDING]


def test_targets_of_another_request_are_not_touched(request_with_targets, previewed_request):
    other = previewed_request()

    with pytest.raises(StateChanged):
        settled(request_with_targets, Outcome.ACCEPTED, targets=other.targets.all())

    assert set(other.targets.values_list("outcome", flat=True)) == {Outcome.PENDING}


def test_nobody_is_no_change_and_no_entry(request_with_targets):
    before = entries_of(request_with_targets.chain).count()

    settled(request_with_targets, Outcome.ACCEPTED, targets=[])

    assert entries_of(request_with_targets.chain).count() == before


@pytest.mark.django_db
@pytest.mark.parametrize("old", Outcome)
def test_other_changes_are_refused(old):
    legal = {new for former, new in LEGAL if former == old}

    for new in set(Outcome) - legal:
        with pytest.raises(IllegalMove):
            settle([1], request=None, subscription=None, old=old, new=new, why="a test")


def test_nothing_is_erased_that_was_not_accepted_first():
    assert {old for old, new in LEGAL if new == Outcome.ERASED} == {Outcome.ACCEPTED, Outcome.PRESENT}


def test_a_final_outcome_is_final_but_a_spared_target_may_be_ticked():
    assert {(old, new) for old, new in LEGAL if old in FINAL} == {(Outcome.SPARED, Outcome.PENDING)}

"""Accounts go the way of visitors: one lane, one pace, the same meaning of each answer."""

import pytest

from compliance.execution.models import BatchKind, BatchState, Call
from compliance.sandbox.bulk_delete import request_deletion
from compliance.workflow.models import Erased
from compliance.workflow.states import Kind, Outcome, State
from tests.workflow_fixtures import account, ids_with, outcomes, states, visitor

BULK_DELETE = "/api/v1/bulkdelete/account"


@pytest.fixture
def accounts(desk):
    return desk.pendo.accounts.ids()[:3]


@pytest.fixture
def leaving(desk, accounts):
    """An offboarding of three accounts, executing."""
    return desk.executing_targets(Kind.OFFBOARDING, [account(name) for name in accounts])


def test_accounts_are_deleted_looked_for_and_kept_in_the_register(desk, leaving, accounts, later):
    desk.finish(later)

    leaving.refresh_from_db()
    assert (leaving.state, outcomes(leaving)) == (State.CLOSED, {Outcome.ERASED: 3})
    assert Call.objects.get().endpoint == "bulkdelete/account"
    assert not any(name in desk.pendo.accounts for name in accounts)
    assert set(Erased.objects.values_list("kind", flat=True)) == {"account"}


def test_visitors_and_accounts_of_one_request_go_in_batches_of_their_own(desk, accounts):
    request = desk.executing_targets(
        Kind.OFFBOARDING, [account(accounts[0]), *(visitor(name) for name in desk.ids(2))]
    )

    assert [(batch.kind, batch.sendings.count()) for batch in request.batches.all()] == [
        (BatchKind.VISITORS, 2),
        (BatchKind.ACCOUNTS, 1),
    ]


def test_lost_call_is_found_on_the_list_of_accounts(desk, leaving):
    desk.fault("drop_after", prefix=BULK_DELETE)

    desk.run()

    assert (states(leaving), outcomes(leaving)) == ([BatchState.ACCEPTED], {Outcome.ACCEPTED: 3})
    assert len(desk.accepted()) == 1


def test_lost_call_that_pendo_does_not_know_is_sent_again(desk, leaving, accounts):
    desk.fault("drop_before", prefix=BULK_DELETE)

    desk.run()

    assert [sorted(ids) for ids in desk.accepted()] == [sorted(accounts)]
    assert outcomes(leaving) == {Outcome.ACCEPTED: 3}


def test_visitor_of_the_same_id_in_pendos_queue_says_nothing_about_the_account(desk, accounts):
    desk.set(names_ids=True)
    desk.queue(accounts[0])
    request = desk.executing_targets(Kind.OFFBOARDING, [account(accounts[0])])
    desk.fault("drop_before", prefix=BULK_DELETE)

    desk.run()

    assert [each.kind for each in desk.pendo.deletions.all.values()] == ["visitor", "account"]
    assert outcomes(request) == {Outcome.ACCEPTED: 1}


def test_account_queued_by_somebody_else_is_settled_and_the_rest_is_sent(desk, leaving, accounts):
    request_deletion(world=desk.world, subscription=desk.pendo, kind="account", ids=accounts[:1])

    desk.run()

    assert outcomes(leaving) == {Outcome.ACCEPTED: 3}
    assert set(leaving.batches.values_list("kind", flat=True)) == {BatchKind.ACCOUNTS}


def test_account_that_is_still_there_is_sent_once_more_as_an_account(desk, leaving, later):
    desk.set(leave_behind=1)

    desk.finish(later)

    assert outcomes(leaving) == {Outcome.ERASED: 3}
    assert leaving.batches.get(resent=True).kind == BatchKind.ACCOUNTS
    assert ids_with(leaving, Outcome.FAILED) == set()

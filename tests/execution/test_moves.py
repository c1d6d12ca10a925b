import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from compliance.audit.queries import entries_of
from compliance.execution.models import Batch, BatchState
from compliance.execution.moves import MOVES, MOVES_ONE_BY_ONE, lock, step
from compliance.workflow.errors import IllegalMove, StateChanged

FACTS = {"call": 1, "batch": 1, "endpoint": "bulkdelete/visitor", "count": 1, "digest": "0" * 64}


@pytest.fixture
def batch(desk):
    return desk.executing(desk.ids(1)).batches.get()


def test_step_is_made_and_recorded_together(batch):
    step(batch, BatchState.SENDING, changes={"asks": 7}, **FACTS)

    batch = Batch.objects.get()
    assert (batch.state, batch.asks) == (BatchState.SENDING, 7)
    assert entries_of(batch.request.chain).last().event == "call:intended"


#: Sent, emptied by a guard, doubted after a silence, or given up.
LEAVING_READY = {BatchState.SENDING, BatchState.EMPTY, BatchState.UNCERTAIN, BatchState.FAILED}


@pytest.mark.parametrize("to", [state for state in BatchState if state not in LEAVING_READY])
def test_step_that_is_not_in_the_table_is_refused(batch, to):
    with pytest.raises(IllegalMove):
        step(batch, to)

    assert Batch.objects.get().state == BatchState.READY


def test_second_of_two_who_make_the_same_step_is_refused(batch):
    other = Batch.objects.select_related("request").get()
    step(batch, BatchState.SENDING, **FACTS)

    with pytest.raises(StateChanged):
        step(other, BatchState.SENDING, **FACTS)

    events = [entry.event for entry in entries_of(batch.request.chain)]
    assert events.count("call:intended") == 1


def test_nothing_leaves_an_end():
    ends = {
        BatchState.CONFIRMED,
        BatchState.SPLIT,
        BatchState.FAILED,
        BatchState.ANSWERED,
        BatchState.EMPTY,
    }

    assert not [source for source, _ in [*MOVES, *MOVES_ONE_BY_ONE] if source in ends]


def test_every_state_but_the_first_can_be_reached():
    assert {target for _, target in [*MOVES, *MOVES_ONE_BY_ONE]} == set(BatchState)


def test_requests_are_locked_in_the_order_of_their_keys(desk):
    pks = [desk.opened(desk.ids(1)).pk for _ in range(3)]

    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        lock(reversed(pks))

    (query,) = queries.captured_queries
    assert "ORDER BY" in query["sql"]


@pytest.mark.parametrize("slice_of", ["send", "read"])
def test_every_transaction_of_the_engine_locks_the_request_first(desk, later, slice_of):
    desk.executing(desk.ids(1))
    if slice_of == "read":
        desk.fault("drop_after")
        desk.send()

    with CaptureQueriesContext(connection) as queries:
        desk.send() if slice_of == "send" else desk.read()

    for transaction_ in transactions(query["sql"] for query in queries.captured_queries):
        writes = [sql for sql in transaction_ if sql.startswith(("INSERT", "UPDATE"))]
        if any("execution_" in sql for sql in writes):
            assert 'FROM "workflow_request"' in transaction_[0]


def transactions(statements):
    """What stands between BEGIN and COMMIT each time, without savepoints."""
    inside = None
    for sql in statements:
        if sql.startswith("BEGIN"):
            inside = []
        elif sql.startswith(("COMMIT", "ROLLBACK")) and inside is not None:
            yield inside
            inside = None
        elif inside is not None and "SAVEPOINT" not in sql:
            inside.append(sql)

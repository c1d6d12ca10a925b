import httpx
import pytest

from compliance.sandbox.faults import MEANINGS


@pytest.fixture
def switch_on(sandbox):
    return sandbox.world.faults.switch_on


def test_drop_before_closes_without_acting(switch_on, bulk_delete, demo, ids):
    switch_on(kind="drop_before", times=1)

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        bulk_delete(ids[0])

    assert not demo.deletions.all
    assert bulk_delete(ids[0]).status_code == 200


def test_drop_after_closes_having_acted(switch_on, bulk_delete, demo, ids, sandbox):
    switch_on(kind="drop_after", times=1)

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        bulk_delete(ids[0])

    assert [request.ids for request in demo.deletions.all.values()] == [[ids[0]]]
    assert [(entry.status, entry.fault) for entry in sandbox.world.books.since(0)] == [(0, "drop_after")]


def test_hang_keeps_the_caller_waiting_then_answers(switch_on, client):
    switch_on(kind="hang", seconds=0.05)

    answer = client.get("/api/v1/guide")

    assert answer.elapsed.total_seconds() >= 0.05
    assert answer.status_code == 200


def test_hang_beyond_the_callers_patience_is_a_timeout(switch_on, client):
    switch_on(kind="hang", seconds=60)

    with pytest.raises(httpx.ReadTimeout):
        client.get("/api/v1/guide", timeout=0.1)


def test_slow_drips_the_whole_answer(switch_on, client):
    expected = client.get("/api/v1/guide").content
    switch_on(kind="slow", seconds=0.1)

    with client.stream("GET", "/api/v1/guide") as answer:
        pieces = list(answer.iter_raw())

    assert b"".join(pieces) == expected
    assert len(pieces) > 5


@pytest.mark.parametrize(
    ("kind", "status", "empty"),
    [
        ("status_429", 429, False),
        ("status_500", 500, False),
        ("status_502", 502, False),
        ("status_503", 503, False),
        ("html", 200, False),
        ("garbage", 200, False),
        ("empty_200", 200, True),
        ("forbidden", 403, True),
        ("unauthorized", 401, False),
        ("payment", 402, False),
        ("missing_404", 404, False),
        ("timeout_408", 408, False),
    ],
)
@pytest.mark.parametrize("acts", [False, True])
def test_a_canned_answer_comes_in_place_of_acting_or_after_it(
    switch_on, bulk_delete, demo, ids, kind, status, empty, acts
):
    switch_on(kind=kind, times=1, acts=acts)

    answer = bulk_delete(ids[0])

    assert (answer.status_code, answer.content == b"") == (status, empty)
    assert "retry-after" not in answer.headers
    assert bool(demo.deletions.all) is acts


@pytest.mark.parametrize("kind", ["html", "garbage", "empty_200"])
def test_broken_answers_are_no_json(switch_on, client, kind):
    switch_on(kind=kind)

    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        client.get("/api/v1/guide").json()


def test_foreign_answers_as_the_other_subscription(switch_on, client, world, ids):
    switch_on(kind="foreign")

    valid = client.get("/api/v1/token/verify").json()["valid"]
    guides = client.get("/api/v1/guide").json()

    assert valid
    assert [guide["id"] for guide in guides] == list(world.subscriptions["other"].guides)
    assert client.get(f"/api/v1/visitor/{ids[1]}").status_code == 404


def test_a_fault_hits_so_many_calls_and_no_more(switch_on, client):
    switch_on(kind="status_503", times=2)

    assert [client.get("/api/v1/guide").status_code for _ in range(4)] == [503, 503, 200, 200]


def test_a_fault_hits_only_the_calls_that_are_meant(switch_on, client, other):
    switch_on(kind="status_500", method="GET", prefix="/api/v1/bulkdelete", subscription="demo")

    assert client.get("/api/v1/bulkdelete").status_code == 500
    assert client.post("/api/v1/bulkdelete/visitor", json={"visitors": ["a"]}).status_code == 200
    assert client.get("/api/v1/guide").status_code == 200
    assert other.get("/api/v1/bulkdelete").status_code == 200


def test_faults_come_one_after_the_other(switch_on, client):
    switch_on(kind="status_500", times=1)
    switch_on(kind="status_429", times=1)

    assert [client.get("/api/v1/guide").status_code for _ in range(3)] == [500, 429, 200]


def test_every_fault_has_a_test_here():
    canned = {"status_429", "status_500", "status_502", "status_503", "html", "garbage", "empty_200"}
    refusals = {"forbidden", "unauthorized", "payment", "missing_404", "timeout_408"}
    others = {"drop_before", "drop_after", "hang", "slow", "foreign"}

    assert set(MEANINGS) == canned | refusals | others

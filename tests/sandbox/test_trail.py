"""What the sandbox tells about ids that were posted for deletion more than once."""

import time

import pytest

MARKED = {"doNotProcessVisitors": None}
EVERYBODY = {"visitors": {"blacklist": "ignore"}}
IN_ORDER = {"sort": ["visitorId"]}
BULK_DELETE = "/api/v1/bulkdelete/visitor"


@pytest.fixture
def repetitions(client):
    """`repetitions()`: of each how many ids, whether asked, and the status of the first call."""

    def read():
        found = client.get("/_sandbox/repetitions").json()["repetitions"]
        return [(len(each["ids"]), each["asked"], each["status"]) for each in found]

    return read


@pytest.fixture
def lose(client, sandbox, bulk_delete):
    """`lose(*ids)`: they are posted, and nothing says whether they were taken (they weren't)."""

    def post(*ids, kind="status_500"):
        sandbox.world.faults.switch_on(kind=kind, times=1, prefix=BULK_DELETE)
        bulk_delete(*ids)

    return post


def test_ids_posted_once_are_no_repetition(bulk_delete, repetitions, ids):
    bulk_delete(*ids[:3])
    bulk_delete(*ids[3:5])

    assert repetitions() == []


def test_ids_posted_again_without_a_question_are_told(bulk_delete, lose, repetitions, ids):
    lose(*ids[:3])
    bulk_delete(*ids[1:5])

    assert repetitions() == [(2, False, 500)]


def test_a_repetition_names_the_ids_and_when_they_were_posted(bulk_delete, client, lose, ids):
    lose(*ids[:3])
    bulk_delete(*ids[1:5])

    (repetition,) = client.get("/_sandbox/repetitions").json()["repetitions"]

    first, then = repetition["at"]
    assert repetition["ids"] == ids[1:3]
    assert first <= then <= time.time()


@pytest.mark.parametrize("kind", ["status_429", "payment", "forbidden", "unauthorized"])
def test_a_call_that_was_not_taken_may_be_repeated(bulk_delete, lose, repetitions, ids, kind):
    lose(ids[0], kind=kind)
    bulk_delete(ids[0])

    assert repetitions() == []


def test_a_call_that_was_not_taken_is_a_repetition_of_what_went_before(bulk_delete, lose, repetitions, ids):
    lose(ids[0])
    lose(ids[0], kind="status_429")
    bulk_delete(ids[0])

    assert repetitions() == [(1, False, 500), (1, False, 500)]


def test_the_do_not_process_list_is_a_question_about_those_it_reaches(
    aggregate, bulk_delete, lose, repetitions, ids
):
    lose(*ids[:3])
    aggregate(MARKED, IN_ORDER, {"limit": 5000})
    bulk_delete(*ids[:3])

    assert repetitions() == [(3, True, 500)]


def test_a_full_page_tells_of_nobody_behind_it(aggregate, bulk_delete, lose, repetitions, demo):
    low, high = sorted(demo.visitors.ids())[10:12]
    demo.do_not_process["visitor"].add(["!", low])
    lose(low + "x", high)
    aggregate(MARKED, IN_ORDER, {"limit": 2})
    bulk_delete(high)

    assert repetitions() == [(1, False, 500)]


def test_a_question_that_is_not_answered_is_none(aggregate, bulk_delete, lose, repetitions, sandbox, ids):
    lose(ids[0])
    sandbox.world.faults.switch_on(kind="status_503", times=1, prefix="/api/v1/aggregation", acts=True)
    aggregate(MARKED, IN_ORDER)
    bulk_delete(ids[0])

    assert repetitions() == [(1, False, 500)]


def test_open_requests_tell_nothing_but_of_ids_that_were_marked_before(
    bulk_delete, client, demo, lose, repetitions, ids
):
    demo.do_not_process["visitor"].add(ids[:1])
    lose(*ids[:2])
    client.get("/api/v1/bulkdelete")
    bulk_delete(*ids[:2])

    assert repetitions() == [(1, False, 500), (1, True, 500)]


def test_a_look_up_counts_once_the_deletion_was_completed(bulk_delete, client, sandbox, repetitions, ids):
    def look_up():
        client.get(f"/api/v1/visitor/{ids[1]}")

    bulk_delete(ids[1])
    look_up()
    client.post("/_sandbox/settings", json={"leave_behind": 1})
    client.post("/_sandbox/complete")
    bulk_delete(ids[1])
    client.post("/_sandbox/complete")
    look_up()
    bulk_delete(ids[1])

    assert repetitions() == [(1, False, 200), (1, True, 200)]


def test_a_page_of_visitors_counts_as_look_ups(aggregate, bulk_delete, client, repetitions, ids):
    client.post("/_sandbox/settings", json={"leave_behind": 2})
    bulk_delete(*ids[1:3])
    client.post("/_sandbox/complete")
    aggregate(EVERYBODY, IN_ORDER, {"limit": 5000})
    bulk_delete(*ids[1:3])

    assert repetitions() == [(2, True, 200)]


def test_somebody_elses_request_queues_ids(bulk_delete, client, ids):
    client.post("/_sandbox/queue", json={"subscription": "demo", "visitors": ids[:2]})

    assert bulk_delete(*ids[1:3]).status_code == 400
    assert bulk_delete(*ids[2:4]).status_code == 200


def test_a_refused_id_is_refused_with_whatever_stands_beside_it(bulk_delete, client, clock, ids):
    client.post("/_sandbox/refuse", json={"subscription": "demo", "visitors": ids[:1]})
    clock.forward(100)

    assert bulk_delete(*ids[:3]).status_code == 400
    assert bulk_delete(*ids[1:3]).status_code == 200


def test_refusing_wants_ids(client):
    assert client.post("/_sandbox/refuse", json={"subscription": "demo", "visitors": [7]}).status_code == 400

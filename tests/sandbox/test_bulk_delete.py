import pytest

DNP = "/api/v1/metadata/visitor/pendo/value/{}/donotprocess"


def receipts(client):
    return client.get("/api/v1/bulkdelete").json()


def test_a_bulk_delete_runs_through_its_states_and_erases(client, bulk_delete, clock, demo, ids):
    request_id = bulk_delete(*ids[:3]).json()["id"]
    seen = []

    for seconds in (4, 2, 10):
        clock.forward(seconds)
        seen.append(client.get(f"/api/v1/bulkdelete/{request_id}").json()["status"])

    assert seen == ["queued", "processing", "completed"]
    assert demo.visitors.ids() == ids[3:]


def test_ids_are_still_there_until_completion_but_marked_at_once(client, bulk_delete, ids):
    bulk_delete(ids[1])

    shown = client.get(f"/api/v1/visitor/{ids[1]}").json()

    assert shown["metadata"]["pendo"]["donotprocess"] is True


def test_a_deleted_id_stays_marked(client, bulk_delete, demo, sandbox, ids):
    bulk_delete(ids[1])
    sandbox.world.complete_all()

    assert client.get(f"/api/v1/visitor/{ids[1]}").status_code == 404
    assert ids[1] in demo.do_not_process["visitor"]


def test_a_receipt_shows_no_ids_and_remains_after_completion(client, bulk_delete, sandbox, ids):
    request_id = bulk_delete(*ids[:2]).json()["id"]

    before = receipts(client)
    sandbox.world.complete_all()
    after = client.get(f"/api/v1/bulkdelete/{request_id}").json()

    assert [set(each) for each in before] == [{"id", "status", "createdAt", "count"}]
    assert receipts(client) == []
    assert set(after) == {"id", "status", "createdAt", "count", "completedAt"}
    assert after["count"] == 2


def test_a_receipt_names_its_ids_when_told_to(client, bulk_delete, ids):
    client.post("/_sandbox/settings", json={"names_ids": True})

    bulk_delete(*ids[:2])

    assert receipts(client)[0]["visitors"] == ids[:2]


def test_an_unknown_receipt_is_not_found(client):
    answer = client.get("/api/v1/bulkdelete/0000")

    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"visitors": []},
        {"visitors": "id"},
        {"visitors": [""]},
        {"visitors": [7]},
        {"accounts": ["a"]},
        [],
    ],
)
def test_a_payload_without_ids_is_refused(client, body, demo):
    answer = client.post("/api/v1/bulkdelete/visitor", json=body)

    assert answer.status_code == 400
    assert not demo.deletions.all


def test_500_ids_are_taken_and_501_are_not(bulk_delete, demo):
    taken = bulk_delete(*(f"id {number}" for number in range(500)))
    refused = bulk_delete(*(f"other {number}" for number in range(501)))

    assert (taken.status_code, refused.status_code) == (200, 400)
    assert len(demo.deletions.all) == 1


def test_one_id_already_requested_and_not_begun_refuses_the_whole_batch(bulk_delete, demo, ids):
    bulk_delete(*ids[:3])

    refused = bulk_delete(ids[2], ids[3])

    assert refused.status_code == 400
    assert ids[3] not in demo.do_not_process["visitor"]


def test_an_id_whose_deletion_has_begun_may_be_asked_for_again(bulk_delete, clock, ids):
    first = bulk_delete(ids[0]).json()["id"]
    clock.forward(6)

    second = bulk_delete(ids[0])

    assert second.status_code == 200
    assert second.json()["id"] != first


def test_the_same_id_may_wait_as_visitor_and_as_account(bulk_delete):
    assert bulk_delete("twice").status_code == 200
    assert bulk_delete("twice", kind="account").status_code == 200


def test_posts_within_the_merge_window_share_one_request_id(client, bulk_delete, clock, ids):
    client.post("/_sandbox/settings", json={"merge_window": 3})

    first = bulk_delete(*ids[:2]).json()["id"]
    clock.forward(2)
    joined = bulk_delete(ids[2]).json()["id"]
    clock.forward(2)
    separate = bulk_delete(ids[3]).json()["id"]

    assert first == joined != separate
    assert client.get(f"/api/v1/bulkdelete/{first}").json()["count"] == 3


def test_merging_never_exceeds_500_ids_and_never_mixes_kinds(client, bulk_delete):
    client.post("/_sandbox/settings", json={"merge_window": 3})

    first = bulk_delete(*(f"id {number}" for number in range(499))).json()["id"]
    too_many = bulk_delete("a", "b").json()["id"]
    account = bulk_delete("a", kind="account").json()["id"]

    assert len({first, too_many, account}) == 3


def test_a_second_call_within_the_interval_is_refused_without_retry_after(client, bulk_delete, clock, ids):
    client.post("/_sandbox/settings", json={"min_interval": 1})

    first = bulk_delete(ids[0])
    clock.forward(0.5)
    early = bulk_delete(ids[1])
    clock.forward(0.5)
    in_time = bulk_delete(ids[2])

    assert [each.status_code for each in (first, early, in_time)] == [200, 429, 200]
    assert "retry-after" not in early.headers


def test_each_subscription_has_its_own_interval(client, other, bulk_delete, ids):
    client.post("/_sandbox/settings", json={"min_interval": 1})

    ours = bulk_delete(ids[0])
    theirs = other.post("/api/v1/bulkdelete/visitor", json={"visitors": ["x"]})

    assert (ours.status_code, theirs.status_code) == (200, 200)


def test_unknown_ids_are_accepted_and_marked_unless_told_otherwise(client, bulk_delete, demo):
    bulk_delete("never seen")
    client.post("/_sandbox/settings", json={"marks_unknown": False})
    bulk_delete("never seen either")

    assert "never seen" in demo.do_not_process["visitor"]
    assert "never seen either" not in demo.do_not_process["visitor"]


def test_deleting_an_account_leaves_its_visitors(bulk_delete, demo, sandbox):
    account = demo.accounts.ids()[0]
    before = len(demo.visitors)

    bulk_delete(account, kind="account")
    sandbox.world.complete_all()

    assert account not in demo.accounts
    assert len(demo.visitors) == before


def test_some_ids_stay_although_said_to_be_done_when_told_so(client, bulk_delete, demo, sandbox, ids):
    client.post("/_sandbox/settings", json={"leave_behind": 2})

    bulk_delete(*ids[:3])
    sandbox.world.complete_all()
    bulk_delete(*ids[:3])
    sandbox.world.complete_all()

    assert not set(ids[:3]) & set(demo.visitors.ids())
    assert [request.status for request in demo.deletions.all.values()] == ["completed", "completed"]


def test_do_not_process_is_set_and_lifted(client, demo, ids):
    marked = client.put(DNP.format(ids[1]), json=True)
    on = ids[1] in demo.do_not_process["visitor"]
    lifted = client.put(DNP.format(ids[1]), json=False)

    assert (marked.status_code, lifted.status_code) == (200, 200)
    assert on
    assert ids[1] not in demo.do_not_process["visitor"]


def test_do_not_process_of_a_deleted_id_can_be_lifted(client, bulk_delete, demo, sandbox, ids):
    bulk_delete(ids[1])
    sandbox.world.complete_all()

    answer = client.put(DNP.format(ids[1]), json=False)

    assert answer.status_code == 200
    assert ids[1] not in demo.do_not_process["visitor"]


def test_do_not_process_wants_a_known_id_and_true_or_false(client, ids, reader):
    assert client.put(DNP.format("nobody"), json=True).status_code == 404
    assert client.put(DNP.format(ids[1]), json="yes").status_code == 400
    assert client.put(DNP.format(ids[1]), content=b"{").status_code == 400
    assert reader.put(DNP.format(ids[1]), json=True).status_code == 403

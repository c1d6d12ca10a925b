import base64
from urllib.parse import quote

import httpx
import pytest

BASE64 = {"x-pendo-base64-encoded-params": "true"}


def b64(record_id, *, padded=True):
    packed = base64.urlsafe_b64encode(record_id.encode()).decode()
    return "b64_" + (packed if padded else packed.rstrip("="))


def test_verify_with_a_write_key_says_that_it_may_write(client):
    answer = client.get("/api/v1/token/verify")

    assert answer.json() == {"valid": True, "writeAccess": True}


def test_verify_with_a_read_only_key_says_that_it_may_not_write(reader):
    answer = reader.get("/api/v1/token/verify")

    assert answer.json() == {"valid": True, "writeAccess": False}


@pytest.mark.parametrize("headers", [{}, {"x-pendo-integration-key": "5a4db0c5-unknown.us"}])
def test_an_unknown_or_missing_key_is_refused_with_an_empty_body(sandbox, headers):
    answer = httpx.get(f"{sandbox.url}/api/v1/token/verify", headers=headers, trust_env=False)

    assert (answer.status_code, answer.content) == (403, b"")


def test_a_read_only_key_reads_but_does_not_write(reader, ids, demo):
    read = reader.get("/api/v1/guide")
    written = reader.post("/api/v1/bulkdelete/visitor", json={"visitors": ids[:1]})

    assert read.status_code == 200
    assert (written.status_code, written.content) == (403, b"")
    assert not demo.deletions.all


def test_a_visitor_is_found_by_its_percent_encoded_id_whatever_the_id(client, ids):
    for record_id in ids:
        answer = client.get(f"/api/v1/visitor/{quote(record_id, safe='')}")

        assert answer.json()["id"] == record_id


@pytest.mark.parametrize("padded", [True, False])
def test_a_visitor_is_found_by_its_base64_id_whatever_the_id(client, ids, padded):
    for record_id in ids:
        answer = client.get(f"/api/v1/visitor/{b64(record_id, padded=padded)}", headers=BASE64)

        assert answer.json()["id"] == record_id


def test_a_base64_id_without_its_header_is_taken_literally(client, ids):
    answer = client.get(f"/api/v1/visitor/{b64(ids[1])}")

    assert (answer.status_code, answer.content) == (404, b"")


def test_a_broken_base64_id_is_refused(client):
    answer = client.get("/api/v1/visitor/b64_!!", headers=BASE64)

    assert answer.status_code == 400


def test_a_visitor_has_the_documented_fields(client, demo, ids):
    known = demo.visitors.get(ids[1])

    shown = client.get(f"/api/v1/visitor/{b64(ids[1])}", headers=BASE64).json()

    assert shown["accountIds"] == list(known.accounts)
    assert shown["metadata"]["agent"] == {"email": known.email}
    assert shown["metadata"]["auto"]["firstvisit"] == known.first_visit
    assert shown["metadata"]["auto"]["lastvisit"] == known.last_visit
    assert shown["metadata"]["auto"]["accountids"] == list(known.accounts)
    assert shown["metadata"]["pendo"] == {"donotprocess": False}


def test_ids_that_differ_only_in_case_are_different_visitors(client, ids):
    upper, lower = (
        next(each for each in ids if each.startswith(start)) for start in ("Mira_Twin", "mira_twin")
    )

    shown = client.get(f"/api/v1/visitor/{b64(lower)}", headers=BASE64).json()

    assert upper.lower() == lower
    assert shown["id"] == lower


def test_an_account_is_found_and_an_unknown_one_is_not(client, demo):
    known = demo.accounts.ids()[2]

    found = client.get(f"/api/v1/account/{quote(known, safe='')}")
    missing = client.get("/api/v1/account/nobody")

    assert found.json()["id"] == known
    assert (missing.status_code, missing.content) == (404, b"")


def test_the_other_subscription_holds_other_things(client, other, world, ids):
    others = world.subscriptions["other"]

    assert not set(ids) & set(others.visitors.ids())
    assert not set(world.subscriptions["demo"].accounts.ids()) & set(others.accounts.ids())
    assert not {guide["id"] for guide in client.get("/api/v1/guide").json()} & set(others.guides)
    assert other.get(f"/api/v1/visitor/{b64(ids[1])}", headers=BASE64).status_code == 404


def test_history_shows_the_day_of_the_last_visit_only_within_180_days(client, sandbox):
    now = sandbox.world.now_ms()
    visitors = [{"id": "recent", "last_visit": now}, {"id": "old", "last_visit": now - 200 * 86_400_000}]
    client.post("/_sandbox/visitors", json={"subscription": "demo", "visitors": visitors})

    recent = client.get("/api/v1/visitor/recent/history", params={"starttime": now - 3_600_000}).json()
    old = client.get("/api/v1/visitor/old/history", params={"starttime": now - 200 * 86_400_000}).json()
    unknown = client.get("/api/v1/visitor/unknown/history", params={"starttime": 0})

    assert [event["ts"] for event in recent] == [now]
    assert old == []
    assert unknown.status_code == 404


def test_the_guide_list_shows_all_guides_or_the_named_ones(client, demo):
    everything = client.get("/api/v1/guide").json()
    named = client.get("/api/v1/guide", params={"id": everything[3]["id"]}).json()

    assert [guide["id"] for guide in everything] == list(demo.guides)
    assert set(everything[0]) >= {"id", "name", "state", "kind", "createdAt", "lastUpdatedAt"}
    assert named == [everything[3]]


@pytest.mark.parametrize(("kind", "field"), [("visitor", "email"), ("account", "name")])
def test_the_metadata_schema_names_the_searchable_fields(client, kind, field):
    schema = client.get(f"/api/v1/metadata/schema/{kind}").json()

    assert schema["agent"][field]["Type"] == "string"
    assert "lastvisit" in schema["auto"]


def test_an_unknown_path_is_not_found(client):
    assert client.get("/api/v1/nowhere").status_code == 404
    assert client.get("/api/v1/visitor/").status_code == 404


def test_more_calls_than_the_bucket_holds_are_refused_without_retry_after(client, sandbox, clock):
    client.post("/_sandbox/settings", json={"rate_per_second": 3})

    statuses = [client.get("/api/v1/guide").status_code for _ in range(4)]
    refused = client.get("/api/v1/guide")
    clock.forward(1)

    assert statuses == [200, 200, 200, 429]
    assert "retry-after" not in refused.headers
    assert client.get("/api/v1/guide").status_code == 200

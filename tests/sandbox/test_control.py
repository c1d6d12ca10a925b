import pytest

from compliance.sandbox.records import visitor_metadata


def test_state_shows_counts_settings_and_faults(client, bulk_delete, ids):
    bulk_delete(*ids[:2])
    client.post("/_sandbox/faults", json={"kind": "hang", "times": 3, "prefix": "/api/v1/guide"})

    state = client.get("/_sandbox/state").json()

    assert state["subscriptions"]["demo"]["visitors"] == 200
    assert state["subscriptions"]["demo"]["do_not_process"] == {"visitor": 2, "account": 0}
    assert state["subscriptions"]["demo"]["open_deletions"] == 1
    assert state["settings"]["done_after"] == 15
    assert [(fault["kind"], fault["remaining"]) for fault in state["faults"]] == [("hang", 3)]


@pytest.mark.parametrize(
    "values",
    [
        {"unheard": 1},
        {"done_after": "soon"},
        {"done_after": -1},
        {"names_ids": "maybe"},
        {"done_after": "nan"},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_and_changes_nothing(client, sandbox, values):
    before = sandbox.world.settings

    answer = client.post("/_sandbox/settings", json=values)

    assert answer.status_code == 400
    assert sandbox.world.settings == before


def test_faults_are_switched_off_one_by_one_or_together(client):
    first = client.post("/_sandbox/faults", json={"kind": "hang"}).json()["number"]
    client.post("/_sandbox/faults", json={"kind": "html"})
    client.post("/_sandbox/faults", json={"kind": "slow"})

    one_less = client.request("DELETE", "/_sandbox/faults", json={"number": first}).json()["faults"]
    none = client.delete("/_sandbox/faults").json()["faults"]

    assert [fault["kind"] for fault in one_less] == ["html", "slow"]
    assert none == []


def test_an_unknown_fault_is_refused(client):
    assert client.post("/_sandbox/faults", json={"kind": "earthquake"}).status_code == 400


def test_seeding_replaces_what_a_subscription_holds(client, bulk_delete, demo, ids):
    bulk_delete(ids[0])

    counts = client.post(
        "/_sandbox/seed", json={"subscription": "demo", "visitors": 50, "accounts": 3, "guides": 2, "seed": 9}
    ).json()

    assert (counts["visitors"], counts["accounts"], counts["guides"]) == (50, 3, 2)
    assert (counts["deletions"], counts["do_not_process"]) == (0, {"visitor": 0, "account": 0})
    assert not set(ids) & set(demo.visitors.ids())


def test_given_visitors_are_added_as_they_are(client, demo):
    given = [
        "plain",
        {"id": "full", "email": "f@x.example", "accounts": ["a"], "first_visit": 1, "last_visit": 2},
    ]

    client.post("/_sandbox/visitors", json={"subscription": "demo", "visitors": given})

    assert "plain" in demo.visitors
    assert demo.visitors.get("full").accounts == ("a",)
    assert (demo.visitors.get("full").first_visit, demo.visitors.get("full").last_visit) == (1, 2)


def test_a_visitor_without_a_visit_has_only_metadata_that_was_sent_just_now(client, demo, sandbox):
    client.post(
        "/_sandbox/visitors", json={"subscription": "demo", "visitors": [{"id": "v", "last_visit": 0}]}
    )

    auto = visitor_metadata(demo.visitors.get("v"), do_not_process=True)["auto"]
    assert not {"firstvisit", "lastvisit"} & set(auto)
    assert sandbox.world.now_ms() - auto["lastupdated"] < 60_000


@pytest.mark.parametrize("visitors", ["one", [{"email": "x"}], [7], [""]])
def test_visitors_without_ids_are_refused(client, visitors):
    answer = client.post("/_sandbox/visitors", json={"subscription": "demo", "visitors": visitors})

    assert answer.status_code == 400


def test_accounts_are_added_by_their_ids(client, demo):
    client.post("/_sandbox/accounts", json={"subscription": "demo", "accounts": ["Leaving & Sons"]})

    assert demo.accounts.get("Leaving & Sons").name == "Leaving & Sons"


@pytest.mark.parametrize("accounts", ["one", [7], [""]])
def test_accounts_without_ids_are_refused(client, accounts):
    answer = client.post("/_sandbox/accounts", json={"subscription": "demo", "accounts": accounts})

    assert answer.status_code == 400


def test_an_unknown_subscription_is_refused(client):
    assert client.post("/_sandbox/seed", json={"subscription": "nobody"}).status_code == 404


def test_complete_finishes_all_deletions_whatever_the_delays(client, bulk_delete, demo, ids):
    client.post("/_sandbox/settings", json={"start_after": 10_000, "done_after": 10_000})
    bulk_delete(ids[0])

    state = client.post("/_sandbox/complete").json()

    assert state["subscriptions"]["demo"]["open_deletions"] == 0
    assert ids[0] not in demo.visitors


def test_books_hold_the_calls_by_route_and_never_an_id(client, bulk_delete, ids):
    client.get(f"/api/v1/visitor/{ids[1]}")
    bulk_delete(*ids[:7])
    client.get("/api/v1/nowhere", headers={"x-pendo-integration-key": "unknown"})

    calls = client.get("/_sandbox/books").json()["calls"]
    later = client.get("/_sandbox/books", params={"since": calls[0]["number"]}).json()["calls"]

    assert [(each["method"], each["route"], each["status"], each["ids"]) for each in calls] == [
        ("GET", "/api/v1/visitor/{id}", 200, 0),
        ("POST", "/api/v1/bulkdelete/visitor", 200, 7),
        ("GET", "(no such route)", 403, 0),
    ]
    assert [each["subscription"] for each in calls] == ["demo", "demo", None]
    assert later == calls[1:]


def test_visitors_deletions_and_resets_can_be_looked_into(client, bulk_delete, ids):
    bulk_delete(*ids[:2])
    client.post("/api/v1/guide/all/visitor/ana/reset")
    client.post("/_sandbox/complete")

    left = client.get("/_sandbox/visitors", params={"subscription": "demo"}).json()["visitors"]
    deletions = client.get("/_sandbox/deletions", params={"subscription": "demo"}).json()["deletions"]
    resets = client.get("/_sandbox/resets", params={"subscription": "demo"}).json()["resets"]

    assert left == ids[2:]
    assert [(each["status"], each["visitors"]) for each in deletions] == [("completed", ids[:2])]
    assert [(each["guide"], each["visitor"]) for each in resets] == [(None, "ana")]


def test_a_key_can_be_added_and_revoked(client):
    new = {"x-pendo-integration-key": "5a4db0c5-new.us"}
    key = {"subscription": "demo", "key": "5a4db0c5-new.us"}

    client.post("/_sandbox/keys", json=key | {"writes": True})
    added = client.get("/api/v1/token/verify", headers=new).json()
    client.post("/_sandbox/keys", json=key | {"revoked": True})
    revoked = client.get("/api/v1/token/verify", headers=new).status_code

    assert added == {"valid": True, "writeAccess": True}
    assert revoked == 403


def test_an_unknown_handle_or_a_broken_body_is_refused(client):
    assert client.get("/_sandbox/nothing").status_code == 404
    assert client.post("/_sandbox/settings", content=b"{").status_code == 400
    assert client.post("/_sandbox/settings", json=[1]).status_code == 400
    assert client.get("/_sandbox/books", params={"since": "x"}).status_code == 400

"""Segments, export jobs and reports of the sandbox."""

import pytest

from compliance.sandbox.seed import add_test_visitors, fill
from compliance.sandbox.settings import changed

TESTS, PLAYGROUND = "sgQaVisitors", "sgQaPlayground"


@pytest.fixture
def qa(world, demo):
    """The subscription with what nightly tests have left in it, and lists of that."""
    add_test_visitors(world, demo, count=20)
    return demo


def paged(client, segment, *steps):
    pipeline = [{"source": {"visitors": None}}, {"segment": {"id": segment}}, *steps]
    return client.post(
        "/api/v1/aggregation",
        json={"response": {"mimeType": "application/json"}, "request": {"pipeline": pipeline}},
    )


def test_what_was_there_before_is_there_as_before(world, demo):
    before = [demo.visitors.get(each) for each in demo.visitors.ids()]

    add_test_visitors(world, demo, count=20)

    assert [demo.visitors.get(each) for each in demo.visitors.ids()][: len(before)] == before
    assert len(demo.visitors) == len(before) + 20


def test_only_shared_segments_and_public_reports_are_listed(qa, client):
    segments, reports = client.get("/api/v1/segment").json(), client.get("/api/v1/report").json()

    assert {each["id"] for each in segments} == {TESTS, PLAYGROUND}
    assert {each["id"]: each["definition"]["type"] for each in reports} == {
        "rpQaVisitors": "List",
        "rpQaAccounts": "List",
        "rpOnboarding": "Funnel",
    }


@pytest.mark.parametrize(
    "path",
    [
        "segment/sgQaPrivate",
        "segment/unknown",
        "segment/sgQaVisitors/visitors/unknown/status",
        "report/rpOnboarding/results.json",
        "report/rpPrivate/results.json",
    ],
)
def test_what_is_private_or_cannot_be_read_is_not_found(qa, client, path):
    assert client.get(f"/api/v1/{path}").status_code == 404


def test_segment_in_a_pipeline_gives_its_visitors_in_pages(qa, client):
    steps = {"sort": ["visitorId"]}, {"limit": 3}, {"select": {"visitorId": "visitorId"}}

    rows = paged(client, TESTS, *steps).json()["results"]

    members = [
        each for each in qa.visitors.in_order() if ("environment", "qa") in qa.visitors.get(each).custom
    ]
    assert [row["visitorId"] for row in rows] == members[:3]


@pytest.mark.parametrize("segment", [PLAYGROUND, "unknown"])
def test_segment_about_accounts_does_not_stand_alone_in_a_pipeline(qa, client, segment):
    assert paged(client, segment).status_code == 422


def test_export_job_is_done_after_a_while(qa, world, clock, reader):
    job = reader.post(f"/api/v1/segment/{PLAYGROUND}/visitors").json()["jobId"]
    path = f"/api/v1/segment/{PLAYGROUND}/visitors/{job}"

    early = (reader.get(f"{path}/status").json(), reader.get(f"{path}/results/csv").status_code)
    clock.forward(world.settings.export_after)
    lines = reader.get(f"{path}/results/csv").text.splitlines()

    assert early == ({"status": "running"}, 404)
    assert reader.get(f"{path}/status").json() == {"status": "finished"}
    assert lines == [
        "visitorId",
        *(each for each in qa.visitors.in_order() if "qa-playground" in qa.visitors.get(each).accounts),
    ]


def test_word_for_done_can_be_any(qa, world, client):
    world.settings = changed(world.settings, {"export_after": "0", "export_word": "half-baked"})
    job = client.post(f"/api/v1/segment/{TESTS}/visitors").json()["jobId"]

    answer = client.get(f"/api/v1/segment/{TESTS}/visitors/{job}/status")

    assert answer.json() == {"status": "half-baked"}


def test_report_has_its_rows_as_json_and_as_csv(qa, client):
    rows = client.get("/api/v1/report/rpQaAccounts/results.json").json()
    text = client.get("/api/v1/report/rpQaAccounts/results.csv").text

    assert [row["accountId"] for row in rows] == ["qa-playground"]
    assert text.splitlines()[0] == "accountId,lastVisitAt"


def test_lists_are_added_through_the_control_api(qa, client):
    client.post(
        "/_sandbox/visitors", json={"subscription": "demo", "visitors": [{"id": "x", "custom": {"env": "t"}}]}
    )
    client.post("/_sandbox/segments", json={"subscription": "demo", "id": "s", "field": "env", "value": "t"})
    client.post("/_sandbox/reports", json={"subscription": "demo", "id": "r", "prefix": "x", "column": "Id"})

    assert paged(client, "s").json()["results"][0]["visitorId"] == "x"
    assert client.get("/api/v1/report/r/results.json").json()[0]["Id"] == "x"


@pytest.mark.parametrize("what", ["segments", "reports"])
def test_list_without_an_id_is_refused(qa, client, what):
    assert client.post(f"/_sandbox/{what}", json={"subscription": "demo", "prefix": "x"}).status_code == 400


def test_metadata_and_applications_stand_in_the_schema_and_in_their_own_groups(qa, client):
    schema = client.get("/api/v1/metadata/schema/visitor").json()
    shown = client.get("/api/v1/visitor/qa-nightly-0000@qa.example").json()["metadata"]

    assert {"custom", "auto__5424242"} <= schema.keys()
    assert shown["custom"] == {"environment": "staging"}
    assert shown["auto__5424242"]["lastvisit"] >= shown["auto"]["lastvisit"]


def test_filled_anew_it_has_no_lists(qa, world):
    fill(world=world, subscription=qa, visitors=5, accounts=2, guides=1, seed=1)

    assert (qa.segments, qa.reports, qa.exports, qa.apps, qa.custom_fields) == ({}, {}, {}, set(), set())

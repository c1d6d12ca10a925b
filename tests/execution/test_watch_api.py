"""What is there again, over REST, with a watch that has found something."""

from compliance.workflow.models import Request
from tests.api_fixtures import wrong_fields
from tests.watch_fixtures import returned


def test_records_are_read_let_in_one_by_one_and_followed_by_a_request(watch, program_of):
    finding = watch.came_back(returned, "u-1", "u-2", "u-3")
    url, script = f"/findings/{finding.pk}", program_of(watch.desk.officer)
    records = {each["id"]: each["number"] for each in script.get(url).json()["records"]}

    let_in = script.post(f"{url}/let-in", {"reason": "A new contract", "records": [records["u-1"]]})
    explained = script.post(f"{url}/explain", {"reason": "A test user", "records": [records["u-2"]]})
    body = {
        "kind": "erasure",
        "law": "EU_GDPR",
        "subscription": watch.desk.subscription.name,
        "targets": [{"type": "visitor", "id": "u-3"}],
        "finding": finding.pk,
    }
    reference = program_of(watch.desk.analyst).opened(**body)

    assert (let_in.json()["records"], let_in.json()["settled"]) == (1, False)
    assert explained.json()["records"] == 1
    told = script.get(url).json()
    assert [each["how"] for each in told["taken"]] == ["let_in", "explained", "request"]
    assert told["taken"][2]["request"] == reference
    assert told["settled_at"]
    again = program_of(watch.desk.analyst).post("/requests", body)
    assert wrong_fields(again) == ["/finding"]
    assert Request.objects.get(reference=reference).ways_out.count() == 1


def test_a_follow_up_is_counted_and_kept_back_as_whatever_a_program_opens(watch, program_of, settings):
    settings.API_REQUESTS_AN_HOUR = 1
    finding = watch.came_back(returned, "u-1", "u-2")
    pipeline = program_of(watch.desk.analyst)

    first, second = (
        pipeline.post(
            "/requests",
            {
                "kind": "erasure",
                "law": "EU_GDPR",
                "subscription": watch.desk.subscription.name,
                "targets": [{"type": "visitor", "id": name}],
                "finding": finding.pk,
            },
        ).json()
        for name in ("u-1", "u-2")
    )

    assert (first["state"], second["state"]) == ("previewing", "unconfirmed")
    assert (first["linked"], second["linked"]) == (False, False)
    taken = pipeline.get(f"/findings/{finding.pk}").json()["taken"]
    assert [each["request"] for each in taken] == [first["reference"], second["reference"]]

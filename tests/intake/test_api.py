"""Requests over REST: every call, what it answers, and how it says no."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.core import clock
from compliance.people.membership import revoke_role
from compliance.people.models import Person
from compliance.people.roles import Role
from compliance.subscriptions.models import Subscription
from compliance.workflow.models import Listing, Request
from compliance.workflow.previews import current_preview, screen_again
from compliance.workflow.sealing import Subject, note_of, reason_of, subject_of
from compliance.workflow.states import AskedKind, Channel, Identity, Kind, Outcome, State
from compliance.workflow.things import Thing
from tests.api_fixtures import kind_of_problem, wrong_fields
from tests.request_fixtures import events_of, give_approval, look_up

pytestmark = pytest.mark.django_db
WEEK_AGO = clock.today() - dt.timedelta(days=7)


@pytest.fixture
def production(silent_subscription):
    return silent_subscription(production=True)


@pytest.fixture
def pipeline(program_of, analyst, production):
    """A program of the analyst, where there is one production subscription."""
    return program_of(analyst)


@pytest.fixture
def script(program_of, officer):
    """The officer's own script."""
    return program_of(officer)


def visitors(*ids):
    return [{"type": "visitor", "id": each} for each in ids]


def body_of(**changes):
    return {"kind": "erasure", "law": "EU_GDPR", "targets": visitors("v-1", "v-2")} | changes


def asked_by(reference):
    request = Request.objects.get(reference=reference)
    from compliance.workflow.sealing import targets_vault  # noqa: PLC0415 - only here

    vault = targets_vault(request)
    return [
        Thing(AskedKind(row.kind), vault.open(row.sealed_value, purpose="asked"))
        for row in request.asked.order_by("pk")
    ]


def said_of(request):
    preview = current_preview(request)
    return {"digest": preview.digest, "count": preview.found}


# -- Opening -------------------------------------------------------------------------------------------------


def test_a_request_is_opened_with_its_clocks_running(pipeline, analyst):
    answer = pipeline.post("/requests", body_of(received_at=WEEK_AGO.isoformat()))

    assert answer.status_code == 201
    told = answer.json()
    request = Request.objects.get(reference=told["reference"])
    assert told["state"] == "previewing"
    assert "answer" in [clock["kind"] for clock in told["clocks"]]
    assert set(told["clocks"][0]) == {"kind", "legal", "safe", "send_by", "article"}
    assert (request.entered_by, request.received_on) == (analyst, WEEK_AGO)
    assert events_of(request)[0] == "request:opened"


def test_the_same_asked_again_is_linked_to_the_request_that_stands(pipeline):
    jane = {"name": "Jane", "email": "jane@person.example"}
    first = pipeline.post("/requests", body_of(subject=jane)).json()

    again = pipeline.post("/requests", body_of(subject=jane))
    anyway = pipeline.post("/requests", body_of(subject=jane, repeated=True))

    assert (again.status_code, again.json()["reference"], again.json()["linked"]) == (
        200,
        first["reference"],
        True,
    )
    assert (anyway.status_code, anyway.json()["linked"]) == (201, False)
    assert anyway.json()["reference"] != first["reference"]


def test_what_is_left_out_is_filled_in_truthfully(pipeline, production):
    reference = pipeline.opened(kind="erasure", targets=visitors("v-1"))

    request = Request.objects.get(reference=reference)
    assert (request.law, request.received_on) == ("", clock.today())
    assert (request.channel, request.identity) == (Channel.API, Identity.VOUCHED)
    assert list(request.subscriptions.all()) == [production]


def test_everything_that_can_be_said_is_kept(pipeline):
    reference = pipeline.opened(
        **body_of(
            reference="DSR-1042/7",
            subject={"name": "Jane Roe", "email": "jane@person.example"},
            channel="support",
            identity="account",
            note="She wrote twice.",
            calendar="DE",
        )
    )

    request = Request.objects.get(reference=reference)
    assert request.external_reference == "DSR-1042/7"
    assert subject_of(request) == Subject("Jane Roe", "jane@person.example")
    assert (request.channel, request.identity) == (Channel.SUPPORT, Identity.ACCOUNT)
    assert (note_of(request), request.calendar) == ("She wrote twice.", "DE")


def test_ids_and_values_mean_the_same(pipeline):
    reference = pipeline.opened(
        **body_of(
            targets=[
                {"type": "visitor", "id": "Anna"},
                {"type": "visitor", "value": "anna"},
                {"type": "account", "id": "Harbour Ltd"},
                {"type": "email", "value": "jane@person.example"},
            ]
        )
    )

    assert asked_by(reference) == [
        Thing(AskedKind.VISITOR, "Anna"),
        Thing(AskedKind.VISITOR, "anna"),
        Thing(AskedKind.ACCOUNT, "Harbour Ltd"),
        Thing(AskedKind.EMAIL, "jane@person.example"),
    ]


@pytest.mark.parametrize("name", ["name", "reference"])
@pytest.mark.parametrize("field", ["subscription", "subscriptions"])
def test_a_subscription_is_named_by_its_name_or_reference(pipeline, silent_subscription, name, field):
    other = silent_subscription()
    said = getattr(other, name)

    reference = pipeline.opened(**body_of(), **{field: said if field == "subscription" else [said]})

    assert list(Request.objects.get(reference=reference).subscriptions.all()) == [other]


def test_an_erasure_that_names_none_reaches_every_production_subscription(pipeline, silent_subscription):
    silent_subscription()
    silent_subscription(production=True)

    reference = pipeline.opened(**body_of())

    reached = Request.objects.get(reference=reference).subscriptions.all()
    assert list(reached) == list(Subscription.objects.filter(production=True))
    assert len(reached) == 2


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-20", dt.date(2026, 11, 20)),
        ("2026-11-20T23:30:00Z", dt.date(2026, 11, 21)),
        ("2026-11-20T12:00:00+09:00", dt.date(2026, 11, 20)),
    ],
)
def test_a_moment_of_receipt_is_a_day_at_the_establishment(pipeline, settings, time_machine, moment, day):
    settings.TIME_ZONE = "Europe/Berlin"
    time_machine.move_to("2026-11-25T12:00:00Z")

    reference = pipeline.opened(**body_of(received_at=moment))

    assert Request.objects.get(reference=reference).received_on == day


def test_a_retention_request_has_no_law_channel_or_person(pipeline, production):
    reference = pipeline.opened(
        kind="retention",
        policy_reference="POL-7",
        seen_before="2025-01-01",
        subscription=production.name,
        targets=[{"type": "account", "id": "Harbour Ltd"}],
        with_visitors=False,
    )

    request = Request.objects.get(reference=reference)
    assert (request.kind, request.policy_reference) == (Kind.RETENTION, "POL-7")
    assert (request.seen_before, request.with_visitors) == (dt.date(2025, 1, 1), False)
    assert (request.channel, request.identity, request.law) == ("", "", "")
    assert not request.clocks.exists()


def test_test_data_is_named_by_pattern_segment_and_report(pipeline, production):
    named = [
        {"type": "prefix", "value": "qa-"},
        {"type": "suffix", "value": "-tmp"},
        {"type": "email_domain", "value": "@QA.example"},
        {"type": "metadata", "value": "custom.environment=qa"},
        {"type": "segment", "id": "sgQa"},
        {"type": "report", "id": "rpQa"},
    ]

    reference = pipeline.opened(kind="test_data", subscription=production.name, targets=named)

    assert [thing.value for thing in asked_by(reference)] == [
        *("qa-", "-tmp", "qa.example", "custom.environment=qa", "sgQa", "rpQa")
    ]


def test_why_a_segment_cannot_be_read_is_told(pipeline, production):
    segment = [{"type": "segment", "id": "sgQa"}]
    reference = pipeline.opened(kind="test_data", subscription=production.name, targets=segment)
    Listing.objects.update(trouble="Share it.")

    told = pipeline.get(f"/requests/{reference}").json()

    assert (told["state"], told["troubles"]) == ("previewing", [f"{production.name}: Share it."])


def test_erasure_that_names_a_segment_is_refused_with_what_to_name_instead(pipeline):
    answer = pipeline.post("/requests", body_of(targets=[{"type": "segment", "id": "sgQa"}]))

    assert answer.status_code == 422
    assert "Name the visitors, e-mail addresses or accounts" in answer.json()["detail"]


def test_guides_are_reset_for_visitors_or_expressly_for_everybody(pipeline, production):
    def asked(*targets, **more):
        said = {"kind": "guide_reset", "subscription": production.name, "targets": [*targets]}
        return asked_by(pipeline.opened(**said, **more))

    guide, visitor = {"type": "guide", "id": "GuideA"}, {"type": "visitor", "id": "v-1"}

    assert asked(guide, visitor) == [Thing(AskedKind.GUIDE, "GuideA"), Thing(AskedKind.VISITOR, "v-1")]
    assert asked(guide, for_everybody=True) == [Thing(AskedKind.GUIDE, "GuideA")]
    assert asked({"type": "guide", "id": "staged"}, for_everybody=True) == [Thing(AskedKind.STAGED, "")]


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"kind": "wish"}, ["/kind"]),
        ({"targets": []}, ["/targets"]),
        ({"targets": [{"type": "visitor"}]}, ["/targets/0"]),
        ({"targets": [{"type": "visitor", "id": "a", "value": "a"}]}, ["/targets/0"]),
        ({"targets": [*visitors("a"), {"type": "browser", "id": "a"}]}, ["/targets/1/type"]),
        (
            {"targets": visitors("a", "b\tc", " d ", "e\nf", "g\x00")},
            [f"/targets/{n}/id" for n in range(1, 5)],
        ),
        ({"targets": [{"type": "email", "value": "nobody"}]}, ["/targets/0/value"]),
        ({"targets": visitors("x" * 1025)}, ["/targets/0/id"]),
        ({"targets": [{"type": "prefix", "value": "qa"}]}, ["/targets/0/value"]),
        ({"targets": [{"type": "segment", "id": "a/b"}]}, ["/targets/0/id"]),
        ({"targets": visitors("\U0001f600" * 400)}, ["/targets/0/id"]),
        ({"law": "US_TX"}, ["/law"]),
        ({"calendar": "XX"}, ["/calendar"]),
        ({"subscription": "nowhere"}, ["/subscription"]),
        ({"subscriptions": ["Silent 1", "nowhere"]}, ["/subscriptions/1"]),
        ({"subscription": "Silent 1", "subscriptions": ["Silent 1"]}, ["/subscriptions"]),
        ({"received_at": 1}, ["/received_at"]),
        ({"received_at": "1700000000"}, ["/received_at"]),
        ({"received_at": "0001-01-01T00:00:00+23:59"}, ["/received_at"]),
        ({"seen_before": 0}, ["/seen_before"]),
        ({"received_at": "yesterday"}, ["/received_at"]),
        ({"received_at": "2026-11-20T12:00:00"}, ["/received_at"]),
        ({"reference": "jane@person.example"}, ["/reference"]),
        ({"reference": "Jane Roe"}, ["/reference"]),
        ({"subject": {"email": "nobody"}}, ["/subject/email"]),
        ({"kind": "test_data", "law": None, "channel": "api"}, ["/channel", "/subscriptions"]),
        ({"kind": "test_data", "law": None}, ["/subscriptions"]),
    ],
)
def test_each_wrong_field_is_named_and_nothing_is_opened(pipeline, changes, pointers):
    answer = pipeline.post("/requests", body_of(**changes))

    assert kind_of_problem(answer) == "invalid"
    assert wrong_fields(answer) == pointers
    assert not Request.objects.exists()


def test_an_unknown_field_is_a_slip_and_its_name_is_not_repeated(pipeline):
    answer = pipeline.post("/requests", body_of() | {"jane@person.example": 1, "recieved_at": "2026-11-20"})

    assert wrong_fields(answer) == ["", ""]
    assert b"jane" not in answer.content


def test_what_was_sent_is_not_repeated_in_a_no(pipeline):
    secret = "Zacharias-Quux"
    bodies = [
        body_of(targets=visitors(f"{secret}\t")),
        body_of(targets=[{"type": secret, "id": secret}]),
        body_of(subscription=secret),
        body_of(law=secret),
        body_of(received_at=secret),
        body_of(subject={"name": 7, "email": secret}),
        {secret: secret},
    ]

    answers = [pipeline.post("/requests", body) for body in bodies]

    assert {answer.status_code for answer in answers} == {422}
    assert not any(secret.encode() in answer.content for answer in answers)


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"received_at": "2999-01-01"}, "future"),
        ({"kind": "retention", "law": None, "subscription": "Silent 1"}, "policy"),
        (
            {
                "kind": "readmission",
                "law": None,
                "subscription": "Silent 1",
                "targets": "account",
                "note": "She came back.",
            },
            "can't name",
        ),
        ({"kind": "readmission", "law": None, "subscription": "Silent 1"}, "Say why"),
        (
            {"kind": "guide_reset", "law": None, "subscription": "Silent 1", "targets": "guide"},
            "for everybody",
        ),
        ({"kind": "test_data", "subscription": "Silent 1"}, "Only an erasure"),
    ],
)
def test_what_the_verb_refuses_is_said_with_its_reason(pipeline, changes, detail):
    if "targets" in changes:
        changes = changes | {"targets": [{"type": changes["targets"], "id": "Harbour"}]}

    answer = pipeline.post("/requests", body_of(**changes))

    assert kind_of_problem(answer) == "refused"
    assert detail in answer.json()["detail"]


def test_ten_thousand_targets_are_taken_and_one_more_is_not(pipeline):
    ids = [f"visitor-{number}" for number in range(10_001)]

    reference = pipeline.opened(**body_of(targets=visitors(*ids[:-1])))

    assert Request.objects.get(reference=reference).asked.count() == 10_000
    assert wrong_fields(pipeline.post("/requests", body_of(targets=visitors(*ids)))) == ["/targets"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b'{"a": NaN', b"9" * 5000])
def test_what_is_not_json_is_said_so(pipeline, body):
    assert kind_of_problem(pipeline.post("/requests", body)) == "malformed"


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"7", b'"text"'])
def test_another_thing_than_an_object_is_no_request(pipeline, body):
    assert kind_of_problem(pipeline.post("/requests", body)) == "invalid"


def test_half_a_character_is_no_text(pipeline):
    for field in (
        '"note": "\\ud800"',
        '"subject": {"name": "\\ud800"}',
        '"targets": [{"type": "visitor", "id": "\\ud800"}]',
    ):
        whole = json.dumps(body_of()).encode()[:-1] + b", " + field.encode() + b"}"

        assert kind_of_problem(pipeline.post("/requests", whole)) == "invalid"


def test_another_kind_of_body_is_told_apart(pipeline):
    answer = pipeline.post("/requests", b"kind=erasure", content_type="application/x-www-form-urlencoded")

    assert kind_of_problem(answer) == "not-json"


def test_too_large_a_body_is_not_read(pipeline, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    assert kind_of_problem(pipeline.post("/requests", body_of(note="x" * 1000))) == "too-large"


# -- Reading -------------------------------------------------------------------------------------------------


def test_the_preview_is_null_until_it_is_ready(pipeline):
    reference = pipeline.opened(**body_of())

    before = pipeline.get(f"/requests/{reference}").json()
    look_up(Request.objects.get(reference=reference), absent=["v-2"])
    after = pipeline.get(f"/requests/{reference}").json()

    request = Request.objects.get(reference=reference)
    assert (before["state"], before["preview"]) == ("previewing", None)
    assert after["state"] == "previewed"
    assert after["preview"]["digest"] == current_preview(request).digest
    assert (after["preview"]["count"], after["preview"]["not_found"]) == (1, 1)


def test_progress_counts_every_outcome_and_adds_up(pipeline, previewed_request):
    request = previewed_request(absent=["visitor-two"])
    request.targets.filter(outcome=Outcome.PENDING).update(outcome=Outcome.ERASED)

    progress = pipeline.get(f"/requests/{request.reference}").json()["progress"]

    assert progress.pop("targets") == 3
    assert progress.pop("sent") == 2
    assert {name: count for name, count in progress.items() if count} == {"erased": 2, "not_found": 1}
    assert set(progress) == set(Outcome.values)


def test_a_request_is_told_whole(pipeline):
    reference = pipeline.opened(**body_of(reference="T-1", received_at=WEEK_AGO.isoformat()))

    told = pipeline.get(f"/requests/{reference}").json()

    assert told["reference"] == reference
    assert (told["external_reference"], told["kind"], told["law"]) == ("T-1", "erasure", "EU_GDPR")
    assert (told["received_on"], told["subscriptions"]) == (WEEK_AGO.isoformat(), ["Silent 1"])
    assert (told["paused"], told["grace_until"], told["closed_at"]) == (False, None, None)
    assert len(told["clocks"]) == Request.objects.get().clocks.count() > 0


@pytest.mark.parametrize("reference", ["ED-00000000", "nothing", "ED-0000000%00", "%00"])
def test_what_does_not_exist_is_not_found(pipeline, reference):
    for answer in (
        pipeline.get(f"/requests/{reference}"),
        pipeline.get(f"/requests/{reference}/targets"),
        pipeline.post(f"/requests/{reference}/preview"),
        pipeline.post(f"/requests/{reference}/cancel", {"reason": "Why not"}),
    ):
        assert kind_of_problem(answer) == "not-found"


def test_a_file_that_is_still_read_is_no_request_yet(pipeline, new_request):
    request = new_request()
    Request.objects.update(state=State.CHECKING)

    assert kind_of_problem(pipeline.get(f"/requests/{request.reference}")) == "not-found"
    assert pipeline.get("/requests").json() == {"requests": [], "next": None}


def test_requests_come_in_pages_the_newest_first(pipeline, new_request):
    references = [new_request().reference for _ in range(5)]

    pages, cursor = [], ""
    while cursor is not None:
        page = pipeline.get("/requests", limit=2, cursor=cursor).json()
        pages.append([request["reference"] for request in page["requests"]])
        cursor = page["next"]

    assert pages == [references[:2:-1], references[2:0:-1], references[:1]]


def test_requests_are_chosen_by_state_kind_and_own_reference(pipeline, previewed_request, new_request):
    new_request()
    mine = pipeline.opened(**body_of(reference="T-1"))
    found = previewed_request()

    def asked(**query):
        return [request["reference"] for request in pipeline.get("/requests", **query).json()["requests"]]

    assert asked(state="previewed") == [found.reference]
    assert asked(reference="T-1") == [mine]
    assert len(asked(kind="erasure")) == 3
    assert asked(kind="retention") == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"state": "gone"}, "state"),
        ({"cursor": "abc"}, "cursor"),
        ({"cursor": "WzAsOTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"}, "cursor"),
        ({"reference": "jane@person.example"}, "reference"),
    ],
)
def test_a_wrong_question_is_told_which_part_is_wrong(pipeline, query, pointer):
    assert wrong_fields(pipeline.get("/requests", **query)) == [pointer]


def test_a_misspelt_filter_is_no_filter(pipeline):
    answer = pipeline.get("/requests", status="previewed")

    assert kind_of_problem(answer) == "invalid"
    assert "limit, cursor, state, kind, reference" in answer.json()["detail"]


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    pipeline, previewed_request, django_assert_num_queries
):
    previewed_request()
    pipeline.get("/requests")
    with CaptureQueriesContext(connection) as one:
        pipeline.get("/requests")
    previewed_request()
    previewed_request()

    with django_assert_num_queries(len(one)):
        pipeline.get("/requests")
    assert len(one) < 12


# -- Targets -------------------------------------------------------------------------------------------------


def test_targets_are_told_with_their_outcomes_in_pages(pipeline, previewed_request):
    request = previewed_request(absent=["visitor-two"])

    first = pipeline.get(f"/requests/{request.reference}/targets", limit=2).json()
    rest = pipeline.get(f"/requests/{request.reference}/targets", limit=2, cursor=first["next"]).json()

    told = [*first["targets"], *rest["targets"]]
    assert [(target["id"], target["outcome"]) for target in told] == [
        ("visitor-one", "pending"),
        ("visitor-two", "not_found"),
        ("visitor-three", "pending"),
    ]
    assert rest["next"] is None
    assert {target["call"] for target in told} == {None}
    assert {(target["type"], target["why"], target["spared_because"]) for target in told} == {
        ("visitor", "exact_id", None)
    }


def test_targets_are_chosen_by_outcome(pipeline, previewed_request):
    request = previewed_request(absent=["visitor-two"])

    told = pipeline.get(f"/requests/{request.reference}/targets", outcome="not_found").json()

    assert [target["id"] for target in told["targets"]] == ["visitor-two"]


def test_a_forgotten_request_has_no_readable_targets(pipeline, previewed_request):
    request = previewed_request()
    Request.objects.update(targets_key=None)

    assert kind_of_problem(pipeline.get(f"/requests/{request.reference}/targets")) == "forgotten"
    assert pipeline.get(f"/requests/{request.reference}").status_code == 200


# -- Preview -------------------------------------------------------------------------------------------------


def test_a_fresh_preview_is_under_way(pipeline, previewed_request):
    request = previewed_request()

    answer = pipeline.post(f"/requests/{request.reference}/preview")

    assert (answer.status_code, answer.json()["state"]) == (202, "previewing")
    assert request.previews.count() == 2


def test_a_preview_that_is_under_way_goes_on(pipeline, new_request):
    request = new_request()

    assert pipeline.post(f"/requests/{request.reference}/preview").status_code == 202
    assert request.previews.count() == 1


def test_no_preview_is_made_of_what_was_approved(pipeline, approved_in_grace):
    answer = pipeline.post(f"/requests/{approved_in_grace.reference}/preview")

    assert kind_of_problem(answer) == "state-changed"


# -- Approving -----------------------------------------------------------------------------------------------


def test_an_officers_script_approves_what_they_looked_at(script, officer, previewed_request):
    request = previewed_request(production=True)

    answer = script.post(
        f"/requests/{request.reference}/approve", said_of(request) | {"reason": "Looked up."}
    )

    told = answer.json()
    word = current_preview(request).approvals.get()
    assert answer.status_code == 200
    assert (told["state"], told["approvals"]) == ("approved", {"given": 1, "wanted": 1})
    assert told["grace_until"] is not None
    assert (word.person, reason_of(word)) == (officer, "Looked up.")


def test_the_first_of_two_approvals_is_counted(script, previewed_request, program_of, second_officer):
    request = previewed_request(visitors=[f"v-{number}" for number in range(101)], production=True)
    said = said_of(request)

    first = script.post(f"/requests/{request.reference}/approve", said).json()
    second = program_of(second_officer).post(f"/requests/{request.reference}/approve", said).json()

    assert (first["state"], first["approvals"]) == ("previewed", {"given": 1, "wanted": 2})
    assert (second["state"], second["approvals"]) == ("approved", {"given": 2, "wanted": 2})


@pytest.mark.parametrize("changes", [{"digest": "0" * 64}, {"count": 2}])
def test_another_set_than_was_looked_at_is_not_approved(script, previewed_request, changes):
    request = previewed_request()

    answer = script.post(f"/requests/{request.reference}/approve", said_of(request) | changes)

    assert (answer.status_code, kind_of_problem(answer)) == (409, "set-has-changed")


def test_no_further_approval_is_wanted(script, previewed_request, second_officer):
    request = previewed_request(production=True)
    said = said_of(request)
    give_approval(request, second_officer)

    answer = script.post(f"/requests/{request.reference}/approve", said)

    assert (answer.status_code, kind_of_problem(answer)) == (409, "no-further-approval")


def test_nobody_approves_what_they_entered_by_program_either(script, officer, previewed_request):
    request = previewed_request(by=officer)

    answer = script.post(f"/requests/{request.reference}/approve", said_of(request))

    assert (answer.status_code, kind_of_problem(answer)) == (403, "not-this-person")
    assert not current_preview(request).approvals.exists()


def test_nobody_approves_twice(script, previewed_request):
    request = previewed_request(visitors=[f"v-{number}" for number in range(101)], production=True)
    said = said_of(request)

    script.post(f"/requests/{request.reference}/approve", said)
    answer = script.post(f"/requests/{request.reference}/approve", said)

    assert kind_of_problem(answer) == "not-this-person"


def test_a_role_that_was_taken_a_moment_ago_approves_nothing(script, officer, previewed_request, make_person):
    request = previewed_request()
    revoke_role(person=officer, role=Role.OFFICER, by=make_person(Role.ADMINISTRATOR))

    answer = script.post(f"/requests/{request.reference}/approve", said_of(request))

    assert kind_of_problem(answer) == "role-missing"


@pytest.mark.parametrize(
    ("said", "pointers"),
    [
        ({}, ["/digest", "/count"]),
        ({"digest": "abc", "count": 1}, ["/digest"]),
        ({"digest": "0" * 64, "count": -1}, ["/count"]),
        ({"digest": "0" * 64, "count": True, "all": True}, ["/count", ""]),
    ],
)
def test_an_approval_says_digest_and_count(script, previewed_request, said, pointers):
    request = previewed_request()

    assert wrong_fields(script.post(f"/requests/{request.reference}/approve", said)) == pointers


def test_a_preview_is_sent_back_with_a_reason(script, previewed_request):
    request = previewed_request()

    answer = script.post(f"/requests/{request.reference}/reject", {"reason": "Too many."})

    assert (answer.status_code, answer.json()["state"]) == (200, "rejected")
    assert reason_of(current_preview(request).approvals.get()) == "Too many."


@pytest.mark.parametrize("verb", ["reject", "cancel"])
@pytest.mark.parametrize("reason", ["", None])
def test_a_reason_is_wanted(script, previewed_request, verb, reason):
    request = previewed_request()

    assert wrong_fields(script.post(f"/requests/{request.reference}/{verb}", {"reason": reason})) == [
        "/reason"
    ]


@pytest.mark.parametrize("verb", ["reject", "cancel"])
def test_a_blank_reason_is_none(script, previewed_request, verb):
    request = previewed_request()

    answer = script.post(f"/requests/{request.reference}/{verb}", {"reason": "  "})

    assert kind_of_problem(answer) == "refused"


# -- Cancelling ----------------------------------------------------------------------------------------------


def test_a_request_is_cancelled_within_its_grace(pipeline, approved_in_grace):
    answer = pipeline.post(f"/requests/{approved_in_grace.reference}/cancel", {"reason": "A mistake."})

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert set(approved_in_grace.targets.values_list("outcome", flat=True)) == {Outcome.CANCELLED}


def test_once_sending_has_begun_the_rest_is_cancelled(pipeline, approved_in_grace):
    Request.objects.update(state=State.EXECUTING)

    answer = pipeline.post(f"/requests/{approved_in_grace.reference}/cancel", {"reason": "A mistake."})

    assert (answer.status_code, answer.json()["state"]) == (200, "executing")
    assert Request.objects.get().rest_cancelled_at is not None


def test_what_has_ended_is_not_cancelled(pipeline, previewed_request):
    request = previewed_request()
    pipeline.post(f"/requests/{request.reference}/cancel", {"reason": "A mistake."})

    answer = pipeline.post(f"/requests/{request.reference}/cancel", {"reason": "Again."})

    assert kind_of_problem(answer) == "state-changed"


# -- Refusing and extending ----------------------------------------------------------------------------------

FACTS = "Forty identical letters arrived since March; each was answered, nothing was stored between them."


def test_a_refusal_is_proposed_and_waits_for_a_second_person(pipeline, previewed_request):
    request = previewed_request()
    body = {"code": "R_12_5_EXCESSIVE", "facts": FACTS}

    answer = pipeline.post(f"/requests/{request.reference}/refuse", body)

    assert (answer.status_code, answer.json()["state"]) == (202, "previewed")
    assert request.refusals.get().agreed is None
    again = pipeline.post(f"/requests/{request.reference}/refuse", body)
    assert kind_of_problem(again) == "state-changed"


def test_what_a_reason_wants_is_asked_for(pipeline, previewed_request):
    request = previewed_request()

    answer = pipeline.post(
        f"/requests/{request.reference}/refuse", {"code": "X_E_LEGAL_CLAIMS", "facts": FACTS}
    )

    assert kind_of_problem(answer) == "refused"
    assert "name statute and section" in answer.json()["detail"]


def test_an_officer_extends_and_the_clocks_say_so(script, previewed_request):
    request = previewed_request()
    before = request.send_by

    answer = script.post(f"/requests/{request.reference}/extend", {"ground": "COMPLEXITY", "reason": FACTS})

    request.refresh_from_db()
    assert answer.status_code == 200
    assert request.send_by > before


def test_an_analyst_does_not_extend(pipeline, previewed_request):
    body = {"ground": "COMPLEXITY", "reason": FACTS}

    answer = pipeline.post(f"/requests/{previewed_request().reference}/extend", body)

    assert kind_of_problem(answer) == "role-missing"


def test_where_access_was_asked_the_approval_says_what_became_of_it(script, previewed_request):
    request = previewed_request(access_asked=True)
    preview = current_preview(request)
    body = {"digest": preview.digest, "count": preview.found}

    assert kind_of_problem(script.post(f"/requests/{request.reference}/approve", body)) == "refused"
    answer = script.post(f"/requests/{request.reference}/approve", body | {"access": "given"})
    assert answer.json()["state"] == "approved"


# -- Pausing -------------------------------------------------------------------------------------------------


def test_a_request_is_paused_and_an_officer_lets_it_go_on(pipeline, script, approved_in_grace):
    path = f"/requests/{approved_in_grace.reference}"

    paused = pipeline.post(f"{path}/pause", {"reason": "Wait for legal."})
    told = pipeline.get(path).json()
    resumed = script.post(f"{path}/resume")

    assert (paused.status_code, told["paused"]) == (200, True)
    assert (resumed.status_code, pipeline.get(path).json()["paused"]) == (200, False)


def test_a_pause_needs_no_reason(pipeline, approved_in_grace):
    assert pipeline.post(f"/requests/{approved_in_grace.reference}/pause", b"").status_code == 200


def test_only_an_officer_lets_a_request_go_on(pipeline, approved_in_grace):
    pipeline.post(f"/requests/{approved_in_grace.reference}/pause")

    answer = pipeline.post(f"/requests/{approved_in_grace.reference}/resume")

    assert kind_of_problem(answer) == "role-missing"


def test_what_is_not_paused_does_not_go_on(script, approved_in_grace):
    answer = script.post(f"/requests/{approved_in_grace.reference}/resume")

    assert kind_of_problem(answer) == "state-changed"
    assert answer.json()["detail"] == "This request isn't paused."  # a program has no page to reload


def test_there_is_nothing_to_pause_before_an_approval(pipeline, previewed_request):
    answer = pipeline.post(f"/requests/{previewed_request().reference}/pause")

    assert kind_of_problem(answer) == "state-changed"


# -- On its way ----------------------------------------------------------------------------------------------


def test_a_deletion_is_followed_from_its_opening_to_its_proof(desk, program_of, analyst, officer, later):
    pipeline, script = program_of(analyst), program_of(officer)
    known, unknown = desk.ids(1)[0], "nobody-there"

    reference = pipeline.opened(
        kind="erasure", subscription=desk.subscription.name, targets=visitors(known, unknown)
    )
    desk.read()
    preview = script.get(f"/requests/{reference}").json()["preview"]
    script.post(f"/requests/{reference}/approve", {name: preview[name] for name in ("digest", "count")})
    desk.finish(later)

    told = pipeline.get(f"/requests/{reference}").json()
    targets = {each["id"]: each for each in pipeline.get(f"/requests/{reference}/targets").json()["targets"]}
    assert told["state"] == "closed"
    assert (told["progress"]["sent"], told["progress"]["erased"], told["progress"]["not_found"]) == (1, 1, 1)
    assert targets[unknown]["call"] is None
    call = targets[known]["call"]
    assert (call["endpoint"], call["status"], call["verdict"]) == ("bulkdelete/visitor", 200, "ok")
    assert len(call["receipts"]) == 1


def test_nobody_is_entered_as_somebody_else(pipeline, analyst):
    pipeline.opened(**body_of())

    assert Request.objects.get().entered_by == Person.objects.get(pk=analyst.pk)


# -- Holds -------------------------------------------------------------------------------------------------


def hold_body(**changes):
    day = clock.today() + dt.timedelta(days=30)
    return {"reason": "H_LITIGATION", "matter": "Wombat versus Yak", "review_on": day.isoformat()} | changes


def test_legals_program_holds_a_request_and_releases_it(program_of, legal, previewed_request):
    request, program = previewed_request(), program_of(legal)

    held = program.post(f"/requests/{request.reference}/hold", hold_body())
    screen_again(request)
    told = program.get(f"/requests/{request.reference}").json()
    targets = program.get(f"/requests/{request.reference}/targets").json()["targets"]
    released = program.post(f"/requests/{request.reference}/release", {"reason": "Settled."})

    assert (held.status_code, released.status_code) == (200, 200)
    assert (told["preview"]["count"], told["preview"]["held"], told["progress"]["held"]) == (0, 3, 3)
    assert {target["held_because"] for target in targets} == {"H_LITIGATION"}
    assert "Wombat" not in str(told) + str(targets)
    assert request.attentions.filter(settled_at=None).exists()


def test_what_is_not_held_is_not_released_and_a_late_review_is_refused(program_of, legal, previewed_request):
    request, program = previewed_request(), program_of(legal)

    nothing = program.post(f"/requests/{request.reference}/release", {"reason": "Settled."})
    late = program.post(f"/requests/{request.reference}/hold", hold_body(review_on="2020-01-01"))

    assert kind_of_problem(nothing) == "state-changed"
    assert kind_of_problem(late) == "refused"

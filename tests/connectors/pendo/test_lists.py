"""Segments, export jobs and reports."""

import pytest

from compliance.connectors.answers import Verdict
from compliance.connectors.pendo import ExportJob, Report, ids
from compliance.connectors.pendo.lists import export_job_from, job_id_in, report_from, segment_from
from compliance.connectors.pendo.records import visitor_from, visitor_in_row
from compliance.sandbox.lists import Report as SandboxReport
from compliance.sandbox.lists import Segment as SandboxSegment
from compliance.sandbox.records import AppVisits, Visitor
from tests.connectors.scripted import drips, says

VISITORS = Report("r1", lists="visitor")


class Kept(list):
    """Takes ids until there are `most` of them."""

    def __init__(self, most=1_000_000):
        super().__init__()
        self.most, self.rows = most, 0

    def __call__(self, some, rows):
        self.extend(some)
        self.rows = rows
        return len(self) < self.most


@pytest.fixture
def qa(demo):
    """Three visitors, and lists of them."""
    demo.add_visitors(*(Visitor(f"qa-{each}", None, 1, 2) for each in range(3)))
    of_qa = lambda record: record.id.startswith("qa-")  # noqa: E731 -- a rule
    demo.segments = {
        "s1": SandboxSegment("s1", "QA", of_qa),
        "s2": SandboxSegment("s2", "By accounts", of_qa, by_accounts=True),
        "s3": SandboxSegment("s3", "Private", of_qa, shared=False),
    }
    demo.reports = {
        "r1": SandboxReport("r1", "QA", "visitor", of_qa),
        "r2": SandboxReport("r2", "Funnel", "visitor", sort="Funnel"),
    }
    return demo


def test_shared_segments_are_listed_and_those_about_accounts_are_known(qa, pendo):
    answer, segments = pendo.segments()

    assert answer.ok
    assert {each.id: each.mixes_accounts for each in segments} == {"s1": False, "s2": True}


def test_segment_that_is_not_shared_is_not_found(qa, pendo):
    assert pendo.segment("s1")[1].name == "QA"
    assert pendo.segment("s3")[0].verdict is Verdict.NOT_FOUND


def test_visitors_of_a_segment_come_in_pages(qa, pendo):
    _, first = pendo.segment_page("s1", limit=2)
    _, second = pendo.segment_page("s1", after="qa-1", limit=2)

    assert [each.id for each in first + second] == ["qa-0", "qa-1", "qa-2"]


def test_export_is_begun_followed_and_read(sandbox, qa, pendo):
    sandbox.world.settings = type(sandbox.world.settings)(min_interval=0, export_after=0)
    kept = Kept()

    _, job = pendo.begin_export("s2")
    _, status = pendo.export_job("s2", job)
    listed = pendo.export_results("s2", job, keep=kept)

    assert status.says_done
    assert (list(kept), listed.rows, listed.whole) == (["qa-0", "qa-1", "qa-2"], 3, True)


def test_export_that_is_not_done_has_no_results(qa, pendo):
    _, job = pendo.begin_export("s2")

    assert not pendo.export_job("s2", job)[1].says_done
    assert pendo.export_results("s2", job, keep=Kept()).answer.verdict is Verdict.NOT_FOUND
    assert pendo.export_job("s2", "unknown")[0].verdict is Verdict.NOT_FOUND


def test_only_lists_of_public_reports_can_be_read(qa, pendo):
    _, reports = pendo.reports()

    assert {each.id: (each.lists, each.sort) for each in reports} == {
        "r1": ("visitor", "List"),
        "r2": (None, "Funnel"),
    }


def test_reading_stops_when_no_more_is_wanted_and_goes_on_behind_it(qa, pendo, monkeypatch):
    monkeypatch.setattr(ids, "A_HANDFUL", 2)
    first, then = Kept(most=2), Kept()

    stopped = pendo.report_results(VISITORS, keep=first)
    ended = pendo.report_results(VISITORS, skip=stopped.rows, keep=then)

    assert (list(first), stopped.whole) == (["qa-0", "qa-1"], False)
    assert (list(then), ended.rows, ended.whole) == (["qa-2"], 3, True)


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        (b'[{"visitorId": "a", "id": "no"}]', ["a"]),
        (b'[{"name": "x", "Visitor ID": "a"}]', ["a"]),
        (b'[{"visitor_id": 7}]', ["7"]),
        (b'[{"id": "a"}, {"id": null}, {"id": ""}, {}, {"id": "b"}]', ["a", "b"]),
        (b"[]", []),
    ],
)
def test_column_of_ids_is_found_by_its_name(scripted, pendo_at, rows, kept):
    found = Kept()

    listed = pendo_at(scripted(says(200, rows))).report_results(VISITORS, keep=found)

    assert (list(found), listed.whole) == (kept, True)


def test_report_without_such_a_column_names_those_that_it_has(scripted, pendo_at):
    rows = b'[{"Days active": 3, "ana@person.example": 1}]'

    listed = pendo_at(scripted(says(200, rows))).report_results(VISITORS, keep=Kept())

    assert (listed.has_ids, listed.columns) == (False, ("Days active",))


@pytest.mark.parametrize(
    ("body", "kept"),
    [(b"visitorId,name\na,Ana\n", ["a"]), (b"Name,VISITOR_ID\nAna,a\n", ["a"]), (b"a\nb\n", ["a", "b"])],
)
def test_column_of_ids_in_csv_is_found_by_its_name_or_is_the_only_one(scripted, pendo_at, body, kept):
    found = Kept()

    pendo_at(scripted(says(200, body))).export_results("s1", "j1", keep=found)

    assert list(found) == kept


@pytest.mark.parametrize("body", [b"", b"<html>", b'[{"visitorId": "a"}', b"[1]"])
def test_what_is_no_table_is_no_answer(scripted, pendo_at, body):
    listed = pendo_at(scripted(says(200, body))).report_results(VISITORS, keep=Kept())

    assert (listed.answer.verdict, listed.whole) == (Verdict.GARBLED, False)


def test_table_that_never_ends_is_lost_at_the_deadline(scripted, pendo_at):
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nvisitorId\n"

    pendo = pendo_at(scripted(drips(b"a\n", first=head)), deadline=0.4)

    assert pendo.export_results("s1", "j1", keep=Kept()).answer.verdict is Verdict.LOST


def test_what_keeping_raises_passes(qa, pendo):
    def keep(*_):
        raise ValueError("from outside")

    with pytest.raises(ValueError, match="from outside"):
        pendo.report_results(VISITORS, keep=keep)


@pytest.mark.parametrize(
    ("word", "done", "failed", "known"),
    [
        ("Finish", True, False, True),
        ("COMPLETED", True, False, True),
        ("Error", False, True, True),
        ("running", False, False, True),
        ("half-baked", False, False, False),
    ],
)
def test_words_for_a_job_are_known_or_waited_on(word, done, failed, known):
    job = ExportJob(word)

    assert (job.says_done, job.says_failed, job.says_nothing_unknown) == (done, failed, known)


def test_job_and_list_are_read_by_several_names_of_their_fields():
    assert [job_id_in(data) for data in ({"jobId": "a"}, {"id": "a"}, "a", {"x": "a"}, None)] == [
        "a",
        "a",
        "a",
        "",
        "",
    ]
    assert export_job_from({"state": "done"}) == export_job_from("done") == ExportJob("done")
    assert export_job_from({"progress": 3}) is None
    assert segment_from({"rootVersionId": "s"}).id == "s"
    assert segment_from({"name": "s"}) is None
    assert report_from({"id": "r", "definition": {"type": "List", "kind": "account"}}).lists == "account"
    assert report_from({"id": "r", "definition": "?"}).lists is None


# -- Over all applications -----------------------------------------------------------------------------------

EVERYWHERE = Visitor(
    "ana",
    None,
    2_000,
    3_000,
    ("a",),
    custom=(("env", "qa"), ("runs", 3), ("beta", True), ("list", ["x"])),
    apps=(AppVisits(5, 1_000, 9_000, ("b", "a")),),
)
FIELDS = ("custom.env", "custom.runs", "custom.beta", "custom.list", "custom.none")
VALUES = {"custom.env": "qa", "custom.runs": "3", "custom.beta": "true"}


def shape(visitor):
    return (
        visitor.accounts,
        visitor.first_visit.timestamp(),
        visitor.last_visit.timestamp(),
        dict(visitor.fields),
    )


def test_visits_and_accounts_of_one_are_those_of_all_applications(pendo, demo):
    demo.add_visitors(EVERYWHERE)

    assert shape(pendo.visitor("ana", fields=FIELDS).visitor) == (("a", "b"), 1, 9, VALUES)


def test_visits_and_accounts_of_many_are_those_of_all_applications(pendo, demo):
    demo.add_visitors(EVERYWHERE)
    _, apps = pendo.applications()

    _, page = pendo.visitors_page(after="amz", limit=1, apps=apps, fields=FIELDS)
    _, asked = pendo.visitors_named(["ana"], apps=apps, fields=FIELDS)

    assert apps == ["auto__5"]
    assert [shape(each) for each in (*page, asked["ana"])] == [(("a", "b"), 1, 9, VALUES)] * 2


def test_applications_are_known_by_the_guides_where_the_schema_names_none(scripted, pendo_at):
    server = scripted(says(404), says(200, b'[{"id": "g", "appId": 7}, {"id": "h", "appId": -3}]'))

    assert pendo_at(server).applications()[1] == ["auto__7"]


def test_row_without_any_of_it_is_a_visitor_all_the_same():
    assert visitor_in_row({"visitorId": "a"}, fields=("x.y",)).fields == {}
    assert visitor_from({"id": "a", "metadata": None}, fields=("x.y",)).fields == {}

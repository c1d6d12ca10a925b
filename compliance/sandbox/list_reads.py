"""What is asked about segments and reports. An export changes nothing: a key that only reads may begin it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING
from uuid import uuid4

from compliance.sandbox.answers import Answer, json_answer
from compliance.sandbox.lists import Export, Report, Segment
from compliance.sandbox.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance.sandbox.calls import Call

CSV = "text/csv; charset=utf-8"


def segments(call: Call) -> Answer:
    """Answer the shared segments."""
    return json_answer([each.shown() for each in call.at.segments.values() if each.shared])


def segment(call: Call) -> Answer:
    """Answer one segment; 404 for one that isn't there, or isn't shared."""
    return json_answer(_segment(call).shown())


def begin_export(call: Call) -> Answer:
    """Begin a job that exports the visitors of a segment; the field of its id is documented nowhere."""
    found = _segment(call)
    export = Export(uuid4().hex, found.id, call.world.clock())
    with call.world.lock:
        call.at.exports[export.id] = export
    return json_answer({"jobId": export.id})


def export_status(call: Call) -> Answer:
    """Answer how a job stands; its words are documented nowhere."""
    done = _is_done(call, _export(call))
    return json_answer({"status": call.world.settings.export_word if done else "running"})


def export_results(call: Call) -> Answer:
    """Answer the visitors as CSV; 404 before the job is done."""
    if not _is_done(call, _export(call)):
        raise Problem(404, "no results yet")
    members = _segment(call).members(call.at)
    return _csv([["visitorId"], *([each] for each in members)])


def reports(call: Call) -> Answer:
    """Answer the public reports, also those whose results can't be had."""
    return json_answer([each.shown() for each in call.at.reports.values() if each.public])


def report_results(call: Call) -> Answer:
    """Answer the rows of a report as a JSON array."""
    return json_answer(_report(call).rows(call.at))


def report_results_csv(call: Call) -> Answer:
    """Answer the rows of a report as CSV."""
    rows = _report(call).rows(call.at)
    return _csv([list(rows[0] if rows else {}), *([str(cell) for cell in row.values()] for row in rows)])


def _segment(call: Call) -> Segment:
    found = call.at.segments.get(call.params["id"])
    if found is None or not found.shared:
        raise Problem(404, "Entity not found")
    return found


def _export(call: Call) -> Export:
    found = call.at.exports.get(call.params["job"])
    if found is None or found.segment != call.params["id"]:
        raise Problem(404, "Entity not found")
    return found


def _is_done(call: Call, export: Export) -> bool:
    return call.world.clock() - export.begun_at >= call.world.settings.export_after


def _report(call: Call) -> Report:
    found = call.at.reports.get(call.params["id"])
    if found is None or not found.public or found.sort != "List":
        raise Problem(404, "not found")
    return found


def _csv(rows: Iterable[list[str]]) -> Answer:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return Answer(200, text.getvalue().encode(), CSV)

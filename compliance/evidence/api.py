"""Taking ledger entries away over REST: the same export as on screen, streamed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.http import HttpResponseBase, StreamingHttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from compliance.core.problems import INVALID, NOT_FOUND, REFUSED, CallRefused, FieldProblem
from compliance.core.schemas import Day, refuse_unknown_parameters
from compliance.people.access import Act
from compliance.people.bearer import Called, read
from compliance.people.scopes import Scope
from compliance.workflow.calls import found
from compliance.workflow.problems import NOT_THIS_PERSON
from compliance.workflow.reach import reaches_all

from .exports import prepare, take
from .history import export_history
from .models import FileFormat, What
from .views import CONTENT_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

router = Router(tags=["Audit"])
#: Nothing is recorded outside of these years; a day at the end of all days has no day after it.
FIRST, LAST = dt.date(2000, 1, 1), dt.date(9000, 1, 1)


class ExportAsked(BaseModel):
    """Which entries, and how they are written."""

    begin: Day | None = Field(default=None, alias="from", description="The first day of a period.")
    end: Day | None = Field(default=None, alias="to", description="Its last day, included.")
    request: str | None = Field(
        default=None, max_length=20, description="In place of a period: one request's whole history."
    )
    format: FileFormat = Field(
        default=FileFormat.JSON_LINES, description="`jsonl` verifies; `csv` is for a spreadsheet."
    )


def _as_file() -> dict[str, Any]:
    """As `read`, with a file as the answer."""
    told = read(Scope.EXPORT, Act.EXPORT_HISTORY, NOT_FOUND, NOT_THIS_PERSON, REFUSED)
    told["openapi_extra"]["responses"][200] = {
        "description": "The entries, one a line.",
        "content": {
            content_type.partition(";")[0]: {"schema": {"type": "string"}}
            for content_type in CONTENT_TYPES.values()
        },
    }
    return told


@router.get("/export", summary="Take ledger entries away", response=None, **_as_file())
def audit_export(request: Called, asked: Query[ExportAsked]) -> HttpResponseBase:
    """Everything recorded in a period, or one request's history. That it was taken is recorded, too.

    A period is about every request there is: whoever doesn't reach all of them takes one request's history.
    """
    refuse_unknown_parameters(request, ExportAsked)
    if asked.request is not None and asked.begin is None and asked.end is None:
        return _file(
            export_history(
                request=found(request, asked.request), file_format=asked.format, by=request.auth.person
            ),
            asked.format,
        )
    begin, end = _period(asked)
    by = request.auth.person
    if not reaches_all(by, Act.EXPORT_LEDGER):
        raise CallRefused(
            NOT_THIS_PERSON, "Your roles don't reach every request: name one in place of a period."
        )
    export = prepare(what=What.RECORDED, file_format=asked.format, begin=begin, end=end, by=by)
    return _file(take(export=export, by=by), asked.format)


def _period(asked: ExportAsked) -> tuple[dt.date, dt.date]:
    """The days that are asked for. Raises `CallRefused`."""
    if asked.request is not None or asked.begin is None or asked.end is None:
        raise CallRefused(INVALID, "Give either from and to, or request.")
    wrong = [
        FieldProblem(pointer=name, detail="Give a day from 2000 on.")
        for name, day in (("from", asked.begin), ("to", asked.end))
        if not FIRST <= day < LAST
    ]
    if asked.end < asked.begin:
        wrong.append(FieldProblem(pointer="to", detail="The period ends before it begins."))
    if wrong:
        raise CallRefused(INVALID, "Mend these fields.", wrong)
    return asked.begin, asked.end


def _file(lines: Iterator[str], file_format: FileFormat) -> HttpResponseBase:
    return StreamingHttpResponse(lines, content_type=CONTENT_TYPES[file_format])

"""Taking ledger entries away: prepared and counted first, then sent line by line, as often as is needed.

Nothing is kept of a file. Its progress is written every few thousand entries, so a page can show it.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused

from .contents import SLICE, Contents, contents_of, digest_over, newest_entry
from .history import COLUMNS_OF_MANY, WRITERS, rows_of
from .models import Export, FileFormat, What

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator

    from compliance.people.models import Person
    from compliance.workflow.models import Request

#: Lines of a file before its first entry.
HEADER_LINES = {FileFormat.CSV: 1, FileFormat.JSON_LINES: 0}


@transaction.atomic
def prepare(
    *,
    what: What,
    file_format: FileFormat,
    by: Person,
    begin: dt.date | None = None,
    end: dt.date | None = None,
    requests: Collection[Request] = (),
) -> Export:
    """The export stands, counted, and may be taken. Raises `Refused` where there is nothing to take."""
    export = Export.objects.create(what=what, file_format=file_format, begin=begin, end=end, by=by)
    export.requests.set(requests)
    _count(export, contents_of(export), newest_entry())
    if not export.total:
        raise Refused("There is nothing to take: no entry fits. Choose another period, or other requests.")
    export.save()
    return export


def take(*, export: Export, by: Person) -> Iterator[str]:
    """The file, up to what stands in the ledger now; that it is taken stands there, too."""
    export = _begin(export, by)
    contents, until = contents_of(export), newest_entry()
    digest = digest_over(contents.references())
    # Counting a large export takes seconds, in which nobody else could write: it is done before.
    _count(export, contents, until)
    with transaction.atomic():
        _note(export, **{name: getattr(export, name) for name in _COUNTED})
        ledger.record(
            Event.EXPORT_STARTED,
            chain=export.chain,
            actor=by.reference,
            what=_what(export),
            format=export.file_format,
            requests=export.request_count,
            entries=export.total,
            digest=digest,
        )
    return _sent(export, contents, until)


@transaction.atomic
def _begin(export: Export, by: Person) -> Export:
    """Whoever took it before takes it no more; one request's own history says that it was taken, too."""
    export = Export.objects.select_for_update().get(pk=export.pk)
    now = clock.now()
    export.taking += 1
    export.started_at, export.moved_at, export.done = now, now, 0
    export.finished_at = export.broken_at = None
    export.save()
    if export.what == What.CHOSEN and export.request_count == 1:
        chain = export.requests.get().chain
        ledger.record(Event.HISTORY_EXPORTED, chain=chain, actor=by.reference, format=export.file_format)
    return export


def _sent(export: Export, contents: Contents, until: int) -> Iterator[str]:
    """The file in blocks of lines. Whoever stops reading has broken it off."""
    rows = itertools.chain.from_iterable(rows_of(entries) for entries in contents.slices(until))
    lines = WRITERS[export.file_format](rows, COLUMNS_OF_MANY)
    sent = -HEADER_LINES[FileFormat(export.file_format)]
    try:
        while block := list(itertools.islice(lines, SLICE)):
            yield "".join(block)
            sent += len(block)
            _note(export, done=sent, moved_at=clock.now())
    except BaseException:
        _end(export, Event.EXPORT_BROKEN_OFF, "broken_at", entries=max(sent, 0), total=export.total)
        raise
    _end(export, Event.EXPORT_FINISHED, "finished_at", entries=sent)


@transaction.atomic
def _end(export: Export, event: Event, field: str, **facts: int) -> None:
    _note(export, **{field: clock.now()})
    ledger.record(event, chain=export.chain, actor=ledger.SYSTEM, **facts)


def _note(export: Export, **changes: Any) -> None:
    """The changes stand, unless somebody has begun to take the export anew."""
    Export.objects.filter(pk=export.pk, taking=export.taking).update(**changes)


_COUNTED = ("request_count", "chain_count", "whole_count", "total")


def _count(export: Export, contents: Contents, until: int) -> None:
    for name, count in zip(_COUNTED, contents.counts(until), strict=True):
        setattr(export, name, count)


def _what(export: Export) -> str:
    label = What(export.what).label
    words = label[0].lower() + label[1:]
    return f"{words} ({export.period})" if export.period else words

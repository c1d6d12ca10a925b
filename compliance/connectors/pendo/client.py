"""One method for each of Pendo's calls that deletion needs. Source: Engage API documentation."""

from __future__ import annotations

import base64
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar
from urllib.parse import quote

from compliance.connectors.answers import Answer, Verdict
from compliance.connectors.http import Wire

from .ids import CsvIds, Ids, JsonIds, Keep
from .lists import (
    ExportJob,
    Listed,
    Report,
    Segment,
    export_job_from,
    job_id_in,
    report_from,
    segment_from,
)
from .records import (
    AUTO,
    EMAIL_FIELD,
    LAST_UPDATED,
    Account,
    AccountLookup,
    Deletion,
    Guide,
    KeyCheck,
    Lookup,
    RecordKind,
    Visitor,
    account_from,
    apps_in,
    deletion_from,
    deletions_from,
    guide_from,
    list_in,
    rows_in,
    text_fields_from,
    visitor_columns,
    visitor_from,
    visitor_in_row,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence

Record = TypeVar("Record", Account, Guide, Report, Segment, Visitor)

API = "/api/v1"
MOST_IDS_A_CALL = 500
PAGE = 5_000
#: How to escape inside Pendo's filter expressions is not documented: no text with one of these goes into one.
UNQUOTABLE = frozenset("\"'`\\")
#: Answers after which an id is tried in the other padding of base64.
UNREAD = frozenset({Verdict.NOT_FOUND, Verdict.BAD_REQUEST})
BASE64 = {"x-pendo-base64-encoded-params": "true"}
#: One question about the last visits of many names so many: how long a filter may be is not documented.
MOST_IDS_A_QUESTION = 100
#: In a reset's path these stand for "every guide of the visitor" and "every staged guide".
RESERVED_GUIDES = frozenset({"all", "staged"})
#: Path segments that no encoding keeps: every server and client resolves them away.
DOT_SEGMENTS = frozenset({"", ".", ".."})


class Tempo(Protocol):
    """How fast Pendo is asked."""

    def wait(self) -> None:
        """Returns when the next question may be asked."""

    def again(self, answer: Answer) -> bool:
        """Takes note of an answer; whether the same question is to be asked once more, at the next slot."""


class _NoTempo:
    """As fast as can be."""

    def wait(self) -> None:
        """At once."""

    def again(self, answer: Answer) -> bool:
        """Every answer is good enough."""
        return False


class Pendo:
    """Warm connections to one subscription. Use as a context manager; every answer is typed, none raises.

    Any thread may call it. What only asks keeps the tempo, if there is one; what changes something is sent at
    once and once, for whoever sends it has to know.
    """

    def __init__(self, *, base_url: str, key: str, deadline: float) -> None:
        """`deadline`: seconds for one whole call."""
        self._wire = Wire(base_url=base_url, headers={"x-pendo-integration-key": key}, deadline=deadline)
        self._tempo: Tempo = _NoTempo()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Connections closed."""
        self._wire.__exit__()

    @property
    def heard(self) -> bool:
        """Whether Pendo has given a usable answer to any call over this connection."""
        return self._wire.heard

    def keep_to(self, tempo: Tempo) -> None:
        """Questions are asked at this tempo from now on."""
        self._tempo = tempo

    # -- the key -------------------------------------------------------------------------------------------

    def verify_key(self) -> KeyCheck:
        """GET /token/verify: whether the key is valid, and may write. Invalid: 403 with an empty body."""
        answer = self._ask("GET", f"{API}/token/verify")
        if not answer.ok:
            return KeyCheck(answer)
        if not isinstance(answer.data, dict):
            return KeyCheck(answer.garbled())
        return KeyCheck(answer, answer.data.get("valid") is True, answer.data.get("writeAccess") is True)

    # -- looking -------------------------------------------------------------------------------------------

    def visitor(
        self, visitor_id: str, *, email_field: str = EMAIL_FIELD, fields: Sequence[str] = ()
    ) -> Lookup:
        """GET /visitor/b64_...: NOT_FOUND only if Pendo knows the id in neither padding of base64."""
        answer = self._record("visitor", visitor_id)
        visitor = visitor_from(answer.data, email_field=email_field, fields=fields) if answer.ok else None
        wrong = answer.ok and (visitor is None or visitor.id != visitor_id)
        return Lookup(answer.garbled()) if wrong else Lookup(answer, visitor)

    def account(self, account_id: str) -> AccountLookup:
        """GET /account/b64_...: as `visitor`."""
        answer = self._record("account", account_id)
        account = account_from(answer.data) if answer.ok else None
        wrong = answer.ok and (account is None or account.id != account_id)
        return AccountLookup(answer.garbled()) if wrong else AccountLookup(answer, account)

    def visitors_page(
        self,
        *,
        after: str = "",
        limit: int = PAGE,
        email_field: str = EMAIL_FIELD,
        marked: bool = False,
        updated_since: dt.datetime | None = None,
        apps: Sequence[str] = (),
        fields: Sequence[str] = (),
    ) -> tuple[Answer, list[Visitor]]:
        """One page of so many visitors at most in the order of their ids, above `after`; excluded ones, too.

        `marked`: of those that are marked Do Not Process instead, who needn't be visitors any more.
        `updated_since`: only those who were changed since. `apps`: visits and accounts are wanted of these
        applications, too, as `applications` names them. `fields`: with the values of these. Whoever pages
        goes on from the last id that `quotable` allows.
        """
        source = {"doNotProcessVisitors": None} if marked else {"visitors": {"blacklist": "ignore"}}
        columns = {"select": visitor_columns(email_field, apps=apps, fields=fields)}
        answer, rows = self._page(source, "visitorId", after, limit, columns, updated_since=updated_since)
        return _all_or_garbled(answer, (visitor_in_row(row, fields=fields) for row in rows))

    def accounts_page(
        self, *, after: str = "", limit: int = PAGE, updated_since: dt.datetime | None = None
    ) -> tuple[Answer, list[Account]]:
        """One page of so many accounts at most, as `visitors_page`.

        In a subscription with parent accounts, these are the child accounts only (Engage API, p. 79).
        """
        source = {"accounts": {"blacklist": "ignore"}}
        answer, rows = self._page(source, "accountId", after, limit, updated_since=updated_since)
        return _all_or_garbled(answer, map(account_from, rows))

    def text_fields(self) -> tuple[Answer, list[str]]:
        """GET /metadata/schema/visitor: the fields that may hold an e-mail address (Engage API, p. 52)."""
        answer = self._ask("GET", f"{API}/metadata/schema/visitor")
        fields = text_fields_from(answer.data) if answer.ok else []
        return (answer, fields) if fields is not None else (answer.garbled(), [])

    def guides(self) -> tuple[Answer, list[Guide]]:
        """GET /guide?expand=*: the guides of all applications (Engage API, p. 39)."""
        answer = self._ask("GET", f"{API}/guide?expand=*")
        rows = list_in(answer.data) if answer.ok else []
        return (answer.garbled(), []) if rows is None else _all_or_garbled(answer, map(guide_from, rows))

    def visitors_named(
        self,
        visitor_ids: Sequence[str],
        *,
        email_field: str = EMAIL_FIELD,
        apps: Sequence[str] = (),
        fields: Sequence[str] = (),
    ) -> tuple[Answer, dict[str, Visitor]]:
        """Those of up to 100 `quotable` visitors that Pendo shows, by their ids (POST /aggregation).

        `apps` and `fields` as of `visitors_page`. Who isn't in the answer isn't known to be absent: ask for
        them one by one.
        """
        if len(visitor_ids) > MOST_IDS_A_QUESTION:
            raise ValueError(f"up to {MOST_IDS_A_QUESTION} ids a question")
        answer, rows = self._aggregate(
            # Who is on the exclude list would be left out otherwise (Engage API, p. 76).
            {"source": {"visitors": {"blacklist": "ignore"}}},
            {"filter": _any_of(visitor_ids)},
            {"limit": MOST_IDS_A_QUESTION},
            {"select": visitor_columns(email_field, apps=apps, fields=fields)},
        )
        found = [visitor for row in rows if (visitor := visitor_in_row(row, fields=fields))]
        shown = {visitor.id: visitor for visitor in found}
        return answer, {each: shown[each] for each in visitor_ids if each in shown}

    def applications(self) -> tuple[Answer, list[str]]:
        """The groups of metadata that the subscription's applications have of their own, such as `auto__5`.

        GET /metadata/schema/visitor lists groups, and GET /guide?expand=* the application of each guide; no
        page lists the applications themselves.
        """
        answer = self._ask("GET", f"{API}/metadata/schema/visitor")
        groups = apps_in(answer.data) if answer.ok else []
        if not answer.ok and answer.verdict not in UNREAD:
            return answer, []
        answer, guides = self.guides()
        numbers = {f"{AUTO}__{guide.app}" for guide in guides}
        return answer, sorted({*groups, *apps_in(dict.fromkeys(numbers))})

    def some_visitors(
        self, limit: int, *, after: str = "", from_the_end: bool = False
    ) -> tuple[Answer, list[str]]:
        """Ids of up to `limit` identified visitors above `after`, in order (POST /aggregation).

        The first ones, or, `from_the_end`, the last ones, the very last one first.
        """
        beyond = [{"filter": f'visitorId > "{_quotable_or_refused(after)}"'}] if after else []
        answer, rows = self._aggregate(
            {"source": {"visitors": None}},
            {"identified": "visitorId"},
            {"sort": ["-visitorId" if from_the_end else "visitorId"]},
            *beyond,
            {"limit": limit},
            {"select": {"visitorId": "visitorId"}},
        )
        return answer, _column(rows, "visitorId")

    def guide_ids(self) -> tuple[Answer, list[str]]:
        """GET /guide: the ids of the default application's guides."""
        answer = self._ask("GET", f"{API}/guide")
        rows = list_in(answer.data) if answer.ok else []
        return (answer, _column(rows, "id")) if rows is not None else (answer.garbled(), [])

    # -- segments and reports ------------------------------------------------------------------------------

    def segments(self) -> tuple[Answer, list[Segment]]:
        """GET /segment: the shared segments only (Engage API, p. 24)."""
        answer = self._ask("GET", f"{API}/segment")
        rows = rows_in(answer.data) if answer.ok else []
        return (answer.garbled(), []) if rows is None else _all_or_garbled(answer, map(segment_from, rows))

    def segment(self, segment_id: str) -> tuple[Answer, Segment | None]:
        """GET /segment/{id}: NOT_FOUND for one that isn't there, or isn't shared (Engage API, p. 24)."""
        answer = self._ask("GET", f"{API}/segment/{quote(segment_id, safe='')}")
        segment = segment_from(answer.data) if answer.ok else None
        return (answer.garbled() if answer.ok and segment is None else answer), segment

    def segment_page(
        self, segment_id: str, *, after: str = "", limit: int = PAGE
    ) -> tuple[Answer, list[Visitor]]:
        """One page of at most so many of the segment's visitors, in order, above `after`: only their ids.

        By the pipeline operator `segment` (Engage API, p. 122), which isn't said to do for a segment that
        mixes rules about accounts. Whoever pages goes on from the last id that `quotable` allows.
        """
        answer, rows = self._page(
            {"visitors": {"blacklist": "ignore"}},
            "visitorId",
            after,
            limit,
            {"select": {"visitorId": "visitorId"}},
            first=[{"segment": {"id": segment_id}}],
        )
        return _all_or_garbled(answer, map(visitor_in_row, rows))

    def begin_export(self, segment_id: str) -> tuple[Answer, str]:
        """POST /segment/{id}/visitors: an export job is begun; its id (Engage API, p. 25).

        Harmless to repeat: an earlier job is left alone.
        """
        answer = self._ask("POST", f"{API}/segment/{quote(segment_id, safe='')}/visitors")
        job = job_id_in(answer.data) if answer.ok else ""
        return (answer.garbled() if answer.ok and not job else answer), job

    def export_job(self, segment_id: str, job: str) -> tuple[Answer, ExportJob | None]:
        """GET .../visitors/{job}/status: NOT_FOUND for an unknown job (Engage API, p. 26)."""
        answer = self._ask("GET", f"{self._export(segment_id, job)}/status")
        found = export_job_from(answer.data) if answer.ok else None
        return (answer.garbled() if answer.ok and found is None else answer), found

    def export_results(self, segment_id: str, job: str, *, skip: int = 0, keep: Keep) -> Listed:
        """GET .../visitors/{job}/results/csv: ids go to `keep`, some at a time, as long as it wants more.

        The first `skip` rows are passed over (Engage API, p. 27: CSV only).
        """
        return self._listed(f"{self._export(segment_id, job)}/results/csv", CsvIds("visitor", skip, keep))

    def reports(self) -> tuple[Answer, list[Report]]:
        """GET /report: the public reports, those that can't be read too (Engage API, p. 36)."""
        answer = self._ask("GET", f"{API}/report")
        rows = rows_in(answer.data) if answer.ok else []
        return (answer.garbled(), []) if rows is None else _all_or_garbled(answer, map(report_from, rows))

    def report_results(self, report: Report, *, skip: int = 0, keep: Keep) -> Listed:
        """GET /report/{id}/results.json: the ids of its visitors or accounts go to `keep`.

        As `export_results`; the names of the columns depend on the report (Engage API, p. 38).
        """
        if report.lists is None:
            raise ValueError("this report can't be read")
        path = f"{API}/report/{quote(report.id, safe='')}/results.json"
        return self._listed(path, JsonIds(report.lists, skip, keep))

    # -- deleting ------------------------------------------------------------------------------------------

    def delete_visitors(self, ids: Sequence[str]) -> tuple[Answer, Deletion | None]:
        """POST /bulkdelete/visitor, up to 500 ids: queued, and Do Not Process at once (Engage API, p. 20).

        400 for a batch holds an id that is queued already and has not started; one answer's request id may
        stand for several posts.
        """
        return self._delete("visitor", ids)

    def delete_accounts(self, ids: Sequence[str]) -> tuple[Answer, Deletion | None]:
        """POST /bulkdelete/account: as `delete_visitors`. No page says that its visitors go with it."""
        return self._delete("account", ids)

    def open_deletions(self) -> tuple[Answer, list[Deletion]]:
        """GET /bulkdelete: the deletion requests not yet completed (Engage API, p. 22)."""
        answer = self._ask("GET", f"{API}/bulkdelete")
        deletions = deletions_from(answer.data) if answer.ok else []
        return (answer, deletions) if deletions is not None else (answer.garbled(), [])

    def deletion(self, request_id: str) -> tuple[Answer, Deletion | None]:
        """GET /bulkdelete/{id}: works after completion, too (Engage API, p. 22)."""
        answer = self._ask("GET", f"{API}/bulkdelete/{quote(request_id, safe='')}")
        deletion = deletion_from(answer.data) if answer.ok else None
        return (answer.garbled() if answer.ok and deletion is None else answer), deletion

    def do_not_process(self, record: RecordKind = "visitor", *, after: str = "") -> tuple[Answer, list[str]]:
        """One page of at most 5,000 ids marked Do Not Process, in order, above `after`.

        Whoever pages goes on from the last id that `quotable` allows.
        """
        field, source = f"{record}Id", f"doNotProcess{record.capitalize()}s"
        answer, rows = self._page({source: None}, field, after, PAGE, {"select": {field: field}})
        return answer, _column(rows, field)

    def marked_among(self, visitor_ids: Sequence[str]) -> tuple[Answer, set[str]]:
        """Those of up to 100 `quotable` visitors that are marked Do Not Process (POST /aggregation)."""
        if len(visitor_ids) > MOST_IDS_A_QUESTION:
            raise ValueError(f"up to {MOST_IDS_A_QUESTION} ids a question")
        answer, rows = self._aggregate(
            {"source": {"doNotProcessVisitors": None}},
            {"filter": _any_of(visitor_ids)},
            {"limit": MOST_IDS_A_QUESTION},
            {"select": {"visitorId": "visitorId"}},
        )
        return answer, set(_column(rows, "visitorId")) & set(visitor_ids)

    # -- one at a time -------------------------------------------------------------------------------------

    def reset_guides(self, *, guide: str, visitor_id: str | None) -> Answer:
        """POST /guide/.../reset: guides are shown afresh (Engage API, p. 44-47).

        One guide in any state, or all (`guide` empty), for one visitor; or for everybody (`visitor_id` None)
        one staged guide: that wipes its data, poll answers too. 404 for an unknown guide, 400 for one that
        isn't staged. Pendo's call for all staged ones is never made: it would wipe whatever is staged when
        it arrives. Raises `ValueError` for what `can_be_reset` refuses.
        """
        if not can_be_reset(guide=guide, visitor_id=visitor_id):
            raise ValueError("a path can't name this")
        if visitor_id is None:
            path = f"{quote(guide, safe='')}/reset"
        else:
            # Whether base64 is understood here is not documented, so ids are percent-encoded.
            path = f"{quote(guide, safe='') or 'all'}/visitor/{quote(visitor_id, safe='')}/reset"
        return _taken(self._wire.send("POST", f"{API}/guide/{path}"))

    def set_do_not_process(self, visitor_id: str) -> Answer:
        """PUT .../donotprocess with `true`: Pendo takes in nothing more of this visitor (Engage API, p. 54).

        What it has stays. What comes meanwhile can't be recovered.
        """
        return self._put_do_not_process(visitor_id, value=True)

    def lift_do_not_process(self, visitor_id: str) -> Answer:
        """PUT .../donotprocess with `false`: Pendo takes in this visitor's data again (Engage API, p. 54)."""
        return self._put_do_not_process(visitor_id, value=False)

    # -- how -----------------------------------------------------------------------------------------------

    def _put_do_not_process(self, visitor_id: str, *, value: bool) -> Answer:
        def put(packed: str) -> Answer:
            path = f"{API}/metadata/visitor/pendo/value/{packed}/donotprocess"
            return _taken(self._wire.send("PUT", path, payload=value, headers=BASE64))

        return _in_either_padding(visitor_id, put)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        payload: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to a question. None changes anything, so that it may be asked again."""
        while True:
            self._tempo.wait()
            answer = self._wire.send(method, path, payload=payload, headers=headers)
            if not self._tempo.again(answer):
                return answer

    def _delete(self, record: RecordKind, ids: Sequence[str]) -> tuple[Answer, Deletion | None]:
        if not 1 <= len(ids) <= MOST_IDS_A_CALL:
            raise ValueError(f"1 to {MOST_IDS_A_CALL} ids a call")
        answer = self._wire.send("POST", f"{API}/bulkdelete/{record}", payload={f"{record}s": list(ids)})
        deletion = deletion_from(answer.data) if answer.ok else None
        return (answer.garbled() if answer.ok and deletion is None else answer), deletion

    def _record(self, kind: RecordKind, record_id: str) -> Answer:
        """The answer to a look-up by base64."""

        def get(packed: str) -> Answer:
            return self._ask("GET", f"{API}/{kind}/{packed}", headers=BASE64)

        return _in_either_padding(record_id, get)

    def _page(
        self,
        source: dict[str, Any],
        id_field: str,
        after: str,
        limit: int,
        *then: dict[str, Any],
        updated_since: dt.datetime | None = None,
        first: Sequence[dict[str, Any]] = (),
    ) -> tuple[Answer, list[Any]]:
        steps: list[dict[str, Any]] = [{"source": source}, *first, {"sort": [id_field]}]
        if after:
            steps.append({"filter": f'{id_field} > "{_quotable_or_refused(after)}"'})
        if updated_since:
            steps.append({"filter": f"{LAST_UPDATED} >= {int(updated_since.timestamp() * 1000)}"})
        return self._aggregate(*steps, {"limit": limit}, *then)

    def _export(self, segment_id: str, job: str) -> str:
        return f"{API}/segment/{quote(segment_id, safe='')}/visitors/{quote(job, safe='')}"

    def _listed(self, path: str, ids: Ids) -> Listed:
        """What was read of a table of members. Only what `keep` raises passes."""
        while True:
            self._tempo.wait()
            answer = self._wire.read(path, take=ids.take)
            if ids.begun or not self._tempo.again(answer):
                return ids.listed(answer)

    def _aggregate(self, *pipeline: dict[str, Any]) -> tuple[Answer, list[Any]]:
        answer = self._ask(
            "POST",
            f"{API}/aggregation",
            payload={
                "response": {"mimeType": "application/json"},
                "request": {"requestId": "erasure-desk", "pipeline": list(pipeline)},
            },
        )
        if not answer.ok:
            return answer, []
        # A server in Go writes an empty page as `null`. That it is the last isn't taken from that alone:
        # a scan that ends too soon misses control visitors, who are chosen from both ends of the ids.
        named = isinstance(answer.data, dict) and "results" in answer.data
        rows = list_in(answer.data["results"]) if named else None
        return (answer, rows) if rows is not None else (answer.garbled(), [])


def _all_or_garbled(answer: Answer, found: Iterable[Record | None]) -> tuple[Answer, list[Record]]:
    """The records, if every row was one: a page with a hole in it isn't that page."""
    rows = list(found)
    records = [record for record in rows if record is not None]
    return (answer, records) if len(records) == len(rows) else (answer.garbled(), [])


def can_be_reset(*, guide: str, visitor_id: str | None) -> bool:
    """Whether the path of a reset can name exactly this guide and visitor, and nothing else."""
    named = [guide] if visitor_id is None else [guide or "all", visitor_id]
    return guide not in RESERVED_GUIDES and not DOT_SEGMENTS.intersection(named)


def quotable(text: str) -> bool:
    """Whether the text can stand in one of Pendo's filter expressions without any escaping."""
    return not UNQUOTABLE & frozenset(text) and text.isprintable()


def _quotable_or_refused(text: str) -> str:
    if not quotable(text):
        raise ValueError("this text cannot stand in a filter expression")
    return text


def _any_of(visitor_ids: Sequence[str]) -> str:
    return " || ".join(f'visitorId == "{_quotable_or_refused(each)}"' for each in visitor_ids)


def _column(rows: list[Any], name: str) -> list[str]:
    return [row[name] for row in rows if isinstance(row, dict) and isinstance(row.get(name), str)]


def _in_either_padding(record_id: str, ask: Callable[[str], Answer]) -> Answer:
    """The answer to the padded id, or to the unpadded one where that is the only form that can be read.

    Which padding Pendo expects is not documented. A wrong one would look like an absence, or be refused with
    400; of the two answers, one that isn't 400 comes from a server that could read the id.
    """
    padded = "b64_" + base64.urlsafe_b64encode(record_id.encode()).decode()
    first = ask(padded)
    if first.verdict not in UNREAD or not padded.endswith("="):
        return first
    second = ask(padded.rstrip("="))
    return first if second.verdict is Verdict.BAD_REQUEST else second


def _taken(answer: Answer) -> Answer:
    """A 200 counts here whether its body is JSON, a word or empty: no page says what stands in it.

    Half of a JSON text doesn't count, nor does a page of HTML: that comes from something before Pendo.
    """
    half_or_page = answer.body.lstrip().startswith((b"<", b"{", b"["))
    if answer.verdict is Verdict.GARBLED and answer.status == HTTPStatus.OK and not half_or_page:
        return replace(answer, verdict=Verdict.OK)
    return answer

"""Taking many entries away: what is in the file, what is recorded, and what becomes of a broken one."""

import csv
import datetime as dt
import hashlib
import io
import json
from itertools import groupby

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.audit.chain import canonical, first_fault
from compliance.audit.models import Chain, Entry
from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.evidence import contents, exports
from compliance.evidence.exports import prepare, take
from compliance.evidence.history import COLUMNS_OF_MANY
from compliance.evidence.models import SILENCE, Export, FileFormat, Progress, What
from compliance.people.membership import add_person
from compliance.people.roles import Role
from compliance.workflow.approvals import cancel
from compliance.workflow.models import Request
from tests.request_fixtures import events_of

PERIODS = [What.RECORDED, What.RECEIVED, What.ENDED]


@pytest.fixture
def legal(make_person):
    return make_person(Role.LEGAL, name="Lea Legal")


@pytest.fixture
def prepared(legal):
    """`prepared(what, ...)`: an export of today, or of the requests, as JSON lines."""

    def make(what=What.CHOSEN, requests=(), file_format=FileFormat.JSON_LINES, **days):
        if what != What.CHOSEN:
            days = {"begin": clock.today(), "end": clock.today()} | days
        return prepare(what=what, file_format=file_format, requests=requests, by=legal, **days)

    return make


@pytest.fixture
def taken(prepared, legal):
    """`taken(what, ...)`: the lines of such an export."""

    def lines(*args, **kwargs):
        return "".join(take(export=prepared(*args, **kwargs), by=legal)).splitlines(keepends=True)

    return lines


@pytest.fixture
def small_slices(monkeypatch):
    """Slices so small that every export has several."""
    monkeypatch.setattr(contents, "SLICE", 2)
    monkeypatch.setattr(exports, "SLICE", 2)
    monkeypatch.setattr(contents, "REQUESTS_A_SLICE", 2)


def entries(lines):
    return [json.loads(line)["entry"] for line in lines]


def chains_in(lines):
    return [chain for chain, _ in groupby(entry["chain"] for entry in entries(lines))]


def faults(lines):
    """For each chain in the file, what is wrong with it."""
    texts = {}
    for entry in entries(lines):
        texts.setdefault(entry["chain"], []).append(canonical(entry))
    return {chain: first_fault(each) for chain, each in texts.items()}


def events_of_export(export):
    return [entry.event for entry in entries_of(export.chain)]


# -- What is in it -------------------------------------------------------------------------------------------


def test_chosen_requests_come_whole_one_after_the_other_and_verify(
    taken, previewed_request, new_request, small_slices
):
    requests = [previewed_request() for _ in range(5)]
    new_request()

    lines = taken(requests=requests)

    assert chains_in(lines) == [request.chain for request in requests]
    assert set(faults(lines).values()) == {None}
    assert len(lines) == sum(Chain.objects.get(name=request.chain).length for request in requests)


def test_requests_received_in_a_period_come_whole_whenever_it_happened(taken, new_request):
    days = [clock.today() - dt.timedelta(number) for number in (4, 3, 2, 1)]
    requests = [new_request(received_on=day) for day in days]

    lines = taken(What.RECEIVED, begin=days[1], end=days[2])

    assert chains_in(lines) == [request.chain for request in requests[1:3]]


def test_requests_that_ended_in_a_period_come_whole_and_open_ones_do_not(taken, new_request, analyst):
    request, earlier = new_request(), new_request()
    new_request()
    for each in (request, earlier):
        cancel(request=each, by=analyst, reason="No.")
    Request.objects.filter(pk=earlier.pk).update(closed_at=clock.now() - dt.timedelta(days=2))

    assert chains_in(taken(What.ENDED)) == [request.chain]


def test_a_period_holds_all_that_was_recorded_in_it_in_the_order_of_time(
    taken, previewed_request, small_slices
):
    add_person(name="Bo", email="bo@colleagues.example", roles=[], by=None)
    previewed_request()
    stood = list(Entry.objects.order_by("at", "pk").values_list("text", flat=True))

    lines = taken(What.RECORDED)

    assert [canonical(entry) for entry in entries(lines)] == stood
    assert {chain.split("/")[0] for chain in chains_in(lines)} >= {"request", "person", "subscription"}
    assert set(faults(lines).values()) == {None}


def test_what_was_recorded_on_other_days_is_not_in_it(prepared, new_request):
    new_request()
    tomorrow = clock.today() + dt.timedelta(1)

    with pytest.raises(Refused, match="nothing to take"):
        prepared(What.RECORDED, begin=tomorrow, end=tomorrow)

    assert not Export.objects.exists()


def test_a_history_that_began_before_the_period_is_not_counted_as_whole(
    prepared, taken, new_request, later, analyst
):
    old = new_request()
    later(days=3)
    new_request()
    cancel(request=old, by=analyst, reason="No.")

    export, lines = prepared(What.RECORDED), taken(What.RECORDED)

    broken = {chain for chain, fault in faults(lines).items() if fault}
    assert broken == {old.chain}
    assert export.chain_count - export.whole_count == len(broken)
    assert export.request_count == 2


def test_the_table_names_the_chain_and_holds_no_formula(taken, new_request, make_person):
    trickster = make_person(Role.ANALYST, name="=1+1")
    request = new_request(by=trickster)

    lines = taken(requests=[request], file_format=FileFormat.CSV)

    rows = list(csv.DictReader(io.StringIO("".join(lines).removeprefix("\ufeff"), newline="")))
    assert list(rows[0]) == list(COLUMNS_OF_MANY)
    assert {row["chain"] for row in rows} == {request.chain}
    assert rows[0]["actor_name"] == "'=1+1"


def test_what_happens_while_it_is_taken_is_not_in_it(prepared, legal, new_request, analyst, small_slices):
    requests = [new_request(), new_request()]
    export = prepared(requests=requests)
    file = take(export=export, by=legal)
    first = next(file)

    cancel(request=requests[1], by=analyst, reason="No.")

    lines = (first + "".join(file)).splitlines()
    export.refresh_from_db()
    assert "request:cancelled" not in {entry["event"] for entry in entries(lines)}
    assert len(lines) == export.total == export.done


def test_a_long_file_is_read_in_slices(taken, previewed_request, small_slices):
    requests = [previewed_request(), previewed_request()]

    with CaptureQueriesContext(connection) as queries:
        lines = taken(requests=requests)

    reading = [query["sql"] for query in queries if 'SELECT "audit_entry"."id", ' in query["sql"]]
    assert len(reading) >= len(lines) // 2
    assert all(sql.endswith("LIMIT 2") for sql in reading)


# -- What is counted and recorded ----------------------------------------------------------------------------


@pytest.mark.parametrize("what", PERIODS)
def test_what_is_counted_before_is_what_is_in_the_file(prepared, legal, new_request, analyst, what):
    for _ in range(3):
        cancel(request=new_request(), by=analyst, reason="No.")

    export = prepared(what)
    lines = "".join(take(export=export, by=legal)).splitlines()

    assert (export.request_count, export.total) == (3, len(lines))
    assert export.chain_count == len(faults(lines))


def test_the_ledger_has_who_took_what_with_a_digest_over_the_references(prepared, legal, new_request):
    requests = [new_request(), new_request()]
    export = prepared(requests=requests)

    list(take(export=export, by=legal))

    started = entries_of(export.chain).first()
    names = "".join(f"{name}\n" for name in sorted(request.chain for request in requests))
    assert started.body["actor"] == legal.reference
    assert started.body["facts"]["requests"] == 2
    assert started.body["facts"]["digest"] == hashlib.sha256(names.encode()).hexdigest()
    assert events_of_export(export) == ["export:started", "export:finished"]
    assert all("history:exported" not in events_of(request) for request in requests)


def test_the_history_of_a_single_request_ends_with_its_export(taken, new_request):
    request = new_request()

    lines = taken(requests=[request])

    assert entries(lines)[-1]["event"] == "history:exported"
    assert events_of(request)[-1] == "history:exported"


def test_preparing_alone_takes_nothing_away(prepared, new_request):
    export = prepared(requests=[new_request()])

    assert export.progress == Progress.PREPARED
    assert events_of_export(export) == []


# -- How far it came -----------------------------------------------------------------------------------------


def test_its_row_counts_along_and_says_that_it_was_sent_whole(
    prepared, legal, previewed_request, small_slices
):
    export = prepared(requests=[previewed_request()])
    file = take(export=export, by=legal)

    seen = []
    for _ in file:
        export.refresh_from_db()
        seen.append((export.progress, export.done))
    export.refresh_from_db()

    assert seen == [(Progress.UNDER_WAY, done) for done in range(0, export.total, 2)]
    assert (export.progress, export.done) == (Progress.FINISHED, export.total)


def test_one_that_nobody_reads_on_is_broken_off_and_can_be_taken_again(
    prepared, legal, previewed_request, small_slices
):
    export = prepared(requests=[previewed_request()])
    file = take(export=export, by=legal)
    next(file)
    next(file)

    file.close()

    export.refresh_from_db()
    assert (export.progress, export.done) == (Progress.BROKEN_OFF, 2)
    assert events_of_export(export)[-1] == "export:broken:off"
    assert entries_of(export.chain).last().body["facts"] == {"entries": 2, "total": export.total}
    list(take(export=export, by=legal))
    export.refresh_from_db()
    assert (export.progress, export.done) == (Progress.FINISHED, export.total)


def test_one_whose_process_was_killed_counts_as_broken_off_after_a_while(prepared, legal, new_request):
    export = prepared(requests=[new_request()])
    file = take(export=export, by=legal)
    export.refresh_from_db()
    assert export.progress == Progress.UNDER_WAY

    export.moved_at -= SILENCE

    assert export.progress == Progress.BROKEN_OFF
    file.close()


def test_an_error_while_it_is_sent_breaks_it_off(prepared, legal, new_request, monkeypatch):
    export = prepared(requests=[new_request()])
    monkeypatch.setattr(exports, "rows_of", lambda _: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        list(take(export=export, by=legal))

    export.refresh_from_db()
    assert export.progress == Progress.BROKEN_OFF


def test_whoever_is_overtaken_by_a_second_taking_writes_no_progress(
    prepared, legal, previewed_request, small_slices
):
    export = prepared(requests=[previewed_request()])
    first = take(export=export, by=legal)
    next(first)
    second = take(export=export, by=legal)
    next(second)

    first.close()

    export.refresh_from_db()
    assert (export.progress, export.done) == (Progress.UNDER_WAY, 0)
    second.close()

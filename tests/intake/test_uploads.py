"""Uploads from the first piece to the record, or to nothing."""

import contextlib
import dataclasses
import itertools

import pytest
from django.db import connection
from django_q.models import OrmQ

from compliance.core.errors import Refused
from compliance.intake import destroying, reading, tasks, uploads
from compliance.intake.csv_lines import Reason
from compliance.intake.models import BadLine, CaseFolds, Upload, UploadChunk, UploadState
from compliance.people.roles import Role
from compliance.workflow.errors import IllegalMove, NotThisPerson, StateChanged
from compliance.workflow.models import Asked, Request
from compliance.workflow.queries import asked_things, open_requests, others_naming_the_same, requests_naming
from compliance.workflow.sealing import Forgotten
from compliance.workflow.states import AskedKind, Kind, State
from tests.request_fixtures import as_previewed, events_of, give_approval
from tests.upload_fixtures import finish
from tests.workflow_fixtures import Death, Killed, at_moment

V, A, E = AskedKind.VISITOR, AskedKind.ACCOUNT, AskedKind.EMAIL
BODY = (
    "name;Visitor ID\nJane;a/b+c\nJoe;🙂\nJo;a/b+c\nx;Anna\ny;anna\nz;ze\u200bro\n;\nq;\nDoe;o\x01ne\nshort\n"
)


def counts(upload):
    names = ("rows", "visitors", "accounts", "emails", "duplicates", "bad", "invisible", "twins")
    return {name: getattr(upload, name) for name in names if getattr(upload, name)}


def bad(upload):
    return [(line.number, line.reason) for line in uploads.bad_lines_of(upload)]


#: What is understood of `BODY`.
IN_BODY = {"rows": 9, "visitors": 5, "duplicates": 1, "bad": 3, "invisible": 1, "twins": 1}


def leftovers():
    return [model.objects.count() for model in (Upload, UploadChunk, BadLine, CaseFolds, Asked, Request)]


# -- Checking ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [20, 33, 256 * 1024])
def test_a_file_is_understood_and_nothing_is_committed(read_upload, chunk):
    upload = read_upload(BODY, chunk=chunk)

    assert upload.state == UploadState.CHECKED
    assert counts(upload) == IN_BODY
    assert bad(upload) == [(9, Reason.NOTHING), (10, Reason.CONTROL), (11, Reason.CUT_OFF)]
    assert upload.request.state == State.CHECKING
    assert events_of(upload.request) == []
    assert {thing.value for thing in asked_things(upload.request)} == {
        "a/b+c",
        "🙂",
        "Anna",
        "anna",
        "ze\u200bro",
    }
    assert uploads.sample_of(upload)[:1] == [("Visitor id", "a/b+c")]


def test_a_request_in_checking_is_in_no_list(read_upload, previewed_request, analyst):
    upload, other = read_upload("visitor-one\nb\n"), previewed_request(visitors=["visitor-one"])

    assert list(open_requests()) == [other]
    assert list(requests_naming("visitor-one")) == [other]
    assert upload.request not in others_naming_the_same(other, most=5, person=analyst)


def test_of_a_line_with_an_id_and_an_address_only_the_id_is_used_unless_somebody_says_so(
    read_upload, make_wish, analyst
):
    upload = read_upload("e-mail,visitor id\njane@person.example,jane\nJANE@person.example,joe\n")
    assert counts(upload) == {"rows": 2, "visitors": 2}
    first = upload.request

    uploads.choose_columns(
        upload=upload, delimiter=",", has_heading=True, uses=[E, V], wish=make_wish(), by=analyst
    )
    finish(upload)

    assert counts(upload) == {"rows": 2, "visitors": 2, "emails": 1, "duplicates": 1}
    assert upload.request != first
    assert upload.request.asked.count() == 3


def test_columns_that_no_heading_names_are_asked_for(read_upload, make_wish, analyst):
    upload = read_upload("one;two\nthree;four\n")
    assert upload.state == UploadState.CHOOSING

    choice = {"delimiter": ";", "has_heading": False, "wish": make_wish(), "by": analyst}
    uploads.choose_columns(upload=upload, uses=None, **choice)
    assert upload.state == UploadState.CHOOSING
    uploads.choose_columns(upload=upload, uses=[None, A], **choice)
    finish(upload)

    assert counts(upload) == {"rows": 2, "accounts": 2}


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (b"PK\x03\x04\x14", "Save As > CSV UTF-8"),
        ("\ufeffid\na\n".encode("utf-16-le"), "UTF-16"),
        (bytes(range(256)) * 4 + b"\x00" * 100, "isn't a text file"),
    ],
)
def test_what_is_no_csv_says_so_and_what_to_do(read_upload, body, failure):
    upload = read_upload(body)

    assert upload.state == UploadState.FAILED
    assert failure in upload.get_failure_display()


def test_more_ids_than_one_request_takes_are_refused(read_upload, settings):
    settings.UPLOAD_MOST_IDS = 3
    upload = read_upload("a\nb\nc\nd\n")

    assert (upload.state, upload.failure) == (UploadState.FAILED, "too_many")


@pytest.mark.parametrize("body", ["visitor id\n", "\n\n", "visitor id\n\x01\n"])
def test_a_file_with_nothing_good_in_it_cannot_be_recorded(read_upload, analyst, body):
    upload = read_upload(body)

    with pytest.raises(Refused, match="Nothing was understood"):
        uploads.record_upload(upload=upload, by=analyst)
    assert upload.request.state == State.CHECKING


def test_two_hundred_damaged_lines_cost_no_good_one(read_upload):
    damage = ["short", "o\x01ne,x", "a,b,c", '"x,y', ",z"]
    lines = [damage[number % 5] if number % 10 == 0 else f"v{number},x" for number in range(2000)]

    upload = read_upload("\n".join(["visitor id,name", *lines]), chunk=1000)

    assert counts(upload) == {"rows": 2000, "visitors": 1800, "bad": 200}
    assert [number for number, _ in bad(upload)] == list(range(2, 2002, 10))


# -- Slices and deaths ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_however_much_is_written_at_once_the_same_is_understood(read_upload, monkeypatch, at_once):
    monkeypatch.setattr(reading, "ROWS_AT_ONCE", at_once)
    upload = read_upload(BODY, chunk=20)

    assert (upload.rows, upload.visitors, upload.duplicates, upload.twins) == (9, 5, 1, 1)
    assert bad(upload) == [(9, Reason.NOTHING), (10, Reason.CONTROL), (11, Reason.CUT_OFF)]


def test_reading_goes_on_where_it_stopped_and_enqueues_itself(new_upload, make_wish, analyst, settings):
    settings.TIMINGS = dataclasses.replace(settings.TIMINGS, slice=0)
    upload = new_upload("visitor id\na\nb\n", chunk=4)
    uploads.check_upload(upload=upload, wish=make_wish(), by=analyst)
    OrmQ.objects.all().delete()

    tasks.read_upload(upload.pk)

    upload.refresh_from_db()
    assert (upload.state, upload.reader) == (UploadState.READING, "")
    [queued] = OrmQ.objects.all()
    assert queued.task["args"] == (upload.pk,)


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_nothing_is_lost_or_counted_twice(new_upload, make_wish, analyst, monkeypatch):
    monkeypatch.setattr(reading, "ROWS_AT_ONCE", 1)
    for number in itertools.count(1):
        upload = new_upload(BODY, chunk=20)
        uploads.check_upload(upload=upload, wish=make_wish(), by=analyst)

        death = Death(at_moment(number))
        with connection.execute_wrapper(death), contextlib.suppress(Killed):
            reading.read_slice(upload.pk)
        Upload.objects.update(reader_until=None)
        finish(upload)

        assert counts(upload) == IN_BODY
        if not death.dead:
            break

    # Taken, understood, more than one part kept, ended.
    assert number > 6


def test_nobody_reads_what_another_reads(new_upload, make_wish, analyst):
    upload = new_upload(BODY)
    uploads.check_upload(upload=upload, wish=make_wish(), by=analyst)
    first = reading._take(upload.pk)  # noqa: SLF001 -- a reader that is at work

    reading.read_slice(upload.pk)

    upload.refresh_from_db()
    assert upload.reader == first.reader
    assert upload.bytes_read == 0


def test_a_reader_that_was_overtaken_writes_nothing(new_upload, make_wish, analyst):
    upload = new_upload(BODY)
    uploads.check_upload(upload=upload, wish=make_wish(), by=analyst)
    slow = reading._take(upload.pk)  # noqa: SLF001 -- a reader that is at work
    Upload.objects.update(reader_until=None)
    finish(upload)

    with pytest.raises((reading.NotTheReader, StateChanged)):
        reading._read(slow)  # noqa: SLF001 -- as above

    upload.refresh_from_db()
    assert counts(upload)["visitors"] == 5


def test_what_lost_its_task_is_enqueued_once(new_upload, make_wish, analyst):
    upload = new_upload(BODY)
    uploads.check_upload(upload=upload, wish=make_wish(), by=analyst)
    OrmQ.objects.all().delete()

    tasks.look_after_uploads()
    tasks.look_after_uploads()

    assert OrmQ.objects.count() == 1


# -- Recording, discarding, expiring -------------------------------------------------------------------------


def test_recorded_the_request_goes_its_way_and_the_file_is_destroyed(read_upload, analyst, officer):
    upload = read_upload(BODY)

    request = uploads.record_upload(upload=upload, by=officer)
    destroying.destroy_leftovers()

    request.refresh_from_db()
    assert request.state == State.PREVIEWING
    assert events_of(request)[0] == "request:opened"
    assert (request.entered_by, request.changed_by) == (analyst, officer)
    assert not UploadChunk.objects.exists()
    assert len(bad(upload)) == 3


def test_whoever_uploaded_the_file_or_had_it_read_does_not_approve_what_others_record(
    new_upload, make_wish, analyst, officer, second_officer, make_person
):
    upload = new_upload(BODY)
    Upload.objects.update(person=officer)
    for person in (second_officer, analyst):
        upload.refresh_from_db()
        uploads.check_upload(upload=upload, wish=make_wish(), by=person)
        finish(upload)

    request = uploads.record_upload(upload=upload, by=analyst)
    as_previewed(request, {"name": "Anna"})

    for person in (officer, second_officer):
        with pytest.raises(NotThisPerson):
            give_approval(request, person)
    assert give_approval(request, make_person(Role.OFFICER))


def test_it_cannot_be_recorded_twice(read_upload, analyst):
    upload = read_upload(BODY)
    uploads.record_upload(upload=upload, by=analyst)

    with pytest.raises(StateChanged):
        uploads.record_upload(upload=upload, by=analyst)


def test_only_who_may_enter_requests_can_record(read_upload, make_person):
    upload = read_upload(BODY)

    with pytest.raises(NotThisPerson):
        uploads.record_upload(upload=upload, by=make_person(Role.LEGAL))


def test_a_kind_that_cannot_ask_for_it_is_refused(read_upload, analyst, make_wish):
    upload = read_upload("account id\na\n")
    Request.objects.update(kind=Kind.READMISSION)
    upload.refresh_from_db()

    with pytest.raises(Refused, match="can't name: account id"):
        uploads.record_upload(upload=upload, by=analyst)


def test_a_guide_reset_takes_no_file(new_upload, make_wish, analyst):
    upload = new_upload(BODY)
    wish = make_wish(kind=Kind.GUIDE_RESET, law="", channel=None, identity=None, note="Because")

    with pytest.raises(Refused, match="names its guides"):
        uploads.check_upload(upload=upload, wish=wish, by=analyst)
    upload.refresh_from_db()
    assert upload.state == UploadState.WAITING


@pytest.mark.parametrize("chunk", [5, 1000])
def test_discarded_nobody_can_read_it_at_once_and_then_nothing_is_left(read_upload, chunk):
    upload = read_upload(BODY, chunk=chunk)

    uploads.discard_upload(upload)

    upload.refresh_from_db()
    request = Request.objects.get()
    assert (request.targets_key, request.correspondence_key, upload.data_key) == (None, None, None)
    with pytest.raises(Forgotten):
        uploads.name_of(upload)
    destroying.destroy_leftovers()
    assert leftovers() == [0] * 6


def test_discarding_a_recorded_one_leaves_its_request(read_upload, analyst):
    upload = read_upload(BODY)
    request = uploads.record_upload(upload=upload, by=analyst)

    uploads.discard_upload(upload)
    destroying.destroy_leftovers()

    assert leftovers() == [0, 0, 0, 0, 5, 1]
    assert {thing.value for thing in asked_things(request)} >= {"Anna"}


def test_what_an_earlier_reading_left_is_destroyed(read_upload, make_wish, analyst):
    upload = read_upload(BODY)
    uploads.check_upload(upload=upload, wish=make_wish(), by=analyst)
    finish(upload)

    destroying.destroy_leftovers()

    assert Request.objects.get() == upload.request
    assert (Asked.objects.count(), BadLine.objects.count(), CaseFolds.objects.count()) == (5, 3, 0)
    assert UploadChunk.objects.count() == 1


def test_what_nobody_goes_on_with_expires(read_upload, new_upload, analyst, later):
    broken_off = uploads.begin_upload(person=analyst, name="x.csv")
    waiting, checked = new_upload("a\n"), read_upload("b\n")

    def standing():
        tasks.expire_drafts()
        return set(Upload.objects.exclude(state=UploadState.DISCARDED))

    assert standing() == {broken_off, waiting, checked}
    later(days=1, minutes=1)
    assert standing() == {waiting, checked}
    later(days=6)
    assert standing() == set()


def test_the_table_of_moves_is_kept(new_upload, analyst):
    upload = new_upload("a\n")

    with pytest.raises(IllegalMove):
        uploads.end_upload(upload, size=1)


def test_unfinished_uploads_are_the_persons_own(read_upload, analyst, officer):
    upload, recorded = read_upload("a\n"), read_upload("b\n")
    uploads.record_upload(upload=recorded, by=analyst)

    assert list(uploads.unfinished_uploads(analyst)) == [upload]
    assert not uploads.unfinished_uploads(officer)

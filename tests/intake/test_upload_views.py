"""A file in the browser."""

import csv
import io
from tempfile import SpooledTemporaryFile

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from compliance.core import clock
from compliance.intake import uploads
from compliance.intake.models import Upload, UploadChunk, UploadState
from compliance.intake.receiving import CHUNK_BYTES
from compliance.people.roles import Role
from compliance.workflow.models import Request
from compliance.workflow.sealing import subject_of
from compliance.workflow.states import Kind, State
from tests.upload_fixtures import finish

NEW = "/requests/upload/"
BODY = b"visitor id,name\nvisitor-jane,Jane\nvisitor-joe,Joe\n=cmd,,x\nvisitor-jane,again\n"


@pytest.fixture
def browser(client_of, analyst):
    return client_of(analyst)


@pytest.fixture
def fields(silent_subscription):
    return {
        "kind": "erasure",
        "subscriptions": [silent_subscription().pk],
        "law": "EU_GDPR",
        "calendar": "",
        "received_on": clock.today().isoformat(),
        "channel": "email",
        "identity": "mailbox",
        "subject_name": "Jane Doe",
        "subject_email": "jane@person.example",
        "note": "She wrote twice.",
    }


def file(body=BODY, name="visitors.csv"):
    sent = io.BytesIO(body)
    sent.name = name
    return {"file": sent}


def shown(answer):
    return answer.content.decode()


def page(upload, part="upload"):
    return reverse(part, args=[upload.pk])


# -- Sending -------------------------------------------------------------------------------------------------


def test_a_sent_file_is_checked_and_recorded_only_once_somebody_agrees(
    browser, fields, analyst, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(NEW, fields | file())
    upload = Upload.objects.get()
    assert answer.url == page(upload)
    assert "0\xa0bytes of" in shown(browser.get(page(upload)))
    assert (upload.pk,) in [row.task["args"] for row in OrmQ.objects.all()]

    finish(upload)
    check = shown(browser.get(page(upload)))
    assert "visitors.csv" in check
    assert "<strong>2</strong> visitor ids" in check
    assert "<strong>1</strong> repeated, folded" in check
    assert "it has more columns than the others" in check
    assert Request.objects.get().state == State.CHECKING

    answer = browser.post(page(upload, "upload_record"))
    request = Request.objects.get()
    assert request.state == State.PREVIEWING
    assert (request.entered_by, subject_of(request).name) == (analyst, "Jane Doe")
    assert request.reference in shown(browser.get(answer.url))


def test_no_handler_that_makes_files_or_keeps_all_in_memory_has_a_part_in_it(browser, fields, monkeypatch):
    def refuse(*_):
        raise AssertionError

    for handler in (MemoryFileUploadHandler, TemporaryFileUploadHandler):
        monkeypatch.setattr(handler, "new_file", refuse)
    monkeypatch.setattr(SpooledTemporaryFile, "__init__", refuse)

    assert browser.post(NEW, fields | file()).status_code == 302


def test_a_large_file_comes_in_as_chunks_that_nobody_can_read_in_the_database(browser, fields):
    body = b"".join(b"visitor-%09d\n" % number for number in range(60_000))

    browser.post(NEW, fields | file(body))

    upload, sealed = Upload.objects.get(), [bytes(chunk.sealed) for chunk in UploadChunk.objects.all()]
    opened = [uploads.vault_of(upload).open_bytes(each, purpose="chunk") for each in sealed]
    assert b"".join(opened) == body
    assert [len(each) for each in opened[:-1]] == [CHUNK_BYTES] * (len(body) // CHUNK_BYTES)
    assert not any(b"visitor" in each for each in sealed)


def test_wrong_fields_lose_neither_the_file_nor_what_was_typed(browser, fields):
    answer = browser.post(NEW, fields | {"channel": ""} | file())

    upload = Upload.objects.get()
    assert answer.status_code == 422
    assert upload.state == UploadState.WAITING
    assert 'value="Jane Doe"' in shown(answer)
    assert 'id="id_channel_error"' in shown(answer)
    assert f'action="{page(upload, "upload_fields")}"' in shown(answer)
    assert 'value="Jane Doe"' in shown(browser.get(page(upload, "upload_fields")))
    assert "visitors.csv" in shown(browser.get(NEW))

    assert browser.post(page(upload, "upload_fields"), fields).url == page(upload)
    assert finish(upload).state == UploadState.CHECKED


@pytest.mark.parametrize(
    ("sent", "words"),
    [({}, "Choose a file."), (file(b""), "This file is empty."), ({"file": "text"}, "Choose a file.")],
)
def test_no_file_or_an_empty_one_is_said_beside_its_field(browser, fields, sent, words):
    answer = browser.post(NEW, fields | sent)

    assert answer.status_code == 422
    assert words in shown(answer)
    assert 'value="Jane Doe"' in shown(answer)
    assert not Upload.objects.exclude(state=UploadState.DISCARDED).exists()


def test_a_file_that_is_too_large_is_refused_and_not_kept(browser, fields, settings):
    settings.UPLOAD_MOST_BYTES = 1000
    answer = browser.post(NEW, fields | file(b"x" * 300_000))

    assert answer.status_code == 422
    assert "This file is larger than 1000\xa0bytes. Split it" in shown(answer)
    assert 'value="Jane Doe"' in shown(answer)
    assert Upload.objects.get().state == UploadState.DISCARDED
    assert not any(shown(answer).count(word) for word in ("Choose a file.",))


def test_a_second_file_and_files_of_other_names_are_passed_over(browser, fields):
    browser.post(NEW, fields | file() | {"other": file(b"zzz")["file"]})

    assert Upload.objects.count() == 1


def test_the_token_of_the_form_is_checked(analyst, fields):
    client = Client(enforce_csrf_checks=True)
    client.force_login(analyst)

    assert client.post(NEW, fields | file()).status_code == 403
    assert not Request.objects.exists()


def test_another_kind_is_shown_and_neither_file_nor_fields_are_lost(browser, fields):
    answer = browser.post(NEW, fields | {"show": "offboarding"} | file())

    upload = Upload.objects.get()
    assert answer.url == page(upload, "upload_fields") + "?kind=offboarding"
    other = shown(browser.get(answer.url))
    assert "To be sent by" in other
    assert "She wrote twice." in other


def test_without_a_file_another_kind_keeps_what_was_typed(browser, fields):
    answer = browser.post(NEW, fields | {"show": "offboarding"})

    assert answer.status_code == 200
    assert "She wrote twice." in shown(answer)
    assert not Upload.objects.exists()


def test_a_guide_reset_is_not_offered(browser):
    assert Kind.GUIDE_RESET not in shown(browser.get(NEW))


# -- The check -----------------------------------------------------------------------------------------------


@pytest.fixture
def upload(browser, fields):
    browser.post(NEW, fields | file())
    return finish(Upload.objects.get())


def test_the_bad_lines_come_as_a_table_that_computes_nothing(browser, upload):
    answer = browser.get(page(upload, "upload_bad_lines"))

    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["Line", "What is wrong", "Text"]
    assert [(row[0], row[2]) for row in rows[1:]] == [("4", "'=cmd,,x")]
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_columns_can_be_taken_otherwise(browser, upload):
    sent = {"delimiter": "comma", "has_heading": "on", "use_0": "", "use_1": "account"}
    assert browser.post(page(upload, "upload_columns"), sent).url == page(upload)

    finish(upload)
    assert (upload.visitors, upload.accounts) == (0, 3)
    assert "used as <strong>account id</strong>" in shown(browser.get(page(upload)))


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"delimiter": "comma", "use_0": "", "use_1": ""}, "Say of at least one column"),
        ({"delimiter": "pipe", "use_0": "visitor"}, "not one of the available choices"),
    ],
)
def test_columns_that_say_nothing_are_refused(browser, upload, sent, words):
    answer = browser.post(page(upload, "upload_columns"), sent)

    assert answer.status_code == 422
    assert words in shown(answer)


def test_other_separators_are_looked_at_afresh(browser, upload):
    browser.post(page(upload, "upload_columns"), {"delimiter": "none", "use_0": "visitor", "use_1": ""})

    finish(upload)
    assert upload.visitors == 5


def test_while_it_is_read_the_page_asks_again_and_then_loads_anew(browser, fields):
    browser.post(NEW, fields | file())
    upload = Upload.objects.get()
    assert "hx-trigger" in shown(browser.get(page(upload, "upload_progress")))

    finish(upload)

    assert browser.get(page(upload, "upload_progress")).headers["HX-Refresh"] == "true"


def test_a_workbook_says_what_to_do_and_its_fields_are_filled_in_again(browser, fields):
    browser.post(NEW, fields | file(b"PK\x03\x04" + b"x" * 100, name="visitors.xlsx"))
    upload = finish(Upload.objects.get())

    failed = shown(browser.get(page(upload)))
    assert "This is an Excel workbook" in failed
    assert f"{NEW}?again={upload.pk}" in failed
    assert 'value="Jane Doe"' in shown(browser.get(f"{NEW}?again={upload.pk}"))


def test_windows_1252_is_named_with_its_line(browser, fields):
    browser.post(NEW, fields | file("visitor id\njane\nMüller\n".encode("cp1252")))
    upload = finish(Upload.objects.get())

    check = shown(browser.get(page(upload)))
    assert "probably Windows-1252: line 3 is the first" in check
    assert "Müller" in check


def test_discarded_it_is_on_no_page_any_more(browser, upload):
    assert browser.post(page(upload, "upload_discard")).url == NEW

    for part in ("upload", "upload_fields", "upload_progress", "upload_bad_lines"):
        assert browser.get(page(upload, part)).status_code == 404
    assert "visitors.csv" not in shown(browser.get(NEW))


def test_the_page_of_a_request_in_checking_is_the_check(browser, upload):
    reference = upload.request.reference

    assert browser.get(reverse("request", args=[reference])).url == page(upload)
    assert browser.get(reverse("request_progress", args=[reference])).status_code == 404


def test_changed_fields_are_the_requests_and_the_file_is_read_again(browser, upload, fields):
    browser.post(page(upload, "upload_fields"), fields | {"subject_name": "Jane Roe"})

    finish(upload)
    assert subject_of(upload.request).name == "Jane Roe"
    assert upload.visitors == 2


def test_an_officer_may_go_on_with_it_and_nobody_else(client_of, make_person, officer, upload):
    assert client_of(officer).get(page(upload)).status_code == 200
    assert client_of(make_person(Role.LEGAL)).get(page(upload)).status_code == 403

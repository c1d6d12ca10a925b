"""Exports in the browser."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.core import clock
from compliance.evidence.models import Export, Progress, What
from compliance.people.roles import Role


@pytest.fixture
def browser(client_of, make_person):
    return client_of(make_person(Role.LEGAL))


def chosen(*references, **values):
    return {"what": "chosen", "references": list(references), "file_format": "jsonl"} | values


def period(what="recorded", days=0, **values):
    day = (clock.today() + dt.timedelta(days)).isoformat()
    return {"what": what, "begin": day, "end": day, "file_format": "csv"} | values


def shown(answer):
    return answer.content.decode()


# -- Choosing ------------------------------------------------------------------------------------------------


def test_ticked_and_pasted_references_are_the_same(browser, new_request):
    first, second = new_request(), new_request()

    ticked = browser.post("/exports/", chosen(first.reference, second.reference))
    pasted = browser.post(
        "/exports/", chosen(f" {first.reference.lower()}\r\n\r\n{second.reference}\n{first.reference}")
    )

    for answer in (ticked, pasted):
        export = Export.objects.get(pk=answer.url.split("/")[2])
        assert set(export.requests.all()) == {first, second}


def test_unknown_references_are_named_and_nothing_is_prepared(browser, new_request):
    answer = browser.post("/exports/", chosen(new_request().reference, "ED-00000000", "ED-11111111"))

    assert answer.status_code == 422
    assert "No request has the reference ED-00000000, ED-11111111." in shown(answer)
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (chosen(""), "Name at least one request"),
        (period(begin=""), "Choose the day."),
        (period(end=""), "Choose the day."),
        (period(begin="yesterday"), "Enter a valid date"),
        (period(end="2020-01-01"), "This is before the first day."),
        (period(days=2), "still to come"),
        (period("received", days=-300), "There is nothing to take"),
        (period(what="x"), "not one of the available choices"),
        (period(file_format="xlsx"), "not one of the available choices"),
    ],
)
def test_a_choice_that_cannot_be_is_said_beside_its_field(browser, new_request, values, said):
    new_request()

    answer = browser.post("/exports/", values)

    assert answer.status_code == 422
    assert said in shown(answer)
    assert not Export.objects.exists()


def test_references_count_for_nothing_where_a_period_is_taken(browser, new_request):
    answer = browser.post("/exports/", period(references=new_request().reference))

    export = Export.objects.get(pk=answer.url.split("/")[2])
    assert export.what == What.RECORDED
    assert not export.requests.exists()


def test_rows_of_the_list_can_be_ticked_by_who_may_export(client_of, make_person, browser, new_request):
    box = f'name="references" value="{new_request().reference}"'

    assert box in shown(browser.get("/requests/"))
    assert box not in shown(client_of(make_person(Role.ANALYST)).get("/requests/"))


# -- Taking --------------------------------------------------------------------------------------------------


@pytest.fixture
def prepared(browser, new_request):
    """The addresses of an export that is prepared: its page and its file."""
    url = browser.post("/exports/", chosen(new_request().reference)).url
    return url, f"{url}file/"


def test_its_page_says_how_much_it_is_and_which_histories_verify(browser, prepared, new_request):
    whole = shown(browser.get(prepared[0]))
    cut = browser.post("/exports/", period())
    Export.objects.update(whole_count=3, chain_count=7)

    assert "goes on to the moment at which you take the file" in whole
    assert "3 of 7 histories in it begin in this period" in shown(browser.get(cut.url))


def test_the_file_is_streamed_and_kept_nowhere(browser, prepared):
    answer = browser.post(prepared[1])

    assert answer.streaming
    assert answer.headers["Content-Type"] == "application/jsonl; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert 'filename="ledger-export-' in answer.headers["Content-Disposition"]
    assert b'"request:opened"' in b"".join(answer.streaming_content)
    assert Export.objects.get().progress == Progress.FINISHED


def test_the_page_asks_for_progress_until_the_file_was_sent(browser, prepared):
    page = f"{prepared[0]}progress/"
    before = shown(browser.get(page))

    answer = browser.post(prepared[1])
    during = shown(browser.get(page))
    size = b"".join(answer.streaming_content).count(b"\n")
    after = shown(browser.get(page))

    assert ["hx-trigger" in part for part in (before, during, after)] == [True, True, False]
    assert "Under way" in during
    assert f"{size} of {size} entries sent" in after


def test_a_download_that_the_browser_gives_up_is_shown_as_broken_off(transactional_db, browser, prepared):
    answer = browser.post(prepared[1])
    next(iter(answer.streaming_content))

    answer.close()

    page = shown(browser.get(prepared[0]))
    assert "Broken off" in page
    assert "Take it again" in page


def test_who_has_not_proved_lately_who_they_are_is_asked_first(stale_client_of, make_person, prepared):
    answer = stale_client_of(make_person(Role.LEGAL)).post(
        prepared[1], headers={"Referer": f"http://testserver{prepared[0]}"}
    )

    assert answer.url.startswith("/account/reauthenticate/")
    assert Export.objects.get().progress == Progress.PREPARED


@pytest.mark.parametrize("role", set(Role) - {Role.LEGAL, Role.OFFICER})
def test_other_roles_see_and_take_nothing(client_of, make_person, prepared, role):
    stranger = client_of(make_person(role))

    answers = [stranger.get("/exports/"), stranger.post("/exports/", period()), stranger.get(prepared[0])]
    answers.append(stranger.post(prepared[1]))

    assert {answer.status_code for answer in answers} == {403}


# -- The list ------------------------------------------------------------------------------------------------


def test_the_list_takes_as_many_queries_for_three_as_for_one(browser, new_request):
    counts = []
    for _ in range(3):
        browser.post("/exports/", chosen(new_request().reference))
        with CaptureQueriesContext(connection) as queries:
            assert 'class="next"' in shown(browser.get(reverse("exports")))
        counts.append(len(queries))

    assert len(set(counts)) == 1

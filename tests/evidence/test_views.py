"""Taking the history away in the browser."""

import pytest
from django.urls import reverse

from compliance.people.roles import Role
from tests.request_fixtures import events_of


@pytest.fixture
def address(previewed_request):
    request = previewed_request()
    return request, reverse("request_history", args=[request.reference])


@pytest.mark.parametrize(
    ("file_format", "content_type"),
    [("jsonl", "application/jsonl; charset=utf-8"), ("csv", "text/csv; charset=utf-8")],
)
def test_the_file_is_streamed_and_kept_nowhere(address, client_of, make_person, file_format, content_type):
    request, url = address

    answer = client_of(make_person(Role.LEGAL)).post(url, {"format": file_format})

    assert answer.streaming
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert f'filename="{request.reference}-history.{file_format}"' in answer.headers["Content-Disposition"]
    assert b"recorded a request" in b"".join(answer.streaming_content)


@pytest.mark.parametrize("file_format", ["", "xlsx"])
def test_another_format_is_refused_with_the_choice(address, client_of, officer, file_format):
    request, url = address

    answer = client_of(officer).post(url, {"format": file_format})

    assert (answer.status_code, answer.content) == (400, b"Choose csv or jsonl.")
    assert "history:exported" not in events_of(request)


@pytest.mark.parametrize("role", set(Role) - {Role.LEGAL, Role.OFFICER})
def test_other_roles_take_nothing_away(address, client_of, make_person, role):
    request, url = address

    answer = client_of(make_person(role)).post(url, {"format": "csv"})

    assert answer.status_code == 403
    assert "history:exported" not in events_of(request)


def test_who_has_not_proved_lately_who_they_are_is_asked_first(address, stale_client_of, make_person):
    request, url = address

    answer = stale_client_of(make_person(Role.LEGAL)).post(
        url, {"format": "csv"}, headers={"Referer": f"http://testserver/requests/{request.reference}/"}
    )

    assert answer.url == f"/account/reauthenticate/?next=%2Frequests%2F{request.reference}%2F"
    assert "history:exported" not in events_of(request)


def test_an_unknown_reference_is_not_found(client_of, officer):
    answer = client_of(officer).post(reverse("request_history", args=["ED-00000000"]), {"format": "csv"})

    assert answer.status_code == 404

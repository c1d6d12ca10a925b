"""The one switch for all sending."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.people.access import MAY, Act
from compliance.people.roles import Role
from compliance.subscriptions.models import Stop
from compliance.subscriptions.stopping import (
    CHAIN,
    current_stop,
    is_stopped,
    reason_of,
    resume_sending,
    stop_sending,
)

pytestmark = pytest.mark.django_db

REASON = "The preview of Jane Doe's request was wrong"


def events():
    return [(entry.event, entry.body["actor"]) for entry in entries_of(CHAIN)]


def test_stop_says_who_when_and_why_and_the_ledger_only_commits_to_why(analyst):
    assert stop_sending(by=analyst, reason=f"  {REASON} ")

    stop = current_stop()
    assert (stop.stopped_by, reason_of(stop)) == (analyst, REASON)
    assert events() == [("sending:stopped", analyst.reference)]
    assert "Jane" not in entries_of(CHAIN).get().text
    assert b"Jane" not in bytes(stop.sealed_reason)


def test_who_stops_what_is_stopped_changes_nothing(analyst, officer):
    stop_sending(by=analyst, reason=REASON)

    assert not stop_sending(by=officer, reason="Another reason")

    assert Stop.objects.count() == 1
    assert reason_of(current_stop()) == REASON


def test_an_officer_lets_it_go_on_and_it_may_be_stopped_again(analyst, officer):
    stop_sending(by=analyst, reason=REASON)

    resume_sending(by=officer)

    assert not is_stopped()
    assert events()[-1] == ("sending:resumed", officer.reference)
    assert stop_sending(by=officer, reason="Once more")
    assert current_stop().stopped_by == officer


@pytest.mark.parametrize("role", sorted(set(Role) - MAY[Act.STOP]))
def test_others_do_not_stop_it(make_person, role):
    with pytest.raises(Refused, match="roles"):
        stop_sending(by=make_person(role), reason=REASON)

    assert not is_stopped()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OFFICER}))
def test_only_an_officer_lets_it_go_on(make_person, analyst, role):
    stop_sending(by=analyst, reason=REASON)

    with pytest.raises(Refused, match="Only a privacy officer"):
        resume_sending(by=make_person(role))

    assert is_stopped()


def test_what_is_not_stopped_cannot_go_on(officer):
    with pytest.raises(Refused, match="isn't stopped"):
        resume_sending(by=officer)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_stop_needs_a_reason_that_can_be_read(analyst, reason):
    with pytest.raises(Refused, match="Give a reason"):
        stop_sending(by=analyst, reason=reason)

    assert not is_stopped()


# -- The command ---------------------------------------------------------------------------------------------


def said(reason):
    out = StringIO()
    call_command("stop_sending", reason=reason, stdout=out)
    return out.getvalue()


def test_the_command_stops_in_the_name_of_the_command_line():
    assert "All sending is stopped" in said(REASON)

    assert current_stop().by_whom == "somebody at the command line"
    assert events() == [("sending:stopped", "command line")]
    assert "stopped already" in said("Again")


def test_the_command_says_what_is_missing():
    with pytest.raises(CommandError, match="Give a reason"):
        said(" ")


# -- On screen -----------------------------------------------------------------------------------------------


def test_a_person_stops_it_on_its_page_and_everybody_sees_that(client_of, make_person, analyst):
    browser = client_of(analyst)

    answer = browser.post("/stop/", {"reason": REASON}, follow=True)

    assert REASON.split(maxsplit=1)[0] in answer.content.decode()
    assert "Stopped by Ana Analyst" in answer.content.decode()
    for role in Role:
        page = client_of(make_person(role)).get("/").content.decode()
        assert "All sending is stopped" in page
        assert "by Ana Analyst" in page
        assert ("/stop/let-go-on/" in page) == (role == Role.OFFICER)
        assert "Jane" not in page


def test_without_a_reason_the_page_asks_for_one(client_of, analyst):
    answer = client_of(analyst).post("/stop/", {"reason": " "})

    assert answer.status_code == 422
    assert "Give a reason" in answer.content.decode()
    assert not is_stopped()


def test_an_officer_lets_it_go_on_once_it_is_clear_who_that_is(client_of, stale_client_of, analyst, officer):
    stop_sending(by=analyst, reason=REASON)

    asked = stale_client_of(officer).post("/stop/let-go-on/")
    still = is_stopped()
    page = client_of(officer).get("/stop/let-go-on/").content.decode()
    client_of(officer).post("/stop/let-go-on/")

    assert asked.url.startswith("/account/reauthenticate/")
    assert still
    assert "Ana Analyst stopped it" in page
    assert not is_stopped()


def test_the_work_page_leads_to_the_switch_for_whoever_may(client_of, make_person):
    for role in Role:
        page = client_of(make_person(role)).get("/").content.decode()

        assert ('href="/stop/"' in page) == (role in MAY[Act.STOP])

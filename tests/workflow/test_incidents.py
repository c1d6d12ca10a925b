"""Incidents: 72 hours, the assessment, the decision, whom to notify, and the end."""

import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.notifications.tasks import deliver
from compliance.people.roles import Role
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.incidents import (
    AUTHORITY,
    PERSONS,
    assess_incident,
    close_incident,
    decide_incident,
    note_notified,
    remind_of_incidents,
    report_wrong_deletion,
    words_of,
)
from compliance.workflow.models import Incident, Request, Risk
from compliance.workflow.states import State
from tests.request_fixtures import events_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def executing(previewed_request):
    request = previewed_request()
    Request.objects.filter(pk=request.pk).update(state=State.EXECUTING)
    request.refresh_from_db()
    return request


@pytest.fixture
def report(executing, analyst):
    """`report(hours=...)`: a wrong deletion that has been known for so long."""

    def make(*, hours=0, by=None, happened="Yolanda and Yvonne were mistaken for one"):
        aware_at = clock.now() - dt.timedelta(hours=hours)
        return report_wrong_deletion(
            request=executing, happened=happened, aware_at=aware_at, by=by or analyst
        )

    return make


def assess(incident, by, risk=Risk.RISK):
    assess_incident(incident=incident, risk=risk, persons=1, categories="customers; events", by=by)


def decide(incident, by, *, authority=True, persons=False):
    decide_incident(
        incident=incident, tell_authority=authority, tell_persons=persons, reason="Lost for good", by=by
    )


# -- Reporting -----------------------------------------------------------------------------------------------


def test_the_72_hours_run_from_awareness_and_not_from_the_report(report):
    incident = report(hours=10)

    assert incident.notify_by - clock.now() < dt.timedelta(hours=62)
    assert incident.notify_by - incident.aware_at == dt.timedelta(hours=72)


def test_what_happened_is_sealed_and_stands_in_no_ledger(report):
    incident = report()

    assert words_of(incident)["happened"].startswith("Yolanda")
    assert b"Yolanda" not in bytes(incident.sealed_happened)
    assert "Yolanda" not in "".join(entry.text for entry in entries_of(incident.request.chain))


def test_what_happened_outlives_the_keys_of_the_request(report):
    incident = report()

    Request.objects.update(targets_key=None, correspondence_key=None)

    assert words_of(Incident.objects.get(pk=incident.pk))["happened"].startswith("Yolanda")


@pytest.mark.parametrize("hours", [-1, 24 * 400])
def test_nobody_knows_before_it_happens_or_years_ago(report, hours):
    with pytest.raises(Refused):
        report(hours=hours)


def test_a_report_says_what_happened(report):
    with pytest.raises(Refused, match="happened"):
        report(happened=" ")


def test_legal_reads_and_does_not_report(report, make_person):
    with pytest.raises(NotThisPerson):
        report(by=make_person(Role.LEGAL))


# -- Deciding ------------------------------------------------------------------------------------------------


def test_an_incident_is_closed_once_it_is_decided_and_everybody_was_notified(report, officer):
    incident = report()
    for act, left in (
        (lambda: assess(incident, officer), "Decide"),
        (lambda: decide(incident, officer, persons=True), "authority"),
        (lambda: note_notified(incident=incident, whom=AUTHORITY, at=clock.now(), by=officer), "people"),
    ):
        act()
        with pytest.raises(Refused, match=left):
            close_incident(incident=incident, by=officer)
    note_notified(incident=incident, whom=PERSONS, at=clock.now(), by=officer)

    close_incident(incident=incident, by=officer)

    incident.refresh_from_db()
    assert incident.closed_at
    assert events_of(incident.request)[-6:] == [
        "incident:opened",
        "incident:assessed",
        "incident:decided",
        "incident:notified",
        "incident:notified",
        "incident:closed",
    ]


def test_without_an_assessment_nothing_is_decided(report, officer):
    with pytest.raises(Refused, match="Assess"):
        decide(report(), officer)


def test_assessed_anew_it_is_decided_anew(report, officer):
    incident = report()
    assess(incident, officer)
    decide(incident, officer, authority=False)

    assess(incident, officer, risk=Risk.HIGH)

    with pytest.raises(Refused, match="Decide"):
        close_incident(incident=incident, by=officer)


def test_only_who_is_to_be_notified_can_have_been_and_not_before_anybody_knew(report, officer):
    incident = report()
    assess(incident, officer)
    decide(incident, officer)

    with pytest.raises(Refused, match="decided"):
        note_notified(incident=incident, whom=PERSONS, at=clock.now(), by=officer)
    with pytest.raises(Refused, match="before"):
        note_notified(incident=incident, whom=AUTHORITY, at=clock.now() - dt.timedelta(hours=1), by=officer)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.LEGAL])
def test_only_an_officer_decides(report, make_person, role):
    with pytest.raises(NotThisPerson):
        assess(report(), make_person(role))


def test_nothing_changes_about_a_closed_one(report, officer):
    incident = report()
    assess(incident, officer, risk=Risk.NONE)
    decide(incident, officer, authority=False)
    close_incident(incident=incident, by=officer)

    with pytest.raises(StateChanged):
        assess(incident, officer)


# -- Reminders -----------------------------------------------------------------------------------------------


def reminders(incident):
    return [
        event for event in events_of(incident.request) if event in {"incident:due:soon", "incident:passed"}
    ]


def test_reminders_go_out_a_day_before_and_when_the_72_hours_have_passed_each_once(report, later):
    incident = report()
    for ahead, expected in (
        (47, []),
        (2, ["incident:due:soon"]),
        (24, ["incident:due:soon", "incident:passed"]),
    ):
        later(hours=ahead)
        remind_of_incidents()
        remind_of_incidents()
        assert reminders(incident) == expected


def test_an_incident_reported_late_is_reminded_of_at_once(report):
    incident = report(hours=80)

    remind_of_incidents()

    assert reminders(incident) == ["incident:passed"]


@pytest.mark.parametrize(("authority", "expected"), [(False, []), (True, ["incident:due:soon"])])
def test_whoever_has_decided_against_is_left_alone(report, officer, later, authority, expected):
    incident = report()
    assess(incident, officer)
    decide(incident, officer, authority=authority)

    later(hours=50)
    remind_of_incidents()

    assert reminders(incident) == expected


def test_officers_and_legal_get_mail(report, officer, make_person, later):
    legal = make_person(Role.LEGAL, email="legal@colleagues.example")
    report()
    deliver()
    later(hours=50)
    remind_of_incidents()
    deliver()
    later(hours=24)
    remind_of_incidents()
    deliver()

    words = ("a wrong deletion was reported", "72 hours end on", "hours of incident")
    for person in (officer, legal):
        subjects = [message.subject for message in mail.outbox if message.to == [person.email]]
        assert [sum(word in subject for subject in subjects) for word in words] == [1, 1, 1]
    assert not [message for message in mail.outbox if "Yolanda" in message.body]


# -- On screen -----------------------------------------------------------------------------------------------


def test_an_officer_decides_on_its_page(report, client_of, officer):
    incident, browser = report(), client_of(officer)
    page = reverse("incident", args=[incident.pk])

    def send(name, **values):
        return browser.post(reverse(f"incident_{name}", args=[incident.pk]), values).status_code

    assert send("assess", risk="risk") == 422
    assert send("assess", risk="risk", persons=1, categories="customers") == 302
    assert send("decide", tell_authority="yes", tell_persons="no", reason="Lost for good") == 302
    assert send("notified", whom=AUTHORITY, at="2001-01-01T10:00") == 422
    assert "Notify the authority, and note when you did." in browser.get(page).content.decode()
    note_notified(incident=incident, whom=AUTHORITY, at=clock.now(), by=officer)
    assert send("close") == 302
    assert "this incident is closed" in browser.get(page).content.decode()


def test_the_list_is_sorted_by_the_end_of_the_72_hours(report, executing, client_of, make_person):
    late, early = report(hours=1), report(hours=30)

    page = client_of(make_person(Role.LEGAL)).get("/incidents/")

    assert page.context["page"].rows == [early, late]
    assert "41 hours left" in page.content.decode()


def test_legal_is_offered_nothing_to_decide(report, client_of, make_person):
    page = client_of(make_person(Role.LEGAL)).get(reverse("incident", args=[report().pk])).content.decode()

    assert "Keep the assessment" not in page
    assert "A privacy officer decides." in page


def test_open_incidents_come_first_on_the_work_page(report, client_of, officer):
    report()

    page = client_of(officer).get("/").content.decode()

    assert "See to the wrong deletion below first" in page

"""The wrong person or account: everything stops, and Pendo's receipts are at hand."""

import datetime as dt

import pytest
from django.urls import reverse

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.execution.models import BatchState
from compliance.execution.wrong_deletion import receipts_of, stop_wrong_deletion, support_texts
from compliance.workflow.incidents import excluded_visitors, open_readmission, wrong_targets
from compliance.workflow.models import Incident, Request
from compliance.workflow.pausing import resume_request
from compliance.workflow.queries import asked_things, outcome_counts
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import Kind, Outcome, State
from tests.request_fixtures import events_of, give_approval


@pytest.fixture
def report(analyst):
    """`report(request, targets=...)`: the analyst says that it was wrong."""

    def make(request, **changes):
        values = {"happened": "Two people of one name", "aware_at": clock.now()}
        return stop_wrong_deletion(request=request, by=analyst, **(values | changes))

    return make


def named(request, *ids):
    """The targets with these ids."""
    vault = targets_vault(request)
    return [target for target in request.targets.all() if target_id(vault, target) in ids]


# -- Stopping ------------------------------------------------------------------------------------------------


def test_nothing_more_is_sent(desk, report):
    request = desk.executing(desk.ids(3))

    report(request)
    desk.run()

    request.refresh_from_db()
    assert request.paused_at
    assert desk.posts() == []
    assert "request:paused" in events_of(request)


def test_what_was_wrong_as_a_whole_is_never_resumed(desk, report, officer):
    request = desk.executing(desk.ids(3))
    report(request)

    with pytest.raises(Refused, match="wrong"):
        resume_request(request=request, by=officer)


def test_what_was_wrong_as_a_whole_comes_to_its_end_without_what_was_not_sent(desk, report):
    request = desk.executing(desk.ids(3))

    report(request)
    desk.run()

    request.refresh_from_db()
    assert (request.state, outcome_counts(request)) == (State.CLOSED, {Outcome.CANCELLED: 3})
    assert desk.posts() == []


def test_after_the_rest_was_cancelled_it_can_be_reported_all_the_same(desk, report, analyst):
    request = desk.executing(desk.ids(3))
    desk.send()
    Request.objects.filter(pk=request.pk).update(rest_cancelled_at=clock.now())

    incident = report(request)

    assert (incident.whole, wrong_targets(incident).count()) == (True, 3)


def test_of_some_the_wrong_ones_are_never_sent_and_the_rest_goes_on(desk, report, officer):
    wrong, *right = desk.ids(3)
    request = desk.executing([wrong, *right])
    report(request, targets=named(request, wrong))

    resume_request(request=request, by=officer)
    desk.run()

    assert outcome_counts(request) == {Outcome.CANCELLED: 1, Outcome.ACCEPTED: 2}
    assert sorted(desk.accepted()[0]) == sorted(right)
    assert desk.has(wrong)


def test_a_batch_of_wrong_ones_only_is_empty(desk, report):
    wrong = desk.ids(1)
    request = desk.executing(wrong)

    report(request, targets=named(request, *wrong))
    desk.run()

    request.refresh_from_db()
    assert request.batches.get().state == BatchState.EMPTY
    assert request.state == State.CLOSED
    assert desk.posts() == []


def test_what_was_sent_stays_as_it_is_and_is_followed(desk, report, later):
    request = desk.executing(desk.ids(2))
    desk.run()
    report(request)

    desk.finish(later)

    request.refresh_from_db()
    assert outcome_counts(request) == {Outcome.ERASED: 2}
    assert request.state == State.CLOSED


def test_a_closed_request_is_reported_too(desk, report, later):
    request = desk.executing(desk.ids(2))
    desk.finish(later)
    request.refresh_from_db()
    assert request.state == State.CLOSED

    incident = report(request)

    assert wrong_targets(incident).count() == 2
    assert events_of(request)[-1] == "incident:opened"


def test_before_anything_is_sent_there_is_nothing_to_report(desk, report):
    with pytest.raises(Refused, match="Cancel"):
        report(desk.approved(desk.ids(1)))


# -- For Pendo Support ---------------------------------------------------------------------------------------


def test_the_receipts_of_what_was_wrong_stand_in_a_text_that_names_nobody(desk, report):
    ids = desk.ids(2)
    request = desk.executing(ids)
    desk.run()
    incident = report(request)

    [sent] = receipts_of(incident)[desk.subscription]
    [text] = support_texts(incident)

    assert sent.receipt in text.text
    assert "It concerns 2 records in 1 bulk delete request:" in text.text
    assert not [each for each in ids if each in text.text]


def test_without_a_receipt_there_is_nothing_to_write(desk, report):
    assert support_texts(report(desk.executing(desk.ids(2)))) == []


# -- Lifting Do Not Process ----------------------------------------------------------------------------------


def test_do_not_process_is_lifted_by_a_request_approved_the_ordinary_way(
    desk, report, later, analyst, officer
):
    wrong, right = desk.ids(2)
    request = desk.executing([wrong, right])
    desk.finish(later)
    incident = report(request, targets=named(request, wrong))

    opened = open_readmission(incident=incident, by=analyst)
    desk.run()

    opened.refresh_from_db()
    assert (opened.kind, opened.state) == (Kind.READMISSION, State.PREVIEWED)
    assert [thing.value for thing in asked_things(opened)] == [wrong]
    give_approval(opened, officer)
    desk.run()
    assert outcome_counts(opened) == {Outcome.RETURNED: 1}
    assert events_of(request)[-1] == "incident:readmission"


def test_it_is_opened_once_and_only_for_whom_pendo_has(desk, report, analyst, later):
    request = desk.executing(desk.ids(2))
    unsent = report(request)
    assert not excluded_visitors(unsent).exists()
    with pytest.raises(Refused, match="nothing to lift"):
        open_readmission(incident=unsent, by=analyst)

    other = desk.executing(desk.ids(2, start=5))
    desk.run()
    incident = report(other)
    open_readmission(incident=incident, by=analyst)
    with pytest.raises(Refused, match="already"):
        open_readmission(incident=incident, by=analyst)


# -- On screen -----------------------------------------------------------------------------------------------


def test_the_page_of_a_request_leads_to_the_report_and_to_the_incident(desk, client_of, analyst):
    request = desk.executing(desk.ids(2))
    desk.run()
    browser = client_of(analyst)
    page = browser.get(reverse("request", args=[request.reference])).content.decode()
    address = reverse("request_wrong", args=[request.reference])
    assert address in page

    wrong = request.targets.first()
    moment = (clock.now() - dt.timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    typed = {"happened": "Two people of one name", "aware_at": moment, "which": "some"}
    assert browser.post(address, typed).status_code == 422
    answer = browser.post(address, typed | {"targets": [wrong.pk]})

    incident = Incident.objects.get()
    assert answer.url == reverse("incident", args=[incident.pk])
    assert list(wrong_targets(incident)) == [wrong]
    page = browser.get(answer.url).content.decode()
    assert "Two people of one name" in page
    assert "Urgent: deletion requested by mistake" in page
    assert answer.url in browser.get(reverse("request", args=[request.reference])).content.decode()

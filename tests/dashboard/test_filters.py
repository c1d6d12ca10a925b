"""Filters of lists."""

import datetime as dt

import pytest
from django.http import QueryDict

from compliance.core import clock
from compliance.dashboard.filters import FEW, listing
from compliance.dashboard.forms import RequestFilter
from compliance.people.roles import Role
from compliance.workflow.approvals import cancel, reject
from compliance.workflow.attention import raise_attention
from compliance.workflow.models import Attention, Request
from compliance.workflow.states import ENDED, Kind, State
from tests.request_fixtures import give_approval


@pytest.fixture
def listed(officer):
    """`listed("state=closed")`: the requests that the officer sees with this filter, in order."""

    def of(query, person=officer):
        chosen = RequestFilter(QueryDict(query), person=person)
        found = listing(chosen.values, person)
        return list(found.rows.order_by(*found.order))

    return of


def attend_to(request):
    subscription, reason = request.subscriptions.get(), Attention.Reason.RECEIPT_OVERDUE
    raise_attention(request=request, subscription=subscription, reason=reason)
    return Attention.objects.latest("pk")


# -- Each filter ---------------------------------------------------------------------------------------------


def test_without_a_filter_every_open_request_is_listed(listed, new_request, analyst):
    request, ended = new_request(), new_request()
    cancel(request=ended, by=analyst, reason="No.")

    assert listed("") == [request]
    assert listed("ended=1") == [ended]


@pytest.mark.parametrize("state", [State.PREVIEWED, State.REJECTED])
def test_by_state(listed, previewed_request, new_request, officer, state):
    found, sent_back = previewed_request(), previewed_request()
    new_request()
    reject(request=sent_back, by=officer, reason="No.")

    assert listed(f"state={state}") == [{State.PREVIEWED: found, State.REJECTED: sent_back}[state]]


@pytest.mark.parametrize("kind", Kind)
def test_by_kind(listed, new_request, kind):
    requests = {}
    for each in Kind:
        requests[each] = new_request()
        Request.objects.filter(pk=requests[each].pk).update(kind=each)

    assert listed(f"kind={kind}") == [requests[kind]]


@pytest.mark.parametrize(("code", "law"), [("US_CA", "US_CA"), ("unknown", "")])
def test_by_law_also_the_one_not_yet_known(listed, new_request, code, law):
    new_request(law="EU_GDPR")
    new_request(kind="offboarding", law="")
    request = new_request(law=law)

    assert listed(f"law={code}") == [request]


def test_by_subscription(listed, new_request, silent_subscription):
    first, second = silent_subscription(), silent_subscription()
    both = new_request(subscriptions=[first, second])
    one = new_request(subscriptions=[second])

    assert listed(f"subscription={first.pk}") == [both]
    assert listed(f"subscription={second.pk}") == [both, one]


def test_by_what_is_due_unless_it_is_ordered_already(listed, new_request):
    today = clock.today()
    late, soon, far, ordered = (new_request() for _ in range(4))
    for request, days in ((late, -1), (soon, 7), (far, 8), (ordered, -1)):
        Request.objects.filter(pk=request.pk).update(send_by=today + dt.timedelta(days))
    Request.objects.filter(pk=ordered.pk).update(state=State.CONFIRMING)

    assert listed("due=overdue") == [late]
    assert listed("due=week") == [soon]


def test_overdue_is_also_what_was_ordered_and_is_past_the_laws_last_day(listed, new_request, analyst):
    today = clock.today()
    far_past, past, waiting, ordered_past, ordered, ended = (new_request() for _ in range(6))
    for request, send_by, legal_by, state in (
        (far_past, -40, -19, State.PREVIEWED),
        (past, -22, -1, State.PREVIEWED),
        (waiting, -21, 0, State.PREVIEWED),
        (ordered_past, -30, -9, State.CONFIRMING),
        (ordered, -20, 1, State.CONFIRMING),
        (ended, -30, -9, State.PREVIEWED),
    ):
        days = {"send_by": today + dt.timedelta(send_by), "legal_by": today + dt.timedelta(legal_by)}
        Request.objects.filter(pk=request.pk).update(**days, state=state)
    ended.refresh_from_db()
    cancel(request=ended, by=analyst, reason="No.")

    assert listed("due=overdue") == [far_past, ordered_past, past, waiting]
    assert listed("due=late") == [far_past, ordered_past, past]


def test_without_a_law_nothing_is_past_its_last_day(listed, new_request):
    request = new_request(kind=Kind.OFFBOARDING, law="", channel=None, identity=None)
    Request.objects.filter(pk=request.pk).update(send_by=clock.today() - dt.timedelta(99))

    assert listed("due=overdue") == [request]
    assert listed("due=late") == []


def test_by_who_entered_it(listed, new_request, officer, analyst):
    own = new_request(by=officer)
    new_request(by=analyst)

    assert listed("mine=on") == [own]


def test_by_days_of_receipt_both_included_and_sorted_by_them(listed, new_request, analyst):
    days = [clock.today() - dt.timedelta(number) for number in range(4)]
    requests = [new_request(received_on=day) for day in days]

    between = f"received_from={days[2]}&received_to={days[1]}"
    assert listed(between) == [requests[2], requests[1]]
    assert listed(f"received_from={days[1]}") == [requests[1], requests[0]]
    for request in requests:
        cancel(request=request, by=analyst, reason="No.")
    assert listed(f"ended=1&{between}") == [requests[1], requests[2]]


def test_by_what_needs_a_person(listed, new_request):
    request, settled = new_request(), new_request()
    attend_to(request)
    Attention.objects.filter(pk=attend_to(settled).pk).update(settled_at=clock.now())

    assert listed("waits=person") == [request]


def test_by_what_waits_for_my_decision(listed, previewed_request, officer, second_officer):
    own, others = previewed_request(by=officer), previewed_request()

    assert listed("waits=decision") == [others]
    assert listed("waits=decision", second_officer) == [own, others]
    give_approval(others, officer)
    assert listed("waits=decision") == []


def test_many_links_are_met_as_few_are(listed, new_request, silent_subscription, monkeypatch):
    subscription = silent_subscription()
    requests = [new_request(subscriptions=[subscription]) for _ in range(3)]
    new_request()
    few = listed(f"subscription={subscription.pk}")

    monkeypatch.setattr("compliance.dashboard.filters.FEW", 2)

    assert FEW > 3
    assert listed(f"subscription={subscription.pk}") == few == requests


def test_filters_are_combined(listed, new_request, officer, analyst):
    wanted = new_request(by=officer, law="US_CA")
    new_request(by=officer, law="EU_GDPR")
    new_request(by=analyst, law="US_CA")

    assert listed("mine=on&law=US_CA&state=previewing") == [wanted]


# -- The form ------------------------------------------------------------------------------------------------


def chosen(query, person):
    return RequestFilter(QueryDict(query), person=person)


def test_each_half_offers_its_own_states(officer):
    states = {half: dict(chosen(half, officer).fields["state"].choices) for half in ("", "ended=1")}

    assert set(states["ended=1"]) == {"", *ENDED}
    assert set(states[""]) == {"", *State} - ENDED


@pytest.mark.parametrize(("role", "offered"), [(Role.OFFICER, True), (Role.LEGAL, False)])
def test_only_who_decides_is_offered_their_decisions(make_person, role, offered):
    waits = dict(chosen("", make_person(role)).fields["waits"].choices)

    assert ("decision" in waits) == offered


def test_chips_say_what_is_filtered_and_lead_to_the_list_without_it(officer):
    form = chosen("ended=1&state=closed&law=unknown&mine=on&received_from=2026-01-31&at=abc", officer)

    assert [chip.words for chip in form.chips] == [
        "State: Closed",
        "Law: Not yet known",
        "Entered by me",
        "Received from: 31 Jan 2026",
    ]
    assert form.chips[0].without == "ended=1&law=unknown&mine=on&received_from=2026-01-31"
    assert form.reset == "ended=1"


@pytest.mark.parametrize(
    "query",
    ["state=closed", "state=x", "kind=x", "law=x", "subscription=x", "subscription=0", "due=x", "waits=x"],
)
def test_what_is_not_understood_filters_nothing_and_is_said(officer, query):
    form = chosen(query, officer)

    assert form.values == {}
    assert form.errors


def test_a_range_of_days_that_ends_before_it_begins_is_said(officer):
    form = chosen("received_from=2026-01-02&received_to=2026-01-01", officer)

    assert "before the first day" in str(form.errors)


def test_nothing_but_known_filters_goes_on_into_addresses(officer):
    assert chosen("text=jane@person.example&state=x&mine=on", officer).query == "mine=on"

"""Reads of the workflow."""

import base64
import datetime as dt

import pytest

from compliance.core import clock, keyring
from compliance.execution.planning import move_on
from compliance.workflow.approvals import cancel, reject
from compliance.workflow.models import Asked, Request
from compliance.workflow.opening import revise_request
from compliance.workflow.outcomes import settle
from compliance.workflow.queries import (
    KINDS_ASKED,
    asked_things,
    being_erased,
    due_for_execution,
    endangered_requests,
    ended_requests,
    has_spoken,
    looked_up_requests,
    not_looked_up,
    open_requests,
    others_naming_the_same,
    outcome_counts,
    pending_groups,
    requests_naming,
    spared_counts,
    waiting_for,
    whys,
    wipes,
)
from compliance.workflow.sealing import Subject
from compliance.workflow.states import AskedKind, Outcome, Spared, State, TargetKind
from compliance.workflow.things import named
from compliance.workflow.words import Group
from tests.request_fixtures import add_target, give_approval, look_up

JANE = Subject(name="Jane Doe", email="Jane@Person.example")


def test_open_requests_come_by_date_and_ended_ones_by_their_end(new_request, analyst):
    later, sooner = new_request(law="EU_GDPR"), new_request(law="US_CA")
    ended = new_request()
    cancel(request=ended, by=analyst, reason="No.")

    by_date = sorted([later, sooner], key=lambda request: (request.send_by, request.pk))
    assert list(open_requests()) == by_date
    assert list(ended_requests()) == [ended]


def test_requests_press_whose_order_cannot_wait_for_the_next_working_day(
    new_request, silent_subscription, analyst, time_machine
):
    time_machine.move_to(dt.datetime(2026, 12, 24, 20, tzinfo=dt.UTC))
    subscription = silent_subscription()

    def to_be_sent_by(day, calendar="", **wish):
        request = new_request(**{"subscriptions": [subscription]} | wish)
        request.send_by, request.calendar = dt.date(2026, 12, day), calendar
        request.save()
        return request

    overdue, today, christmas = to_be_sent_by(1), to_be_sent_by(24), to_be_sent_by(25, calendar="DE")
    to_be_sent_by(25)
    to_be_sent_by(28, calendar="DE")
    to_be_sent_by(24, subscriptions=[silent_subscription()])
    cancel(request=to_be_sent_by(24), by=analyst, reason="No.")
    ordered = to_be_sent_by(24)
    Request.objects.filter(pk=ordered.pk).update(state=State.CONFIRMING)

    assert list(endangered_requests(subscription)) == [overdue, today, christmas]


# -- Search --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Visitor-Jane", "jane@person.example", " JANE@person.example "])
def test_a_request_is_found_by_its_id_and_its_subjects_address(new_request, text):
    request = new_request(visitors=["Visitor-Jane", "other"], subject=JANE)
    new_request()

    assert list(requests_naming(text)) == [request]


def test_a_request_is_found_by_its_reference_as_it_is_typed(new_request):
    request = new_request()
    new_request()

    assert list(requests_naming(f" {request.reference.lower()} ")) == [request]


@pytest.mark.parametrize(
    "text", ["visitor-jane", "Visitor", "Jane Doe", "Jane", "person.example", "a note", "", "ED-", "\0", "%"]
)
def test_nothing_else_finds_a_request(new_request, text):
    new_request(visitors=["Visitor-Jane"], subject=JANE, note="a note")

    assert not requests_naming(text).exists()


def test_several_requests_about_one_person_are_all_found_once(new_request):
    both = [new_request(visitors=["a", "b"], subject=JANE), new_request(visitors=[JANE.email.lower()])]

    assert sorted(request.pk for request in requests_naming(JANE.email.lower())) == [one.pk for one in both]


def test_rows_of_an_older_digest_key_are_still_found(new_request, settings):
    request = new_request(visitors=["visitor-jane"], subject=JANE)
    newer = base64.urlsafe_b64encode(bytes(range(32))).decode()
    settings.DIGEST_KEYS = f"{settings.DIGEST_KEYS},9:{newer}"
    later = new_request(visitors=["visitor-jane"])

    assert set(requests_naming("visitor-jane")) == {request, later}
    assert list(requests_naming(JANE.email)) == [request]
    assert later.asked.get().digest_key == 9


@pytest.mark.parametrize("kind", KINDS_ASKED)
def test_whatever_kind_of_thing_it_is_it_is_found_and_said(new_request, kind):
    request = new_request(visitors=["visitor-one"])
    digest = keyring.lookup_digest(kind, "Harbour Ltd")
    Asked.objects.filter(request=request).update(kind=kind, digest=digest.value)

    assert list(requests_naming("Harbour Ltd")) == [request]
    words = {
        "visitor": "a visitor id",
        "account": "an account id",
        "email": "an e-mail address",
        "guide": "a guide id",
    }
    assert whys([request], "Harbour Ltd") == {request.pk: [f"asked for as {words[kind]}"]}


def test_what_was_found_for_something_else_is_found_as_such(new_request):
    request = new_request(visitors=["visitor-one"])
    digest = keyring.lookup_digest("visitor", "visitor-of-harbour")
    request.targets.update(digest=digest.value)

    assert list(requests_naming("visitor-of-harbour")) == [request]
    assert whys([request], "visitor-of-harbour") == {request.pk: ["a visitor id that was looked up for it"]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("visitor-one", "a visitor id that it has erased"),
        ("JANE@person.example", "an e-mail address that it has erased"),
    ],
)
def test_what_was_erased_is_found_after_the_target_is_gone(previewed_request, text, why):
    request = previewed_request(subject=Subject())
    keys = list(request.targets.values_list("pk", flat=True))
    for old, new in ((Outcome.PENDING, Outcome.ACCEPTED), (Outcome.ACCEPTED, Outcome.ERASED)):
        settle(
            keys, request=request, subscription=request.subscriptions.get(), old=old, new=new, why="a test"
        )
    request.targets.all().delete()
    request.asked.all().delete()

    found = list(requests_naming(text))

    assert found == [request]
    assert whys(found, text) == {request.pk: [why]}


def test_all_reasons_are_said_once(new_request):
    request = new_request(visitors=["jane@person.example", "b"], subject=JANE)

    assert whys([request], "jane@person.example") == {
        request.pk: ["asked for as a visitor id", "the e-mail address of the person"]
    }
    assert whys([request], request.reference.lower()) == {request.pk: ["the reference"]}


def test_others_that_ask_for_the_same_are_found_the_latest_first_up_to_so_many(
    new_request, analyst, monkeypatch
):
    request, *others = [new_request(visitors=["a", name]) for name in ("b", "b", "c", "d")]
    new_request(visitors=["e"])

    assert others_naming_the_same(request, 2, analyst) == others[:0:-1]
    assert others_naming_the_same(request, 5, analyst) == others[::-1]
    monkeypatch.setattr("compliance.workflow.queries.MOST_COMPARED", 1)
    assert others_naming_the_same(request, 5, analyst) is None


# -- What waits ----------------------------------------------------------------------------------------------


def test_an_officer_sees_what_they_may_decide(previewed_request, new_request, officer, second_officer):
    request = previewed_request()
    own = previewed_request(by=officer)
    new_request()

    assert list(waiting_for(officer)) == [request]
    assert set(waiting_for(second_officer)) == {request, own}


def test_what_an_officer_changed_once_does_not_wait_for_them(
    previewed_request, officer, second_officer, analyst
):
    request = previewed_request()
    for person in (officer, analyst):
        where = list(request.subscriptions.all())
        revise_request(request=request, things=asked_things(request), subscriptions=where, by=person)
        look_up(request)

    assert list(waiting_for(officer)) == []
    assert list(waiting_for(second_officer)) == [request]


def test_who_has_approved_waits_no_more_and_the_second_officer_does(
    previewed_request, officer, second_officer
):
    request = previewed_request(visitors=[f"visitor-{number}" for number in range(101)], production=True)

    give_approval(request, officer)

    assert not waiting_for(officer).exists()
    assert has_spoken(request, officer)
    assert list(waiting_for(second_officer)) == [request]
    assert not has_spoken(request, second_officer)


def test_what_an_officer_sent_back_waits_for_them_again_once_it_is_mended(
    previewed_request, officer, analyst
):
    request = previewed_request()
    reject(request=request, by=officer, reason="Not this one.")
    revise_request(
        request=request,
        things=named(AskedKind.VISITOR, ["other"]),
        subscriptions=request.subscriptions.all(),
        by=analyst,
    )
    look_up(request)

    assert list(waiting_for(officer)) == [request]
    assert not has_spoken(request, officer)


def test_an_approved_request_is_due_when_its_grace_is_over(approved_in_grace):
    assert not due_for_execution(clock.now()).exists()
    assert list(due_for_execution(approved_in_grace.grace_until)) == [approved_in_grace]


def test_a_preview_whose_last_look_up_is_done_only_has_to_be_counted(new_request, previewed_request):
    previewed_request()
    new_request()
    request = new_request()
    request.targets.update(looked_up_at=clock.now())

    assert list(looked_up_requests()) == [request]


# -- Counts --------------------------------------------------------------------------------------------------


def test_outcomes_add_up_to_the_targets(previewed_request):
    request = previewed_request(absent=["visitor-two"])

    assert outcome_counts(request) == {Outcome.PENDING: 2, Outcome.NOT_FOUND: 1}


def test_targets_that_are_not_looked_up_yet_are_counted(new_request, previewed_request):
    assert not_looked_up(new_request()) == 3
    assert not_looked_up(previewed_request()) == 0


def test_each_subscription_counts_what_would_be_sent_to_it_by_sort(previewed_request, silent_subscription):
    both = [silent_subscription(), silent_subscription()]
    request = previewed_request(subscriptions=both, absent=["visitor-two"])
    previewed_request(subscriptions=both)
    add_target(request, kind=TargetKind.ACCOUNT, name="Harbour Ltd", subscription=both[1])

    visitors = Group(TargetKind.VISITOR, False, True, 2)
    assert pending_groups(request) == [
        (both[0], [visitors]),
        (both[1], [Group(TargetKind.ACCOUNT, False, True, 1), visitors]),
    ]


def test_a_guide_for_everybody_is_another_sort_than_a_guide_for_a_visitor(wiping_request):
    request = wiping_request("guide-one", "guide-two")
    add_target(request, kind=TargetKind.GUIDE, guide="guide-one", name="visitor-one")

    ((_, groups),) = pending_groups(request)
    assert sorted((group.everybody, group.count) for group in groups) == [(False, 1), (True, 2)]
    assert wipes(request).count() == 2


def test_what_is_spared_is_counted_by_its_reason(previewed_request):
    request = previewed_request()
    for number, because in enumerate([Spared.MANY_MATCHES, Spared.MANY_MATCHES, Spared.VARIANT]):
        add_target(request, name=f"other-{number}", outcome=Outcome.SPARED, spared_because=because)

    assert spared_counts(request) == [(Spared.MANY_MATCHES, 2), (Spared.VARIANT, 1)]


def test_who_is_being_erased_is_known_by_digest_once_it_is_sent_and_who_was_not_found_is_not(
    previewed_request, officer
):
    request = previewed_request(absent=["visitor-two"])
    subscription = request.subscriptions.get()
    digests = [bytes(target.digest) for target in request.targets.all()] + [b"somebody else"]
    assert being_erased(subscription, digests) == set()

    give_approval(request, officer)
    move_on()

    found = request.targets.filter(outcome=Outcome.PENDING)
    assert being_erased(subscription, digests) == {bytes(target.digest) for target in found}

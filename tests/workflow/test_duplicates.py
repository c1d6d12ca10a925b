"""The same person asks again."""

import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.workflow.approvals import approve, cancel
from compliance.workflow.duplicates import note_in, record_later_message, twins_of
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.models import Request
from compliance.workflow.previews import current_preview
from compliance.workflow.sealing import Subject
from compliance.workflow.states import AskedKind, Channel, Kind
from compliance.workflow.things import named
from tests.request_fixtures import events_of, give_approval

JANE = Subject(name="Jane", email="jane@person.example")


@pytest.fixture
def first(new_request):
    """Jane asked ten days ago."""
    return new_request(subject=JANE, received_on=clock.today() - dt.timedelta(days=10))


def later(request, by, **changes):
    values = {"received_on": clock.today(), "channel": Channel.PHONE} | changes
    return record_later_message(request=request, by=by, **values)


# -- Found ---------------------------------------------------------------------------------------------------


def test_the_same_person_is_found_by_the_mailbox_in_any_case(first, make_wish, analyst):
    wish = make_wish(visitors=["another"], subject=Subject(email=" JANE@person.example "))

    assert [(each.request, each.why, each.linkable) for each in twins_of(wish, by=analyst)] == [
        (first, "the same person", True)
    ]


def test_the_same_identifiers_are_found_without_a_name(first, make_wish, analyst):
    assert [
        (each.request, each.why) for each in twins_of(make_wish(visitors=["visitor-two"]), by=analyst)
    ] == [(first, "the same identifiers")]


def test_others_are_not(first, make_wish, analyst):
    wish = make_wish(visitors=["VISITOR-TWO", "another"], subject=Subject(email="joe@person.example"))

    assert twins_of(wish, by=analyst) == []


def test_one_that_ended_without_an_erasure_is_shown_and_not_linked(first, make_wish, analyst):
    cancel(request=first, by=analyst, reason="No.")

    assert [each.linkable for each in twins_of(make_wish(subject=JANE), by=analyst)] == [False]
    with pytest.raises(StateChanged, match="as a new one"):
        later(first, analyst)


def test_one_that_ended_long_ago_is_not_shown(first, make_wish, analyst):
    cancel(request=first, by=analyst, reason="No.")
    Request.objects.update(closed_at=clock.now() - dt.timedelta(days=91))

    assert twins_of(make_wish(subject=JANE), by=analyst) == []


def test_where_no_person_asks_nothing_is_compared(first, make_wish, new_request, analyst):
    new_request(kind=Kind.TEST_DATA, law="", channel=None, identity=None, visitors=["visitor-nine"])

    assert twins_of(make_wish(kind=Kind.TEST_DATA, law="", channel=None, identity=None), by=analyst) == []
    assert twins_of(make_wish(visitors=["visitor-nine"]), by=analyst) == []


def test_it_takes_the_same_queries_for_one_thing_and_for_many(
    first, make_wish, analyst, django_assert_num_queries
):
    things = named(AskedKind.VISITOR, [f"visitor-{number}" for number in range(600)])
    wish = make_wish(subject=JANE, things=things)

    with django_assert_num_queries(3):
        twins_of(wish, by=analyst)


# -- Linked --------------------------------------------------------------------------------------------------


def test_a_later_message_is_noted_and_the_first_clock_stays(first, analyst):
    before = (first.received_on, first.send_by, first.legal_by)

    message = later(first, analyst, note="She asks why it takes so long.")

    first.refresh_from_db()
    assert (first.received_on, first.send_by, first.legal_by) == before
    assert note_in(message) == "She asks why it takes so long."
    entry = entries_of(first.chain).last()
    assert entry.event == "request:asked:again"
    assert entry.body["facts"]["received_on"] == clock.today().isoformat()
    assert len(entry.body["facts"]["note"]) == 64


def test_an_earlier_message_is_none(first, analyst):
    with pytest.raises(Refused, match="came before"):
        later(first, analyst, received_on=first.received_on - dt.timedelta(days=1))


def test_one_of_tomorrow_is_refused(first, analyst):
    with pytest.raises(Refused, match="future"):
        later(first, analyst, received_on=clock.today() + dt.timedelta(days=1))


def test_who_enters_no_requests_links_none(first, make_person):
    with pytest.raises(NotThisPerson):
        later(first, make_person(Role.LEGAL))


# -- Access and erasure in one message -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("access", "words"), [("given", "access was given"), ("not_due", "access isn't due")]
)
def test_who_approves_confirms_what_became_of_access(previewed_request, officer, access, words):
    request = previewed_request(access_asked=True)
    assert "request:access:asked" in events_of(request)

    with pytest.raises(Refused, match="asks for access, too"):
        give_approval(request, officer)
    preview = current_preview(request)
    approve(request=request, by=officer, digest=preview.digest, count=preview.found, access=access)

    settled = next(each for each in entries_of(request.chain) if each.event == "request:access:settled")
    assert settled.body["facts"] == {"preview": 1, "access": words}
    assert preview.approvals.get().access == access


def test_where_nobody_asked_for_access_nothing_is_confirmed(previewed_request, officer):
    request = previewed_request()

    give_approval(request, officer, access="given")

    assert "request:access:settled" not in events_of(request)
    assert current_preview(request).approvals.get().access == ""

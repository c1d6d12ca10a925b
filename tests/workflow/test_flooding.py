"""Requests that programs open too fast are kept back, until a person says that they are meant."""

import datetime as dt

import pytest
import time_machine

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.execution.flooding import carry_out_floods
from compliance.people.membership import add_person
from compliance.people.roles import Role
from compliance.people.scopes import Scope
from compliance.people.tokens import make_token
from compliance.workflow.approvals import approve, cancel
from compliance.workflow.errors import NoFurtherApproval, NotThisPerson, StateChanged
from compliance.workflow.flooding import decide_flood, open_by_program, open_floods
from compliance.workflow.models import Flood
from compliance.workflow.opening import open_request
from compliance.workflow.previews import last_preview, look_again
from compliance.workflow.states import State
from tests.request_fixtures import events_of
from tests.workflow.test_reach import FOR_TESTS


@pytest.fixture(autouse=True)
def two_an_hour(settings):
    settings.API_REQUESTS_AN_HOUR = 2


@pytest.fixture
def token(db):
    bot = add_person(name="Bot", email="bot@programs.example", roles=[Role.ANALYST], by=None, is_service=True)
    return make_token(person=bot, name="Tickets", scopes=[Scope.WRITE], by=None).token


@pytest.fixture
def opened(token, make_wish):
    """`opened(count)`: so many requests of the program, one after the other."""

    def open_some(count=1, **wish):
        return [open_by_program(wish=make_wish(**wish), token=token) for _ in range(count)]

    return open_some


def states(requests):
    for request in requests:
        request.refresh_from_db()
    return [request.state for request in requests]


# -- Kept back -----------------------------------------------------------------------------------------------


def test_the_rest_is_recorded_with_its_clocks_and_nothing_of_it_is_looked_up(opened):
    requests = opened(4)

    assert states(requests) == [State.PREVIEWING, State.PREVIEWING, State.UNCONFIRMED, State.UNCONFIRMED]
    kept = requests[2]
    assert kept.clocks.exists()
    assert kept.asked.count() == 3
    assert not kept.targets.exists()
    assert last_preview(kept) is None
    assert events_of(kept)[0] == "request:opened"
    assert events_of(kept)[-1] == "request:unconfirmed"


def test_nothing_of_it_can_be_previewed_or_approved(opened, analyst, officer):
    kept = opened(3)[-1]

    with pytest.raises(StateChanged):
        look_again(request=kept, by=analyst)
    with pytest.raises(NoFurtherApproval):
        approve(request=kept, digest="0" * 64, count=3, by=officer)


def test_it_begins_once(opened):
    opened(5)

    flood = Flood.objects.get()
    assert [entry.event for entry in entries_of(flood.chain)] == ["flood:began"]
    assert flood.openings.count() == 3


def test_a_second_token_of_the_owner_is_no_way_around(opened, token, make_wish):
    opened(2)
    second = make_token(person=token.person, name="Another", scopes=[Scope.WRITE], by=None).token

    assert open_by_program(wish=make_wish(), token=second).state == State.UNCONFIRMED


def test_what_others_open_is_not_counted(opened, make_wish, analyst):
    opened(3)

    assert open_request(wish=make_wish(), by=analyst).state == State.PREVIEWING
    other = make_token(person=analyst, name="Script", scopes=[Scope.WRITE], by=None).token
    assert open_by_program(wish=make_wish(), token=other).state == State.PREVIEWING


def test_after_an_hour_nothing_is_kept_back(opened):
    opened(2)
    with time_machine.travel(clock.now() + dt.timedelta(hours=1, seconds=1), tick=False):
        assert states(opened(2)) == [State.PREVIEWING, State.PREVIEWING]


def test_while_nobody_has_decided_everything_waits(opened):
    opened(3)
    with time_machine.travel(clock.now() + dt.timedelta(hours=2), tick=False):
        assert states(opened()) == [State.UNCONFIRMED]


# -- Decided -------------------------------------------------------------------------------------------------


def test_confirmed_all_of_it_goes_on(opened, analyst):
    kept = opened(4)[2:]

    assert decide_flood(flood=Flood.objects.get(), meant=True, by=analyst) == 2
    carry_out_floods()

    assert states(kept) == [State.PREVIEWING, State.PREVIEWING]
    assert all(request.targets.count() == 3 for request in kept)
    assert events_of(kept[0])[-2:] == ["request:confirmed", "request:preview:started"]
    assert Flood.objects.get().settled_at


def test_cancelled_all_of_it_has_ended(opened, analyst):
    kept = opened(4)[2:]

    assert decide_flood(flood=Flood.objects.get(), meant=False, by=analyst) == 2
    carry_out_floods()

    assert states(kept) == [State.CANCELLED, State.CANCELLED]
    assert kept[0].closed_at
    assert events_of(kept[0])[-1] == "request:cancelled"


def test_once_confirmed_as_many_may_follow_and_once_cancelled_none(opened, analyst):
    opened(3)
    decide_flood(flood=Flood.objects.get(), meant=False, by=analyst)
    assert states(opened()) == [State.UNCONFIRMED]

    decide_flood(flood=Flood.objects.get(decided_at=None), meant=True, by=analyst)
    assert states(opened(3)) == [State.PREVIEWING, State.PREVIEWING, State.UNCONFIRMED]


def test_what_was_cancelled_by_itself_stays_so(opened, analyst):
    kept = opened(4)[2:]
    cancel(request=kept[0], by=analyst, reason="No.")
    assert decide_flood(flood=Flood.objects.get(), meant=True, by=analyst) == 1
    carry_out_floods()

    assert states(kept) == [State.CANCELLED, State.PREVIEWING]


def test_it_is_decided_once(opened, analyst):
    opened(3)
    flood = Flood.objects.get()
    decide_flood(flood=flood, meant=True, by=analyst)

    with pytest.raises(StateChanged):
        decide_flood(flood=flood, meant=False, by=analyst)


# -- By whom -------------------------------------------------------------------------------------------------


def test_a_service_decides_about_nothing_not_even_its_own(opened, token):
    opened(3)

    with pytest.raises(NotThisPerson):
        decide_flood(flood=Flood.objects.get(), meant=True, by=token.person)


@pytest.mark.parametrize("role", [Role.LEGAL, Role.QA, Role.KEY_CUSTODIAN])
def test_whose_roles_do_not_reach_it_is_not_told(opened, make_person, role):
    opened(3)
    person = make_person(role)

    assert not open_floods(person).exists()
    with pytest.raises(Refused):
        decide_flood(flood=Flood.objects.get(), meant=True, by=person)


def test_qa_decides_about_tests(opened, make_person):
    opened(3, **FOR_TESTS)
    person = make_person(Role.QA)

    assert [flood.waiting for flood in open_floods(person)] == [1]
    assert decide_flood(flood=Flood.objects.get(), meant=True, by=person) == 1


def test_the_owner_of_a_script_may_decide(make_wish, analyst):
    token = make_token(person=analyst, name="Script", scopes=[Scope.WRITE], by=None).token
    for _ in range(3):
        open_by_program(wish=make_wish(), token=token)

    assert decide_flood(flood=Flood.objects.get(), meant=True, by=analyst) == 1


# -- Doors ---------------------------------------------------------------------------------------------------


def test_over_the_api_the_answer_says_so_and_a_repetition_does_not_count(program_of, analyst, api_body):
    program = program_of(analyst)
    answers = [program.post("/requests", api_body, key=f"key-{number}") for number in (1, 1, 1, 2, 3)]

    assert [answer.status_code for answer in answers] == [201] * 5
    assert [answer.json()["state"] for answer in answers] == ["previewing"] * 4 + ["unconfirmed"]
    told = program.get(f"/requests/{answers[-1].json()['reference']}").json()
    assert (told["state"], told["preview"]) == ("unconfirmed", None)


@pytest.fixture
def api_body(silent_subscription):
    subscription = silent_subscription()
    return {
        "kind": "test_data",
        "subscription": subscription.name,
        "targets": [{"type": "visitor", "id": "a"}],
    }


def test_on_screen_it_is_told_at_the_top_and_decided_at_once(opened, client_of, analyst):
    kept = opened(3)[-1]
    browser = client_of(analyst)

    home, page = browser.get("/").content.decode(), browser.get(f"/requests/{kept.reference}/")
    listed = browser.get("/floods/").content.decode()
    sent = browser.post(f"/floods/{Flood.objects.get().pk}/confirm/", follow=True).content.decode()

    assert "Bot opened too many requests at once" in home
    assert "Say whether they are meant" in page.content.decode()
    assert kept.reference in listed
    assert "Confirmed: 1 request" in sent
    assert "Bot opened too many" not in sent
    assert Flood.objects.get().meant


def test_cancelled_on_screen(opened, client_of, analyst):
    opened(4)

    client_of(analyst).post(f"/floods/{Flood.objects.get().pk}/cancel/")

    assert Flood.objects.get().meant is False

"""Being away, with a deputy."""

import datetime as dt

import pytest
import time_machine

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.absence import end_absence, mark_absent, shortcomings, with_deputies
from compliance.people.membership import deactivate
from compliance.people.models import Absence
from compliance.people.roles import Role

pytestmark = pytest.mark.django_db
TODAY = clock.today()


def day(number):
    return TODAY + dt.timedelta(days=number)


@pytest.fixture
def olga(make_person):
    return make_person(Role.OFFICER, name="Olga")


@pytest.fixture
def otto(make_person):
    return make_person(Role.OFFICER, name="Otto")


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR, name="Ada")


@pytest.fixture
def away():
    """`away(person, deputy, first, last)`: days counted from today; the person says so."""

    def away(person, deputy, first=0, last=3, by=None):
        return mark_absent(
            person=person, deputy=deputy, from_on=day(first), until_on=day(last), by=by or person
        )

    return away


# -- When ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "is_away"),
    [(0, 0, True), (0, 3, True), (-2, 0, True), (1, 3, False)],
    ids=["today only", "from today", "until today", "from tomorrow"],
)
def test_both_days_are_days_away(away, olga, otto, first, last, is_away):
    absence = away(olga, otto, first, last)

    assert absence.is_current is is_away
    assert Absence.objects.current().exists() is is_away
    assert Absence.objects.standing().exists()


def test_an_absence_ends_by_itself(away, olga, otto):
    absence = away(olga, otto, 0, 3)

    with time_machine.travel(clock.now() + dt.timedelta(days=4)):
        assert not absence.is_current
        assert not Absence.objects.standing().exists()


def test_an_absence_is_ended_sooner(away, olga, otto):
    absence = away(olga, otto)

    end_absence(absence=absence, by=olga)

    assert not Absence.objects.standing().exists()
    with pytest.raises(Refused, match="over already"):
        end_absence(absence=absence, by=olga)


@pytest.mark.parametrize(
    ("first", "last", "complaint"),
    [
        (3, 2, "before the first"),
        (-3, -1, "over already"),
        (0, 400, "a year at most"),
        (3, 6, "overlap"),
        (-1, 1, "overlap"),
        (0, 9, "overlap"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(away, olga, otto, first, last, complaint):
    away(olga, otto, 1, 3)

    with pytest.raises(Refused, match=complaint):
        away(olga, otto, first, last)

    assert Absence.objects.count() == 1


def test_one_absence_follows_another(away, olga, otto):
    away(olga, otto, 0, 3)
    away(olga, otto, 4, 5)

    assert Absence.objects.standing().count() == 2


# -- Who -----------------------------------------------------------------------------------------------------


def test_an_administrator_marks_a_colleague_and_ends_it(away, olga, otto, administrator):
    end_absence(absence=away(olga, otto, by=administrator), by=administrator)

    assert not Absence.objects.standing().exists()


def test_nobody_else_marks_a_colleague_or_ends_it(away, olga, otto, make_person):
    analyst = make_person(Role.ANALYST)
    with pytest.raises(Refused, match="Only this person"):
        away(olga, otto, by=analyst)
    absence = away(olga, otto)

    with pytest.raises(Refused, match="Only this person"):
        end_absence(absence=absence, by=otto)

    assert Absence.objects.standing().count() == 1


def test_nobody_stands_in_for_themselves(away, olga):
    with pytest.raises(Refused, match="for themselves"):
        away(olga, olga)


def test_who_is_deactivated_neither_goes_nor_stands_in(away, olga, otto, administrator):
    deactivate(person=otto, by=administrator)

    with pytest.raises(Refused, match="deputy is deactivated"):
        away(olga, otto)
    with pytest.raises(Refused, match="is deactivated"):
        away(otto, olga, by=administrator)


def test_a_deputy_without_the_role_is_warned_of(away, olga, make_person):
    dora = make_person(Role.ANALYST, name="Dora")

    (said,) = shortcomings(away(olga, dora))

    assert said.startswith("Dora doesn't hold Privacy officer: gets the mail, but can't do")


def test_a_deputy_who_is_away_too_is_warned_of(away, olga, otto, make_person):
    away(otto, make_person(Role.OFFICER), 3, 9)

    assert shortcomings(away(olga, otto, 0, 3)) == ["Otto is marked absent on some of these days, too."]


def test_a_deputy_who_can_do_all_of_it_needs_no_warning(away, olga, otto):
    assert shortcomings(away(olga, otto)) == []


# -- Whom mail reaches ---------------------------------------------------------------------------------------


def test_a_deputy_is_reached_with_the_absent_one(away, olga, otto, administrator):
    away(olga, otto)

    assert with_deputies([olga, administrator]) == [olga, administrator, otto]


def test_a_deputys_deputy_is_reached_and_a_circle_ends(away, olga, otto, make_person):
    last = make_person(Role.OFFICER)
    away(olga, otto)
    away(otto, last)
    away(last, olga)

    assert with_deputies([olga]) == [olga, otto, last]


def test_an_absence_to_come_reaches_nobody_yet(away, olga, otto):
    away(olga, otto, 1, 3)

    assert with_deputies([olga]) == [olga]


def test_a_deputy_who_was_deactivated_meanwhile_is_not_reached(away, olga, otto, administrator):
    away(olga, otto)
    deactivate(person=otto, by=administrator)

    assert with_deputies([olga]) == [olga]


# -- The ledger ----------------------------------------------------------------------------------------------


def test_the_ledger_keeps_absences(away, olga, otto, administrator):
    end_absence(absence=away(olga, otto, by=administrator), by=olga)

    facts = {
        "person": olga.reference,
        "from_on": day(0).isoformat(),
        "until_on": day(3).isoformat(),
        "deputy": otto.reference,
    }
    last = list(entries_of(olga.reference))[-2:]
    assert [(entry.event, entry.body["actor"], entry.body["facts"]) for entry in last] == [
        ("absence:marked", administrator.reference, facts),
        ("absence:ended", olga.reference, facts),
    ]

"""Legal places, reviews and lifts holds."""

import datetime as dt

import pytest

from compliance.audit.events import Event
from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.workflow.approvals import cancel
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.hold_placing import (
    lift_hold,
    lift_reason_of,
    matter_of,
    place_hold,
    place_hold_on_request,
    review_hold,
)
from compliance.workflow.hold_queries import (
    held_counts,
    holds_naming,
    holds_to_review,
    named_by,
    ordered_before,
)
from compliance.workflow.hold_things import MOST_HELD, Named
from compliance.workflow.models import Hold
from compliance.workflow.outcomes import settle
from compliance.workflow.states import Channel, HeldKind, Outcome
from compliance.workflow.withdrawing import withdraw_request
from tests.hold_fixtures import MATTER, hold_terms
from tests.workflow_fixtures import ids_with

SOMEBODY = [Named(HeldKind.VISITOR, "visitor-one")]


def texts(hold):
    return " ".join(entry.text for entry in entries_of(hold.reference))


def test_a_hold_names_things_under_seal_and_the_ledger_has_none_of_it(hold, legal):
    placed = hold(visitors=["visitor-one"], emails=["zoe@quokka.example"], domains=["wombat.example"])

    assert named_by(placed) == [
        ("Visitor id", "visitor-one"),
        ("E-mail address", "zoe@quokka.example"),
        ("E-mail domain", "wombat.example"),
    ]
    assert matter_of(placed) == MATTER
    assert (placed.count, placed.kinds) == (3, ["domain", "email", "visitor"])
    told = texts(placed)
    assert legal.reference in told
    assert not [text for text in ("visitor-one", "zoe", "wombat.example", MATTER) if text in told]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.LEGAL])
def test_nobody_but_legal_places_reviews_or_lifts(hold, legal, make_person, role):
    placed, person = hold(visitors=["a"]), make_person(role)

    with pytest.raises(NotThisPerson):
        place_hold(terms=hold_terms(legal), things=SOMEBODY, by=person)
    with pytest.raises(NotThisPerson):
        review_hold(hold=placed, owner=legal, review_on=placed.review_on, by=person)
    with pytest.raises(NotThisPerson):
        lift_hold(hold=placed, reason="Settled.", by=person)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_its_review_lies_within_a_year(legal, days):
    day = clock.today() + dt.timedelta(days=days)

    with pytest.raises(Refused):
        place_hold(terms=hold_terms(legal, review_on=day), things=SOMEBODY, by=legal)


def test_it_has_a_matter_an_owner_in_legal_and_something_that_it_names(legal, analyst):
    for terms, things in (
        (hold_terms(legal, matter="  "), SOMEBODY),
        (hold_terms(analyst), SOMEBODY),
        (hold_terms(legal), []),
        (hold_terms(legal), [Named(HeldKind.VISITOR, str(number)) for number in range(MOST_HELD + 1)]),
    ):
        with pytest.raises(Refused):
            place_hold(terms=terms, things=things, by=legal)
    assert not Hold.objects.exists()


def test_named_twice_is_held_once(legal):
    placed = place_hold(terms=hold_terms(legal), things=[*SOMEBODY, *SOMEBODY], by=legal)

    assert placed.things.count() == placed.count == 1


def test_a_hold_on_a_request_names_its_targets(previewed_request, legal):
    request = previewed_request(absent=["visitor-two"])

    placed = place_hold_on_request(request=request, terms=hold_terms(legal), by=legal)

    assert {value for _, value in named_by(placed)} == {"visitor-one", "visitor-two", "visitor-three"}
    assert placed.request == request
    assert entries_of(request.chain).last().event == Event.HOLD_PLACED_ON_REQUEST.value


def test_a_review_keeps_it_with_another_owner_and_day(hold, legal, make_person):
    placed, other = hold(visitors=["a"]), make_person(Role.LEGAL)
    day = clock.today() + dt.timedelta(days=10)

    review_hold(hold=placed, owner=other, review_on=day, by=legal)

    placed.refresh_from_db()
    assert (placed.owner, placed.review_on) == (other, day)
    assert entries_of(placed.reference).last().event == Event.HOLD_REVIEWED.value


def test_what_is_to_be_reviewed_is_listed_on_its_day(hold, later):
    placed = hold(visitors=["a"], review_on=clock.today() + dt.timedelta(days=2))
    assert not holds_to_review()

    later(days=2)

    assert list(holds_to_review()) == [placed]


# -- Lifting -------------------------------------------------------------------------------------------------


def test_a_lift_says_why_destroys_what_it_named_and_still_answers_for_it(hold, legal):
    placed = hold(visitors=["visitor-one"])

    lift_hold(hold=placed, reason="The Yak has settled.", by=legal)

    placed.refresh_from_db()
    assert (placed.lifted_by, lift_reason_of(placed)) == (legal, "The Yak has settled.")
    assert named_by(placed) == []
    assert holds_naming("visitor-one") == {placed.pk: ["Visitor id"]}
    assert "Yak" not in texts(placed)


def test_it_is_lifted_once_and_with_a_reason(hold, legal):
    placed = hold(visitors=["a"])

    with pytest.raises(Refused):
        lift_hold(hold=placed, reason=" ", by=legal)
    lift_hold(hold=placed, reason="Settled.", by=legal)
    with pytest.raises(StateChanged):
        lift_hold(hold=placed, reason="Settled.", by=legal)
    with pytest.raises(StateChanged):
        review_hold(hold=placed, owner=legal, review_on=placed.review_on, by=legal)


def test_what_another_hold_keeps_back_as_well_stays_held_by_that(previewed_request, hold, legal):
    first, second = hold(visitors=["visitor-one", "visitor-two"]), hold(domains=["person.example"])
    other = hold(visitors=["visitor-one"])
    request = previewed_request()
    lift_hold(hold=second, reason="Settled.", by=legal)

    lift_hold(hold=first, reason="Settled.", by=legal)

    holds = {row.hold: row.targets for row in held_counts(request)}
    assert holds == {other: 1, first: 1, second: 1}


def end_by_cancelling(request, by):
    cancel(request=request, by=by, reason="Entered twice")


def end_by_withdrawing(request, by):
    withdraw_request(request=request, withdrawn_on=clock.today(), channel=Channel.EMAIL, by=by)


@pytest.mark.parametrize("end", [end_by_cancelling, end_by_withdrawing])
def test_of_a_request_that_ended_before_anything_was_sent_nobody_is_told(
    previewed_request, hold, legal, analyst, end
):
    placed = hold(visitors=["visitor-one"])
    request = previewed_request()
    end(request, analyst)

    lift_hold(hold=placed, reason="Settled.", by=legal)

    assert not request.attentions.exists()
    assert ids_with(request, Outcome.HELD) == {"visitor-one"}


# -- Reads ---------------------------------------------------------------------------------------------------


def test_a_hold_is_found_by_exactly_what_it_names_and_by_its_domain(hold):
    one, two = hold(emails=["zoe@quokka.example"]), hold(domains=["quokka.example"], accounts=["Acme"])

    assert set(holds_naming("ZOE@quokka.example")) == {one.pk, two.pk}
    assert set(holds_naming("quokka.example")) == {two.pk}
    assert set(holds_naming("Acme")) == {two.pk}
    assert holds_naming("acme") == {}


def test_it_tells_what_was_ordered_before_it_came(previewed_request, hold):
    request = previewed_request()
    one = request.targets.get(digest=request.targets.first().digest)
    settle(
        [one.pk],
        request=request,
        subscription=one.subscription,
        old=Outcome.PENDING,
        new=Outcome.ACCEPTED,
        why="sent",
    )

    placed = hold(visitors=["visitor-one", "visitor-two"])

    assert ordered_before(placed) == [(request.reference, 1)]

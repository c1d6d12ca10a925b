"""Holds, placed by legal."""

import datetime as dt

import pytest

from compliance.core import clock
from compliance.people.roles import Role
from compliance.workflow.hold_placing import HoldTerms, place_hold
from compliance.workflow.hold_reasons import HoldReason
from compliance.workflow.hold_things import Named
from compliance.workflow.states import HeldKind

MATTER = "Wombat versus Yak"


@pytest.fixture
def legal(make_person):
    return make_person(Role.LEGAL, name="Lea Legal")


@pytest.fixture
def hold(legal):
    """`hold(visitors=..., emails=..., accounts=..., domains=..., **terms)`: a hold that stands."""

    def place(*, visitors=(), emails=(), accounts=(), domains=(), **terms):
        things = [
            *(Named(HeldKind.VISITOR, each) for each in visitors),
            *(Named(HeldKind.EMAIL, each) for each in emails),
            *(Named(HeldKind.ACCOUNT, each) for each in accounts),
            *(Named(HeldKind.DOMAIN, each) for each in domains),
        ]
        return place_hold(terms=hold_terms(terms.pop("owner", legal), **terms), things=things, by=legal)

    return place


def hold_terms(owner, **changes):
    """Why something is held: litigation, everywhere, to be reviewed in ninety days."""
    values = {
        "reason": HoldReason.LITIGATION,
        "matter": MATTER,
        "owner": owner,
        "review_on": clock.today() + dt.timedelta(days=90),
    }
    return HoldTerms(**(values | changes))

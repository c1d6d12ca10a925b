"""Names for the references that the ledger holds."""

import pytest

from compliance.people.names import actor_names
from compliance.people.roles import Role

pytestmark = pytest.mark.django_db


def test_actors_of_the_ledger_are_called_by_name(make_person):
    person = make_person(Role.ANALYST, name="Ada Byron")

    assert actor_names([person.reference, "system", "command line", "person/0"]) == {
        person.reference: "Ada Byron",
        "system": "Erasure Desk",
        "command line": "The command line",
        "person/0": "person/0",
    }


def test_names_of_many_take_one_query(make_person, django_assert_num_queries):
    references = [make_person(Role.ANALYST).reference for _ in range(5)]

    with django_assert_num_queries(1):
        actor_names(references)

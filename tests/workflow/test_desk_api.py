"""How the desk is set up, read over REST."""

import pytest

from compliance.workflow.customers import CustomerFacts, keep_customer
from tests.api_fixtures import kind_of_problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(program_of, officer):
    return program_of(officer)


def test_laws_say_which_are_enabled_and_which_codes_they_allow(reader):
    laws = {each["code"]: each for each in reader.get("/laws").json()["laws"]}
    law = reader.get("/laws/EU_GDPR").json()

    assert laws["EU_GDPR"]["enabled"]
    assert not laws["KR_PIPA"]["enabled"]
    assert "R_12_5_EXCESSIVE" in [each["code"] for each in law["reasons"]]
    assert [each["code"] for each in law["grounds"]] == ["COMPLEXITY", "NUMBER"]
    assert kind_of_problem(reader.get("/laws/NO_LAW")) == "not-found"


def test_the_policy_says_what_an_approval_takes(reader):
    policy = reader.get("/policy").json()
    line = next(
        each for each in policy["policy"] if (each["place"], each["kind"]) == ("production", "erasure")
    )

    assert (line["two_people_over"], line["grace_minutes"]) == (100, 30)
    assert policy["proposals"] == 0


def test_registers_are_read(reader, make_recipient, officer):
    make_recipient()
    facts = CustomerFacts(name="Harbour Ltd", days=5, account_id="a-1")
    keep_customer(customer=None, facts=facts, by=officer)

    assert [each["name"] for each in reader.get("/recipients").json()["recipients"]] == ["Mailer"]
    assert [each["account"] for each in reader.get("/customers").json()["customers"]] == ["a-1"]

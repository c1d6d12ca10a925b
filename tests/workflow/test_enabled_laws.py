"""Which laws matter to the company."""

import pytest
from auditlog.models import LogEntry

from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.laws.registry import LawUnknown, get_law
from compliance.people.roles import Role
from compliance.workflow.enabled_laws import (
    CHAIN,
    ON_AT_FIRST,
    disable_law,
    enable_law,
    enabled_laws,
    laws_ever_enabled,
    selectable_laws,
)
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.models import LawChoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR, name="Ada Admin")


def codes(laws):
    return {law.code for law in laws}


def test_three_laws_are_on_until_somebody_chooses():
    assert codes(enabled_laws()) == ON_AT_FIRST == {"EU_GDPR", "UK_GDPR", "US_CA"}


def test_a_law_is_enabled_and_disabled_again(administrator):
    enable_law(code="KR_PIPA", by=administrator)
    assert codes(enabled_laws()) == ON_AT_FIRST | {"KR_PIPA"}

    disable_law(code="KR_PIPA", by=administrator)
    disable_law(code="US_CA", by=administrator)
    assert codes(enabled_laws()) == {"EU_GDPR", "UK_GDPR"}
    assert codes(laws_ever_enabled()) == ON_AT_FIRST | {"KR_PIPA"}


def test_a_law_to_come_is_enabled_but_not_selectable_before_it_applies(administrator, time_machine):
    time_machine.move_to("2026-12-31T12:00:00Z")
    enable_law(code="US_OK", by=administrator)

    assert "US_OK" in codes(enabled_laws()) - codes(selectable_laws())
    time_machine.move_to("2027-01-01T12:00:00Z")
    assert "US_OK" in codes(selectable_laws())


def test_the_ledger_and_the_change_record_say_who_chose(administrator, new_request):
    new_request(law="US_CA")

    enable_law(code="KR_PIPA", by=administrator)
    disable_law(code="US_CA", by=administrator)

    enabled, disabled = entries_of(CHAIN)
    assert (enabled.event, disabled.event) == ("law:enabled", "law:disabled")
    assert enabled.body["actor"] == administrator.reference
    assert enabled.body["facts"] == {
        "law": "KR_PIPA",
        "version": get_law("KR_PIPA").version,
        "effective_from": "2023-09-15",
    }
    assert disabled.body["facts"]["open"] == 1
    assert LogEntry.objects.get_for_model(LawChoice).count() == 2


def test_requests_keep_a_law_that_is_disabled(administrator, new_request):
    request = new_request(law="US_CA")

    disable_law(code="US_CA", by=administrator)

    request.refresh_from_db()
    assert (request.law, request.clocks.count()) == ("US_CA", 4)


def test_the_last_law_in_force_stays(administrator):
    enable_law(code="US_OK", by=administrator)
    disable_law(code="US_CA", by=administrator)
    disable_law(code="UK_GDPR", by=administrator)

    with pytest.raises(Refused, match="only law in force"):
        disable_law(code="EU_GDPR", by=administrator)
    assert "EU_GDPR" in codes(selectable_laws())


@pytest.mark.parametrize(
    ("verb", "code"), [(enable_law, "EU_GDPR"), (disable_law, "KR_PIPA")], ids=["enabled", "disabled"]
)
def test_what_is_so_already_is_refused(administrator, verb, code):
    with pytest.raises(Refused, match="Reload the page"):
        verb(code=code, by=administrator)
    assert not entries_of(CHAIN).exists()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
@pytest.mark.parametrize(("verb", "code"), [(enable_law, "KR_PIPA"), (disable_law, "US_CA")])
def test_only_an_administrator_chooses(make_person, role, verb, code):
    with pytest.raises(NotThisPerson):
        verb(code=code, by=make_person(role))
    assert not LawChoice.objects.exists()


def test_a_law_that_does_not_exist_is_not_enabled(administrator):
    with pytest.raises(LawUnknown):
        enable_law(code="XX", by=administrator)

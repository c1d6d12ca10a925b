"""The laws' pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from compliance.laws.law import COUNSEL_MUST_CONFIRM
from compliance.laws.registry import all_laws, texts_of
from compliance.people.roles import Role
from compliance.workflow.enabled_laws import enable_law, enabled_laws

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR, name="Ada Admin")


@pytest.fixture
def desk(client_of, administrator):
    return client_of(administrator)


def text(answer):
    return " ".join(answer.content.decode().split())


def test_every_law_is_listed_those_enabled_first(desk):
    rows = desk.get("/laws/").context["rows"]

    assert [row.law.code for row in rows[:3]] == ["EU_GDPR", "UK_GDPR", "US_CA"]
    assert {row.law for row in rows} == set(all_laws())


def test_the_list_takes_as_many_queries_whatever_is_enabled(desk, administrator):
    counts = []
    for code in ("KR_PIPA", "US_CO", "US_VA"):
        enable_law(code=code, by=administrator)
        with CaptureQueriesContext(connection) as found:
            desk.get("/laws/")
        counts.append(len(found))

    assert len(set(counts)) == 1


@pytest.mark.parametrize("law", all_laws(), ids=lambda law: law.code)
def test_the_page_of_a_law_shows_what_counsel_has_to_confirm(desk, law):
    page = desk.get(f"/laws/{law.code}/").content.decode()

    assert COUNSEL_MUST_CONFIRM in page
    assert law.version in page
    for source in law.sources:
        assert f'href="{escape(source.url)}"' in page
        assert source.evidence in page
    for reason in law.reasons:
        assert reason.code in page
    for rule in law.clocks:
        assert escape(rule.article) in page


def test_a_former_text_has_its_own_page(desk):
    former, _ = texts_of("UK_GDPR")

    page = text(desk.get("/laws/UK_GDPR/", {"version": former.version}))

    assert "Applies from</dt><dd>1 Jan 2021" in page
    assert "Art. 12(3) UK GDPR" in page


@pytest.mark.parametrize("address", ["/laws/XX/", "/laws/UK_GDPR/?version=1999-01-01"])
def test_what_does_not_exist_is_not_found(desk, address):
    assert desk.get(address).status_code == 404


def test_a_law_is_enabled_and_disabled(desk):
    enabled = desk.post("/laws/KR_PIPA/enable/", follow=True)
    disabled = desk.post("/laws/US_CA/disable/", follow=True)

    assert "Korea (PIPA) is enabled." in text(enabled)
    assert "Ada Admin enabled KR_PIPA" in text(enabled)
    assert "California (CCPA) is disabled." in text(disabled)
    assert {law.code for law in enabled_laws()} == {"EU_GDPR", "UK_GDPR", "KR_PIPA"}


@pytest.mark.parametrize("address", ["/laws/EU_GDPR/enable/", "/laws/KR_PIPA/disable/"])
def test_what_is_so_already_is_said(desk, address):
    assert "Reload the page" in text(desk.post(address, follow=True))


@pytest.mark.parametrize("verb", ["enable", "disable"])
def test_a_law_that_does_not_exist_can_not_be_chosen(desk, verb):
    assert desk.post(f"/laws/XX/{verb}/").status_code == 404


def test_who_only_reads_is_offered_no_button(client_of, make_person):
    browser = client_of(make_person(Role.LEGAL))

    for address in ("/laws/", "/laws/EU_GDPR/"):
        assert "able/" not in text(browser.get(address))

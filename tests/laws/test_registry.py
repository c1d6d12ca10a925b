import ast
import dataclasses
from datetime import date, timedelta
from pathlib import Path

import pytest

import compliance.laws.registry
from compliance.laws.calendars import CALENDARS
from compliance.laws.law import COUNSEL_MUST_CONFIRM, ClockKind, IdentityCheck, Unit
from compliance.laws.registry import LawUnknown, all_laws, get_law

every_law = pytest.mark.parametrize("law", all_laws(), ids=lambda law: law.code)


def test_laws_are_found_by_their_code():
    assert [law.code for law in all_laws()] == ["EU_GDPR", "UK_GDPR", "US_CA"]
    assert all(get_law(law.code) is law for law in all_laws())


@pytest.mark.parametrize("code", ["", "GDPR", "eu_gdpr"])
def test_unknown_law_is_refused_with_the_codes_there_are(code):
    with pytest.raises(LawUnknown, match="Use one of: EU_GDPR, UK_GDPR, US_CA") as refused:
        get_law(code)

    assert repr(code) in str(refused.value)


@every_law
def test_law_shows_version_and_sources(law):
    assert date.fromisoformat(law.version) >= law.effective_from
    assert law.sources
    assert all(source.title and source.url.startswith("https://") for source in law.sources)
    assert law.name
    assert law.right


@every_law
def test_law_has_each_clock_once_and_names_its_article(law):
    kinds = [rule.kind for rule in law.clocks]

    assert len(set(kinds)) == len(kinds)
    assert {ClockKind.EXTENSION_NOTICE, ClockKind.ANSWER, ClockKind.EXTENDED_ANSWER} <= set(kinds)
    assert all(rule.article and rule.number > 0 for rule in law.clocks)


@every_law
def test_calendars_of_a_law_are_known(law):
    business_days = [rule for rule in law.clocks if rule.unit is Unit.BUSINESS_DAYS]
    named = {code for rule in business_days for code in (rule.legal_business_days, rule.safe_business_days)}

    assert named | set(law.calendars) <= set(CALENDARS)
    assert law.default_calendar in {None, *law.calendars}


@every_law
def test_law_cannot_be_changed(law):
    with pytest.raises(dataclasses.FrozenInstanceError):
        law.version = "2000-01-01"


@every_law
def test_law_is_not_selectable_before_it_applies(law):
    assert law.is_selectable_on(law.effective_from)
    assert not law.is_selectable_on(law.effective_from - timedelta(days=1))


def test_identity_check_does_to_the_clock_what_each_law_says():
    assert {law.code: law.identity for law in all_laws()} == {
        "EU_GDPR": IdentityCheck.MAY_SUSPEND,
        "UK_GDPR": IdentityCheck.RESTARTS,
        "US_CA": IdentityCheck.DOES_NOT_STOP,
    }


def test_counsel_is_named_in_what_the_screen_says():
    assert "counsel must confirm" in COUNSEL_MUST_CONFIRM


def test_room_needs_only_the_standard_library_and_the_two_date_libraries():
    room = Path(compliance.laws.registry.__file__).parent

    imported = {name for path in room.glob("*.py") for name in _modules_of(path)}

    assert {name.split(".")[0] for name in imported if not name.startswith("compliance.laws")} <= {
        "__future__",
        "collections",
        "dataclasses",
        "datetime",
        "dateutil",
        "enum",
        "functools",
        "holidays",
        "itertools",
        "typing",
    }


def _modules_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module

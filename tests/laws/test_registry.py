import ast
import dataclasses
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

import compliance.laws.registry
from compliance.laws.calendars import CALENDARS
from compliance.laws.law import COUNSEL_MUST_CONFIRM, ClockKind, IdentityCheck, Need, ReasonKind, Unit
from compliance.laws.registry import LawUnknown, all_laws, get_law, law_on, texts_of

EVERY_TEXT = [text for law in all_laws() for text in texts_of(law.code)]
every_text = pytest.mark.parametrize("law", EVERY_TEXT, ids=lambda law: f"{law.code} {law.version}")
#: Of facts/law.md, 1.1: what each gives, as day units and numbers.
PERIODS = {
    # code: answer, extended answer, appeal, extended appeal, free a year, months of record
    "EU_GDPR": ("1 months", "3 months", None, None, None, None),
    "UK_GDPR": ("1 months", "3 months", None, None, None, None),
    "CH_FADP": ("30 days", None, None, None, None, None),
    "US_CA": ("45 days", "90 days", None, None, None, 24),
    "US_CA_DROP": ("45 days", None, None, None, None, None),
    "US_AL": ("45 days", "90 days", None, None, 2, None),
    "US_CO": ("45 days", "90 days", "45 days", "105 days", 1, 24),
    "US_CT": ("45 days", "90 days", "60 days", None, 1, None),
    "US_DE": ("45 days", "90 days", "60 days", None, 1, None),
    "US_FL": ("45 days", "60 days", "60 days", None, 2, None),
    "US_IA": ("90 days", "135 days", "60 days", None, 2, None),
    "US_IN": ("45 days", "90 days", "60 days", None, 1, None),
    "US_KY": ("45 days", "90 days", "60 days", None, 2, None),
    "US_MD": ("45 days", "90 days", "60 days", None, 1, None),
    "US_MN": ("45 days", "90 days", "45 days", "105 days", 2, 24),
    "US_MT": ("45 days", "90 days", "60 days", None, 1, None),
    "US_NE": ("45 days", "90 days", "60 days", None, 2, None),
    "US_NH": ("45 days", "90 days", "60 days", None, 1, None),
    "US_NJ": ("45 days", "90 days", "45 days", None, 1, None),
    "US_OK": ("45 days", "90 days", "60 days", None, 2, None),
    "US_OR": ("45 days", "90 days", "45 days", None, 1, None),
    "US_RI": ("45 days", "90 days", "60 days", None, 1, None),
    "US_TN": ("45 days", "90 days", "60 days", None, 2, None),
    "US_TX": ("45 days", "90 days", "60 days", None, 2, None),
    "US_UT": ("45 days", "90 days", None, None, 1, None),
    "US_VA": ("45 days", "90 days", "60 days", None, 2, None),
    "US_WA_MHMD": ("45 days", "90 days", "45 days", None, 2, None),
    "CA_PIPEDA": ("30 days", "60 days", None, None, None, None),
    "CA_QC": ("30 days", None, None, None, None, None),
    "BR_LGPD": ("15 days", None, None, None, None, None),
    "KR_PIPA": ("10 days", None, None, None, None, None),
    "JP_APPI": ("14 days", None, None, None, None, None),
    "AU_APP": ("30 days", None, None, None, None, None),
    "IN_DPDP": ("90 days", None, None, None, None, None),
}


def test_laws_are_found_by_their_code():
    assert {law.code for law in all_laws()} == set(PERIODS)
    assert all(get_law(law.code) is law for law in all_laws())


@pytest.mark.parametrize("law", all_laws(), ids=lambda law: law.code)
def test_law_gives_the_periods_of_the_table(law):
    kinds = ("answer", "extended_answer", "appeal_answer", "extended_appeal_answer")
    rules = [law.rule(ClockKind(kind)) for kind in kinds]
    periods = [rule and f"{rule.number} {rule.unit}" for rule in rules]

    assert (*periods, law.fee.free_per_year, law.keep_record_months) == PERIODS[law.code]


@pytest.mark.parametrize("code", ["", "GDPR", "eu_gdpr"])
def test_unknown_law_is_refused_with_the_codes_there_are(code):
    with pytest.raises(LawUnknown, match="Use one of: EU_GDPR, UK_GDPR, CH_FADP, US_CA") as refused:
        get_law(code)

    assert repr(code) in str(refused.value)


# -- Texts of one law --------------------------------------------------------------------------------------


@every_text
def test_text_is_found_by_its_version(law):
    assert get_law(law.code, law.version) is law


def test_unknown_version_is_refused_with_those_there_are():
    with pytest.raises(LawUnknown, match="Use one of: 2026-02-04, 2026-11-22"):
        get_law("UK_GDPR", "1999-01-01")


@pytest.mark.parametrize("code", PERIODS)
def test_texts_of_a_law_follow_one_another(code):
    texts = texts_of(code)

    assert [text.version for text in texts] == sorted({text.version for text in texts})
    assert [text.effective_from for text in texts] == sorted({text.effective_from for text in texts})
    assert texts[-1] is get_law(code)


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2018, 5, 25), "2026-02-04"),
        (date(2026, 2, 4), "2026-02-04"),
        (date(2026, 2, 5), "2026-11-22"),
        (date(2030, 1, 1), "2026-11-22"),
    ],
)
def test_day_of_receipt_chooses_the_text(day, version):
    assert law_on("UK_GDPR", day).version == version


# -- What each says ----------------------------------------------------------------------------------------


@every_text
def test_law_shows_version_and_sources(law):
    assert date.fromisoformat(law.version)
    assert law.sources
    assert all(source.title and source.url.startswith("https://") for source in law.sources)
    for said in (law.name, law.right, law.identity_says, law.fee.words, law.fee.article, *law.notes):
        assert said
        assert said == said.strip()
    assert law.recourse
    assert law.refusal_says


@every_text
def test_law_has_each_clock_once_and_names_its_article(law):
    kinds = [rule.kind for rule in law.clocks]

    assert len(set(kinds)) == len(kinds)
    assert ClockKind.ANSWER in kinds
    assert all(rule.article and rule.number > 0 for rule in law.clocks)


@every_text
def test_law_that_gives_more_time_says_on_what_condition_and_until_when_to_tell(law):
    notice, extended = law.rule(ClockKind.EXTENSION_NOTICE), law.rule(ClockKind.EXTENDED_ANSWER)

    assert (law.extension is None) == (notice is None)
    assert law.extension is None or (law.extension.condition and law.extension.notice_says)
    assert notice or not extended


@every_text
def test_reason_codes_stand_once_and_cite_a_provision(law):
    codes = [reason.code for reason in law.reasons]

    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]{3,39}", code) for code in codes)
    assert all(reason.meaning and reason.provision for reason in law.reasons)
    assert {ReasonKind.EXCEPTION, ReasonKind.HOLD} <= {reason.kind for reason in law.reasons}
    assert all(law.reason(code).code == code for code in codes)
    assert law.reason("ANALYTICS_IS_USEFUL") is None


def test_same_code_means_the_same_in_every_law():
    meanings = {}
    for law in all_laws():
        for reason in law.reasons:
            meanings.setdefault(reason.code, set()).add((reason.kind, reason.meaning, reason.needs))

    assert {code for code, said in meanings.items() if len(said) > 1} == set()


@pytest.mark.parametrize(
    ("law", "codes"),
    [
        ("EU_GDPR", ["X_A_EXPRESSION", "X_E_LEGAL_CLAIMS", "R_NATIONAL_LAW_23"]),
        ("US_CA", ["CA_D8_LEGAL_OBLIGATION", "CA_145A_LAW_INVESTIGATION_CLAIMS"]),
        ("US_VA", ["ST_LEGAL_OBLIGATION", "ST_LEGAL_CLAIMS"]),
    ],
)
def test_data_that_stays_has_a_provision_and_a_last_day(law, codes):
    for code in codes:
        assert get_law(law).reason(code).needs == (Need.STATUTE, Need.END_DATE)


def test_own_holds_are_those_of_their_laws_only():
    with_year = [law.code for law in all_laws() if law.reason("H_IN_1Y_LOGS")]
    after_access = [law.code for law in all_laws() if law.reason("H_PENDING_ACCESS_REQUEST")]

    assert with_year == ["IN_DPDP"]
    assert after_access == ["UK_GDPR", "CA_PIPEDA", "CA_QC"]


@every_text
def test_calendars_of_a_law_are_known(law):
    business_days = [rule for rule in law.clocks if rule.unit is Unit.BUSINESS_DAYS]
    named = {code for rule in business_days for code in (rule.legal_business_days, rule.safe_business_days)}

    assert named | set(law.calendars) <= set(CALENDARS)
    assert law.default_calendar in {None, *law.calendars}


@every_text
def test_only_law_with_calendars_rolls(law):
    assert bool(law.calendars) or not any(rule.rolls for rule in law.clocks)


@every_text
def test_law_cannot_be_changed(law):
    with pytest.raises(dataclasses.FrozenInstanceError):
        law.version = "2000-01-01"


@every_text
def test_law_is_not_selectable_before_it_applies(law):
    assert law.is_selectable_on(law.effective_from)
    assert not law.is_selectable_on(law.effective_from - timedelta(days=1))


@pytest.mark.parametrize(
    ("code", "first_day"),
    [("US_OK", date(2027, 1, 1)), ("US_AL", date(2027, 5, 1)), ("IN_DPDP", date(2027, 5, 13))],
)
def test_laws_to_come_are_not_selectable_yet(code, first_day):
    assert not get_law(code).is_selectable_on(date(2026, 11, 26))
    assert get_law(code).is_selectable_on(first_day)


def test_identity_check_does_to_the_clock_what_each_law_says():
    own = {"EU_GDPR": IdentityCheck.MAY_SUSPEND, "UK_GDPR": IdentityCheck.RESTARTS}
    states = {law.code for law in all_laws() if law.code.startswith("US_")} - {"US_CA", "US_CA_DROP"}
    gated = dict.fromkeys(states, IdentityCheck.GATES)

    assert {law.code: law.identity for law in all_laws()} == {
        law.code: (own | gated).get(law.code, IdentityCheck.DOES_NOT_STOP) for law in all_laws()
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

"""European Union: General Data Protection Regulation."""

from __future__ import annotations

from datetime import date

from compliance.laws.calendars import EU_CALENDARS
from compliance.laws.law import (
    ClockKind,
    ClockRule,
    Evidence,
    Extension,
    Fee,
    IdentityCheck,
    Law,
    Source,
    Unit,
)
from compliance.laws.reasons import GDPR_GROUNDS, GDPR_REASONS, HOLDS, RESTRICTION_ASKED

EU_GDPR = Law(
    code="EU_GDPR",
    name="EU GDPR",
    right="Art. 17 GDPR",
    version="2026-11-22",
    effective_from=date(2018, 5, 25),
    sources=(
        Source(
            "Regulation (EU) 2016/679, Arts. 12 and 17",
            "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
            Evidence.UNREAD,
        ),
        Source(
            "Regulation (EEC, Euratom) 1182/71, Arts. 2 and 3(4): periods and public holidays",
            "https://eur-lex.europa.eu/eli/reg/1971/1182/oj",
            Evidence.TEXT,
        ),
        Source(
            "Regulation (EEC, Euratom) 1182/71, Art. 3(1) and (2)(c): how months are counted",
            "https://eur-lex.europa.eu/eli/reg/1971/1182/oj",
            Evidence.UNREAD,
        ),
        Source(
            "EDPB Guidelines 01/2022 on the right of access, on time limits and identity",
            "https://www.edpb.europa.eu/our-work-tools/our-documents/guidelines/"
            "guidelines-012022-data-subject-rights-right-access_en",
            Evidence.UNREAD,
        ),
    ),
    clocks=(
        ClockRule(
            kind=ClockKind.EXTENSION_NOTICE, number=1, unit=Unit.MONTHS, article="Art. 12(3) GDPR", rolls=True
        ),
        ClockRule(kind=ClockKind.ANSWER, number=1, unit=Unit.MONTHS, article="Art. 12(3) GDPR", rolls=True),
        ClockRule(
            kind=ClockKind.EXTENDED_ANSWER, number=3, unit=Unit.MONTHS, article="Art. 12(3) GDPR", rolls=True
        ),
    ),
    identity=IdentityCheck.MAY_SUSPEND,
    identity_says=(
        "Only on reasonable doubts (Art. 12(6)). That the time stands still while an answer is awaited is "
        "arguable, and only if it was asked without undue delay (EDPB 01/2022)."
    ),
    extension=Extension("necessary, for the complexity and number of the requests (Art. 12(3))"),
    fee=Fee(
        "Free; a fee or a refusal only where manifestly unfounded or excessive, which the company has to "
        "show.",
        "Art. 12(5) GDPR",
    ),
    recourse=("a complaint to a supervisory authority", "a court"),
    refusal_says=(
        "the reasons",
        "the right to complain to a supervisory authority",
        "the right to a judicial remedy",
    ),
    reasons=(*GDPR_GROUNDS, *GDPR_REASONS, *HOLDS, RESTRICTION_ASKED),
    reaches="Personal data for which one of the grounds of Art. 17(1) exists.",
    tells=(
        "processors",
        "each recipient, unless impossible or disproportionate (Art. 19)",
        "other controllers, where the data was made public (Art. 17(2))",
    ),
    notes=(
        "The law fixes no period for keeping the record; Art. 5(2) wants that the answer can be shown.",
        "Member states may limit the right (Art. 23): national tax and trade law above all.",
    ),
    calendars=EU_CALENDARS,
)

"""European Union: General Data Protection Regulation."""

from __future__ import annotations

from datetime import date

from compliance.laws.calendars import EU_CALENDARS
from compliance.laws.law import ClockKind, ClockRule, Evidence, IdentityCheck, Law, Source, Unit

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
    # Art. 12(6) with EDPB 01/2022: arguable, and only on reasonable doubts raised without undue delay.
    identity=IdentityCheck.MAY_SUSPEND,
    calendars=EU_CALENDARS,
)

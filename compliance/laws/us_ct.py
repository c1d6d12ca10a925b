"""Connecticut: Data Privacy Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_CT = VirginiaModel(
    code="US_CT",
    name="Connecticut (CTDPA)",
    right="Conn. Gen. Stat. 42-518(a)(3)",
    article="Conn. Gen. Stat. 42-518(c)",
    version="2026-11-22",
    effective_from=date(2023, 7, 1),
    sources=(
        Source(
            "Conn. Gen. Stat. 42-518", "https://www.cga.ct.gov/current/pub/chap_743jj.htm", Evidence.UNREAD
        ),
    ),
    regulator="the Attorney General of Connecticut",
    free_per_year=1,
    appeal_article="Conn. Gen. Stat. 42-518(d)",
    notes=(
        "SB 1295 changed the act from 1 July 2026; counsel still has to read whether it changed a period.",
    ),
).law()

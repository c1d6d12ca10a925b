"""Utah: Consumer Privacy Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Reason, ReasonKind, Source
from compliance.laws.virginia_model import STATE_REASONS, VirginiaModel

US_UT = VirginiaModel(
    code="US_UT",
    name="Utah (UCPA)",
    right="Utah Code 13-61-201(2)",
    article="Utah Code 13-61-203",
    version="2026-11-22",
    effective_from=date(2023, 12, 31),
    sources=(
        Source(
            "Utah Code 13-61-203",
            "https://le.utah.gov/xcode/Title13/Chapter61/13-61-S203.html",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Division of Consumer Protection of Utah",
    free_per_year=1,
    appeal_days=None,
    reaches="Personal data that the consumer provided; nothing else is deletable.",
    reasons=(
        *STATE_REASONS,
        Reason(
            "UT_NOT_PROVIDED",
            ReasonKind.EXCEPTION,
            "The consumer didn't provide this data",
            "Utah Code 13-61-201(2)",
        ),
    ),
).law()

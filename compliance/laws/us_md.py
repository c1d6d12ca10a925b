"""Maryland: Online Data Privacy Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import STATE_REASONS, VirginiaModel

US_MD = VirginiaModel(
    code="US_MD",
    name="Maryland (MODPA)",
    right="Md. Com. Law 14-4705",
    article="Md. Com. Law 14-4705",
    version="2026-11-22",
    effective_from=date(2025, 10, 1),
    sources=(
        Source(
            "Md. Com. Law 14-4605, which was renumbered 14-4705",
            "https://mgaleg.maryland.gov/mgawebsite/Laws/StatuteText?article=gcl&section=14-4705",
            Evidence.TEXT,
        ),
        Source(
            "The 60 days for an appeal",
            "https://mgaleg.maryland.gov/mgawebsite/Laws/StatuteText?article=gcl&section=14-4705",
            Evidence.SECONDARY,
        ),
    ),
    regulator="the Division of Consumer Protection of Maryland",
    free_per_year=1,
    reaches="Personal data, unless a law wants it kept: on its face narrower exceptions than elsewhere.",
    # Nothing is known of a rule for data from another source.
    reasons=STATE_REASONS,
).law()

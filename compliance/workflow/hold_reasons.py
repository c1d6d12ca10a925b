"""Why something may be held: a closed list, as data. The person concerned has to be told each of them.

Counsel must confirm which of them applies. The codes are those of decisions and letters.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import models


class HoldReason(models.TextChoices):
    """The codes."""

    LITIGATION = "H_LITIGATION", "Litigation"
    REGULATOR_ORDER = "H_REGULATOR_ORDER", "Order of a regulator"
    PENDING_ACCESS_REQUEST = "H_PENDING_ACCESS_REQUEST", "An access request is pending"
    TAX_COMMERCIAL_RETENTION = "H_TAX_COMMERCIAL_RETENTION", "Retention under tax or commercial law"
    ONE_YEAR_LOGS = "H_IN_1Y_LOGS", "India: data and logs are kept for a year"
    RESTRICTION = "H_SUBJECT_ASKED_RESTRICTION", "The person asked for restriction instead"


class ReasonWords(NamedTuple):
    """When a reason applies, and what it rests on."""

    about: str
    basis: str


WORDS: dict[HoldReason, ReasonWords] = {
    HoldReason.LITIGATION: ReasonWords(
        "The data is wanted to establish, exercise or defend a legal claim.", "GDPR 17(3)(e)"
    ),
    HoldReason.REGULATOR_ORDER: ReasonWords(
        "An authority or a court has ordered that the data is kept.", "GDPR 17(3)(b)"
    ),
    HoldReason.PENDING_ACCESS_REQUEST: ReasonWords(
        "The same person has asked for access. That is answered first; to erase meanwhile may be an offence.",
        "PIPEDA 8(8); UK DPA 2018 s173; Quebec s36",
    ),
    HoldReason.TAX_COMMERCIAL_RETENTION: ReasonWords(
        "A tax or commercial law sets a period that isn't over.", "GDPR 17(3)(b)"
    ),
    HoldReason.ONE_YEAR_LOGS: ReasonWords(
        "India wants personal data, traffic data and logs kept for at least a year.", "DPDP Rule 8(3)"
    ),
    HoldReason.RESTRICTION: ReasonWords(
        "The person opposes the erasure, or needs the data for a claim of their own.", "GDPR 18(1)(b), (c)"
    ),
}

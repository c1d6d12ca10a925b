"""Every law there is, by code. A new law is one file and one row here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.laws.eu_gdpr import EU_GDPR
from compliance.laws.uk_gdpr import UK_GDPR
from compliance.laws.us_ca import US_CA

if TYPE_CHECKING:
    from compliance.laws.law import Law

_LAWS = (EU_GDPR, UK_GDPR, US_CA)
_BY_CODE = {law.code: law for law in _LAWS}


class LawUnknown(LookupError):
    """No law has this code."""

    def __init__(self, code: str) -> None:
        """Name the code and those that there are."""
        super().__init__(f"There is no law with the code {code!r}. Use one of: {', '.join(_BY_CODE)}.")


def all_laws() -> tuple[Law, ...]:
    """Return every law, in the order in which forms show them."""
    return _LAWS


def get_law(code: str) -> Law:
    """Return the law with exactly this code; LawUnknown where there is none."""
    try:
        return _BY_CODE[code]
    except KeyError:
        raise LawUnknown(code) from None

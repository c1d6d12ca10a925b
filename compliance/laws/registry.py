"""Every law there is, by code. A law is a file and a row; its texts, former ones too, stand side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.laws.au_app import AU_APP
from compliance.laws.br_lgpd import BR_LGPD
from compliance.laws.ca_pipeda import CA_PIPEDA
from compliance.laws.ca_qc import CA_QC
from compliance.laws.ch_fadp import CH_FADP
from compliance.laws.eu_gdpr import EU_GDPR
from compliance.laws.in_dpdp import IN_DPDP
from compliance.laws.jp_appi import JP_APPI
from compliance.laws.kr_pipa import KR_PIPA
from compliance.laws.uk_gdpr import UK_GDPR, UK_GDPR_UNTIL_2026
from compliance.laws.us_al import US_AL
from compliance.laws.us_ca import US_CA
from compliance.laws.us_ca_drop import US_CA_DROP
from compliance.laws.us_co import US_CO
from compliance.laws.us_ct import US_CT
from compliance.laws.us_de import US_DE
from compliance.laws.us_fl import US_FL
from compliance.laws.us_ia import US_IA
from compliance.laws.us_in import US_IN
from compliance.laws.us_ky import US_KY
from compliance.laws.us_md import US_MD
from compliance.laws.us_mn import US_MN
from compliance.laws.us_mt import US_MT
from compliance.laws.us_ne import US_NE
from compliance.laws.us_nh import US_NH
from compliance.laws.us_nj import US_NJ
from compliance.laws.us_ok import US_OK
from compliance.laws.us_or import US_OR
from compliance.laws.us_ri import US_RI
from compliance.laws.us_tn import US_TN
from compliance.laws.us_tx import US_TX
from compliance.laws.us_ut import US_UT
from compliance.laws.us_va import US_VA
from compliance.laws.us_wa_mhmd import US_WA_MHMD

if TYPE_CHECKING:
    from datetime import date

    from compliance.laws.law import Law

#: In the order in which forms show them; the texts of one law from the first to the latest.
_TEXTS = (
    EU_GDPR,
    UK_GDPR_UNTIL_2026,
    UK_GDPR,
    CH_FADP,
    US_CA,
    US_CA_DROP,
    US_AL,
    US_CO,
    US_CT,
    US_DE,
    US_FL,
    US_IN,
    US_IA,
    US_KY,
    US_MD,
    US_MN,
    US_MT,
    US_NE,
    US_NH,
    US_NJ,
    US_OK,
    US_OR,
    US_RI,
    US_TN,
    US_TX,
    US_UT,
    US_VA,
    US_WA_MHMD,
    CA_PIPEDA,
    CA_QC,
    BR_LGPD,
    KR_PIPA,
    JP_APPI,
    AU_APP,
    IN_DPDP,
)
#: Of each code, the latest text: a later one takes the place, and so the position, of an earlier one.
_LATEST = {law.code: law for law in _TEXTS}
_BY_VERSION = {(law.code, law.version): law for law in _TEXTS}


class LawUnknown(LookupError):
    """No law has this code, or no text of it this version."""

    def __init__(self, code: str, version: str = "") -> None:
        """Name what was asked, and what there is."""
        if code in _LATEST:
            there = ", ".join(law.version for law in texts_of(code))
            super().__init__(f"The law {code} has no version {version!r}. Use one of: {there}.")
        else:
            super().__init__(f"There is no law with the code {code!r}. Use one of: {', '.join(_LATEST)}.")


def all_laws() -> tuple[Law, ...]:
    """Return every law in its latest text, in the order in which forms show them."""
    return tuple(_LATEST.values())


def get_law(code: str, version: str = "") -> Law:
    """Return the text of the law with exactly this code and version; without one, the latest.

    LawUnknown where there is none.
    """
    found = _BY_VERSION.get((code, version)) if version else _LATEST.get(code)
    if found is None:
        raise LawUnknown(code, version)
    return found


def texts_of(code: str) -> tuple[Law, ...]:
    """Return every text of the law, from the first to the latest; LawUnknown where there is none."""
    if code not in _LATEST:
        raise LawUnknown(code)
    return tuple(law for law in _TEXTS if law.code == code)


def law_on(code: str, day: date) -> Law:
    """Return the text of the law for what is received on `day`: the last one that applied by then.

    For a day before the law itself, the first text: whoever counts such a receipt means that one.
    """
    texts = texts_of(code)
    return next((law for law in reversed(texts) if law.effective_from <= day), texts[0])

"""The demo's invented people. They exist only in a database that DEMO=1 has made."""

from __future__ import annotations

from typing import NamedTuple

from compliance.people.roles import Role

PASSWORD = "demo-erasure-desk"  # noqa: S105 -- printed on the log-in page of the demo


class DemoPerson(NamedTuple):
    """Somebody invented."""

    name: str
    email: str
    role: Role


PEOPLE = (
    DemoPerson("Ana Analyst", "analyst@demo.example", Role.ANALYST),
    DemoPerson("Otto Officer", "officer@demo.example", Role.OFFICER),
    DemoPerson("Olga Officer", "officer2@demo.example", Role.OFFICER),
    DemoPerson("Lea Legal", "legal@demo.example", Role.LEGAL),
    DemoPerson("Quinn QA", "qa@demo.example", Role.QA),
    DemoPerson("Lou Lead", "qa-lead@demo.example", Role.QA_LEAD),
    DemoPerson("Kai Custodian", "keys@demo.example", Role.KEY_CUSTODIAN),
    DemoPerson("Ada Administrator", "admin@demo.example", Role.ADMINISTRATOR),
    DemoPerson("Abe Administrator", "admin2@demo.example", Role.ADMINISTRATOR),
)

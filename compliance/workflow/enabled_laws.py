"""Which laws matter to this company: an administrator says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.laws.registry import all_laws, get_law
from compliance.people.access import Act, can

from .errors import NotThisPerson, StateChanged
from .models import LawChoice, Request

if TYPE_CHECKING:
    from compliance.laws.law import Law
    from compliance.people.models import Person

#: The chain of the ledger that holds every choice.
CHAIN = "laws"
#: On until somebody switches them off.
ON_AT_FIRST = frozenset({"EU_GDPR", "UK_GDPR", "US_CA"})


def enabled_laws() -> list[Law]:
    """The laws that are switched on, those to come included, in the order of forms."""
    chosen = _chosen()
    return [law for law in all_laws() if chosen.get(law.code, law.code in ON_AT_FIRST)]


def laws_ever_enabled() -> list[Law]:
    """The laws under which there may be requests: those switched on now, or before."""
    codes = ON_AT_FIRST | _chosen().keys()
    return [law for law in all_laws() if law.code in codes]


def selectable_laws() -> list[Law]:
    """The laws that a request may be opened under today: switched on, and in force."""
    today = clock.today()
    return [law for law in enabled_laws() if law.is_selectable_on(today)]


@transaction.atomic
def enable_law(*, code: str, by: Person) -> None:
    """Forms show the law from now on, or from the day on which it applies. Raises `Refused`."""
    law = _law_to_choose(code, by)
    if law in enabled_laws():
        raise StateChanged(f"{law.name} is enabled already. Reload the page.")
    _choose(law, by, enabled=True)
    ledger.record(
        Event.LAW_ENABLED,
        chain=CHAIN,
        actor=by.reference,
        law=law.code,
        version=law.version,
        effective_from=ledger.as_fact(law.effective_from),
    )


@transaction.atomic
def disable_law(*, code: str, by: Person) -> None:
    """No form shows the law any more; requests under it keep it. Raises `Refused`."""
    law = _law_to_choose(code, by)
    if law not in enabled_laws():
        raise StateChanged(f"{law.name} isn't enabled. Reload the page.")
    if selectable_laws() == [law]:
        raise Refused("This is the only law in force that is enabled. Enable another one first.")
    _choose(law, by, enabled=False)
    ledger.record(
        Event.LAW_DISABLED,
        chain=CHAIN,
        actor=by.reference,
        law=law.code,
        version=law.version,
        open=Request.objects.filter(law=law.code, closed_at__isnull=True).count(),
    )


def _chosen() -> dict[str, bool]:
    return dict(LawChoice.objects.values_list("code", "enabled"))


def _law_to_choose(code: str, by: Person) -> Law:
    """The law, while nobody else chooses."""
    if not can(by, Act.CHANGE_LAWS):
        raise NotThisPerson("Only an administrator enables and disables laws.")
    ledger.hold(CHAIN)
    return get_law(code)


def _choose(law: Law, by: Person, *, enabled: bool) -> None:
    choice = LawChoice.objects.filter(code=law.code).first() or LawChoice(code=law.code)
    choice.enabled, choice.chosen_by, choice.chosen_at = enabled, by, clock.now()
    choice.save()

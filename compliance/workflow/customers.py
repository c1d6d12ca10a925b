"""The register of customers on whose behalf data is processed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.core.errors import Refused
from compliance.people.access import Act, can

from .errors import NotThisPerson
from .models import Customer
from .processing import LONGEST_DAYS

if TYPE_CHECKING:
    from compliance.people.models import Person


@dataclass(frozen=True)
class CustomerFacts:
    """What the register says about a customer."""

    name: str
    days: int
    account_id: str = ""
    contact: str = ""
    active: bool = True


@transaction.atomic
def keep_customer(*, customer: Customer | None, facts: CustomerFacts, by: Person) -> Customer:
    """The register says this about the customer, or has a new one; the change record says who changed it.

    Requests that name it keep the days that counted then. Raises `Refused`.
    """
    if not can(by, Act.CHANGE_CUSTOMERS):
        raise NotThisPerson("Only an administrator or a privacy officer keeps the register of customers.")
    _refuse_bad_facts(facts, besides=customer)
    kept = Customer.objects.select_for_update().get(pk=customer.pk) if customer else Customer()
    for name, value in vars(facts).items():
        setattr(kept, name, value)
    kept.save()
    return kept


def _refuse_bad_facts(facts: CustomerFacts, *, besides: Customer | None) -> None:
    others = Customer.objects.exclude(pk=besides.pk) if besides else Customer.objects.all()
    if others.filter(name__iexact=facts.name).exists():
        raise Refused("There is a customer of this name already: change that one.")
    if facts.account_id and others.filter(account_id=facts.account_id).exists():
        raise Refused("Another customer has this account id already.")
    if not 1 <= facts.days <= LONGEST_DAYS:
        raise Refused(f"A contract gives 1 to {LONGEST_DAYS} days.")

"""How the desk is set up, over REST: laws, policy, registers. Read here, changed on screen."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from ninja import Router

from compliance.core import clock
from compliance.core.problems import NOT_FOUND, CallRefused
from compliance.laws.registry import LawUnknown, all_laws, get_law
from compliance.people.access import Act
from compliance.people.bearer import read
from compliance.people.scopes import Scope

from . import policy
from .desk_schemas import (
    CustomerOut,
    CustomersOut,
    GroundOut,
    LawOut,
    LawsOut,
    LawWithRules,
    PeriodOut,
    PoliciesOut,
    PolicyOut,
    ReasonOut,
    RecipientOut,
    RecipientsOut,
    SourceOut,
)
from .enabled_laws import enabled_laws
from .models import Customer, PolicyLine, Recipient
from .policy_changes import all_places
from .states import Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from compliance.laws.law import Law

router = Router(tags=["How the desk is set up"])


@router.get("/laws", summary="List laws", response=LawsOut, **read(Scope.DESK_READ, Act.READ_LAWS))
def laws_list(request: HttpRequest) -> LawsOut:
    """Every law that there is a pack for, and whether it is switched on here."""
    enabled = enabled_laws()
    return LawsOut(laws=[LawOut(**_law(each, enabled)) for each in all_laws()])


@router.get(
    "/laws/{code}",
    summary="Read a law",
    response=LawWithRules,
    **read(Scope.DESK_READ, Act.READ_LAWS, NOT_FOUND),
)
def laws_read(request: HttpRequest, code: str) -> LawWithRules:
    """Its clocks, the codes for `refuse` and `extend`, and its sources."""
    try:
        law = get_law(code)
    except LawUnknown as unknown:
        raise CallRefused(NOT_FOUND, "There is no law with this code.") from unknown
    grounds = law.extension.grounds if law.extension else ()
    return LawWithRules(
        **_law(law, enabled_laws()),
        right=law.right,
        clocks=[
            PeriodOut(kind=rule.kind, number=rule.number, unit=rule.unit, article=rule.article)
            for rule in law.clocks
        ],
        identity_says=law.identity_says,
        calendars=list(law.calendars),
        reasons=[
            ReasonOut(
                code=each.code,
                kind=each.kind,
                meaning=each.meaning,
                provision=each.provision,
                needs=[need.value for need in each.needs],
                evidence=each.evidence,
            )
            for each in law.reasons
        ],
        grounds=[GroundOut(code=each.code, meaning=each.meaning) for each in grounds],
        recourse=list(law.recourse),
        sources=[SourceOut(title=each.title, url=each.url, evidence=each.evidence) for each in law.sources],
    )


@router.get(
    "/policy", summary="Read the policy", response=PoliciesOut, **read(Scope.DESK_READ, Act.READ_POLICY)
)
def policy_read(request: HttpRequest) -> PoliciesOut:
    """What an approval takes, at each place and for each kind of request."""
    lines = policy.lines_in_force()
    rows = [
        PolicyOut(
            place=place.code, kind=kind, **_numbers(policy.policy_at(place=place, kind=kind, lines=lines))
        )
        for place in all_places()
        for kind in Kind
    ]
    return PoliciesOut(policy=rows, proposals=PolicyLine.objects.proposed().count())


@router.get(
    "/recipients",
    summary="Read the register of recipients",
    response=RecipientsOut,
    **read(Scope.DESK_READ, Act.READ_RECIPIENTS),
)
def recipients_list(request: HttpRequest) -> RecipientsOut:
    """The other systems that are told of erasures."""
    rows = [
        RecipientOut(
            number=each.pk,
            name=each.name,
            holds=each.holds,
            told_by=each.told_by,
            owner=each.owner.name,
            days=each.days,
            kinds=[Kind(kind) for kind in each.kinds],
            laws=each.laws,
            active=each.active,
        )
        for each in Recipient.objects.select_related("owner")
    ]
    return RecipientsOut(recipients=rows)


@router.get(
    "/customers",
    summary="Read the register of customers",
    response=CustomersOut,
    **read(Scope.DESK_READ, Act.READ_CUSTOMERS),
)
def customers_list(request: HttpRequest) -> CustomersOut:
    """The customers on whose behalf data is processed here."""
    rows = [
        CustomerOut(
            number=each.pk,
            name=each.name,
            account=each.account_id,
            contact=each.contact,
            days=each.days,
            active=each.active,
        )
        for each in Customer.objects.all()
    ]
    return CustomersOut(customers=rows)


def _law(law: Law, enabled: Collection[Law]) -> dict[str, Any]:
    return {
        "code": law.code,
        "name": law.name,
        "version": law.version,
        "effective_from": law.effective_from,
        "enabled": law in enabled,
        "in_force": law.is_selectable_on(clock.today()),
    }


def _numbers(numbers: policy.Policy) -> dict[str, Any]:
    return {name: value for name, value in asdict(numbers).items() if name in policy.NAMES}

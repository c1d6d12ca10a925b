"""The company as processor, over REST: its role, the customer, forwarding, the customer's instruction."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from compliance.core.problems import NOT_FOUND
from compliance.people.access import Act
from compliance.people.bearer import Called, read, write
from compliance.people.scopes import Scope

from . import processing as verbs
from .calls import done, found
from .problems import FORGOTTEN, NOT_THIS_PERSON, STATE_CHANGED
from .schemas import CustomerIn, InstructionIn, ProcessingOut, RoleIn, Where
from .states import CompanyRole

router = Router(tags=["Company as processor"])
OF_A_VERB = (NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED, FORGOTTEN)


@router.get(
    "/{reference}/processing",
    summary="Read on whose behalf the company acts",
    response=ProcessingOut,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND, FORGOTTEN),
)
def requests_processing(request: Called, reference: str) -> ProcessingOut:
    """The role of the company, its customer, and the customer's instruction, as far as they are known."""
    asked = found(request, reference)
    standing = verbs.processing_of(asked)
    customer = verbs.customer_of(standing) if standing else None
    instruction = verbs.instruction_of(standing) if standing else None
    return ProcessingOut(
        role=CompanyRole(asked.company_role),
        customer=customer.name if customer else None,
        account=customer.account if customer else None,
        days=standing.days if standing else None,
        forwarded_at=standing.forwarded_at if standing else None,
        instructed_on=standing.instructed_on if standing else None,
        who=instruction.who if instruction else None,
        evidence=instruction.evidence if instruction else None,
    )


@router.post(
    "/{reference}/role",
    summary="Name the company's role",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, *OF_A_VERB),
)
def requests_role(request: Called, reference: str, body: RoleIn) -> HttpResponse:
    """The company is this in the request. Where it becomes controller, customer and instruction are gone.

    So a request is turned back that was forwarded and turns out to be the company's own: it is looked up
    anew.
    """
    return done(
        request,
        reference,
        lambda asked: verbs.name_role(request=asked, role=body.role, by=request.auth.person),
    )


@router.post(
    "/{reference}/customer",
    summary="Name the customer",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, *OF_A_VERB),
)
def requests_customer(request: Called, reference: str, body: CustomerIn) -> HttpResponse:
    """The request is this customer's, and the days of the contract count where they end first."""
    return done(
        request,
        reference,
        lambda asked: verbs.name_customer(request=asked, **body.model_dump(), by=request.auth.person),
    )


@router.post(
    "/{reference}/forward",
    summary="Note that the customer has the request",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, *OF_A_VERB),
)
def requests_forward(request: Called, reference: str) -> HttpResponse:
    """It waits for the customer's instruction."""
    return done(request, reference, lambda asked: verbs.forward(request=asked, by=request.auth.person))


@router.post(
    "/{reference}/instruction",
    summary="Record the customer's instruction",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, *OF_A_VERB),
)
def requests_instruction(request: Called, reference: str, body: InstructionIn) -> HttpResponse:
    """The instruction stands; a forwarded request is looked up anew, then approved as any other."""
    return done(
        request,
        reference,
        lambda asked: verbs.record_instruction(request=asked, **body.model_dump(), by=request.auth.person),
    )

"""The company as processor: the customer on whose behalf it acts, forwarding, the customer's instruction."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.access import Act

from .changers import note_changer
from .deadlines import keep_dates
from .errors import NotThisPerson, StateChanged
from .kinds import traits_of
from .models import Customer, Processing, Request
from .moves import move
from .previews import current_preview, start_preview
from .queries import has_spoken
from .reach import reaches
from .sealing import correspondence_vault, details_of, target_id, targets_vault
from .states import CHANGEABLE, CompanyRole, State, TargetKind
from .summaries import SUMMARISED_OVER, summary_of

if TYPE_CHECKING:
    from compliance.people.models import Person

CUSTOMER, INSTRUCTION = "customer", "instruction"
LONGEST_DAYS = 365
#: So many accounts that were found are offered as the customer, those of most visitors first.
MOST_OFFERED = 20
#: Whose the request is, is open here: nothing was approved yet.
UNDECIDED = CHANGEABLE | {State.PREVIEWING, State.FORWARDED}
FORWARDABLE = frozenset({State.PREVIEWED, State.NOTHING_FOUND})
INSTRUCTABLE = FORWARDABLE | {State.FORWARDED}
ROLES = {CompanyRole.CONTROLLER: "controller", CompanyRole.PROCESSOR: "processor"}


@dataclass(frozen=True)
class NamedCustomer:
    """The customer of a request, as it was chosen or typed."""

    name: str = field(repr=False)
    account: str = field(default="", repr=False)


@dataclass(frozen=True)
class Instruction:
    """Who of the customer instructed, and what shows it."""

    who: str = field(repr=False)
    evidence: str = field(repr=False)


@dataclass(frozen=True)
class FoundAccount:
    """An account that the preview met, with how many targets belong to it, and its line of the register."""

    account: str = field(repr=False)
    count: int
    customer: Customer | None


# -- The role ------------------------------------------------------------------------------------------------


@transaction.atomic
def name_role(*, request: Request, role: CompanyRole, by: Person) -> None:
    """The company is this in the request. Where it becomes controller, customer and instruction are gone.

    Whoever names it has changed the request, so somebody else approves. Raises `Refused`.
    """
    request = _locked(request, by, UNDECIDED - {State.FORWARDED})
    if request.company_role == role:
        raise Refused(f"The company is {ROLES[role]} already.")
    request.company_role, request.customer_due_on = role, None
    Processing.objects.filter(request=request).delete()
    _keep_change(request, by)
    _record_role(request, by)


def record_opening_role(request: Request, by: Person) -> None:
    """The ledger says so where the company isn't controller in a request that is opened."""
    if request.company_role != CompanyRole.CONTROLLER:
        _record_role(request, by)


def _record_role(request: Request, by: Person) -> None:
    role = ROLES[CompanyRole(request.company_role)]
    ledger.record(Event.ROLE_OF_COMPANY_NAMED, chain=request.chain, actor=by.reference, role=role)


# -- The customer --------------------------------------------------------------------------------------------


def accounts_found(request: Request) -> list[FoundAccount]:
    """The accounts that the current preview met: one of them may be the customer."""
    counts = _accounts_counted(request)
    known = {
        each.account_id: each for each in Customer.objects.filter(active=True, account_id__in=list(counts))
    }
    first = counts.most_common(MOST_OFFERED)
    return [FoundAccount(account, count, known.get(account)) for account, count in first]


def _accounts_counted(request: Request) -> Counter[str]:
    """Of a large preview as its summary has them: nobody waits for a hundred thousand seals."""
    summary: dict[str, Any] = summary_of(current_preview(request))
    if summary:
        return Counter(dict(summary["accounts"]))
    vault, counts = targets_vault(request), Counter[str]()
    for target in request.targets.order_by("pk")[:SUMMARISED_OVER]:
        if target.kind == TargetKind.ACCOUNT:
            counts[target_id(vault, target)] += 1
        counts.update(details_of(vault, target).get("accounts") or [])
    return counts


def register_line(*, name: str, account: str) -> Customer | None:
    """The register's line for this customer, by its account, else by its name; None if there is none."""
    lines = Customer.objects.filter(active=True)
    by_account = lines.filter(account_id=account).first() if account else None
    return by_account or lines.filter(name__iexact=name.strip()).first()


@transaction.atomic
def name_customer(
    *, request: Request, name: str, account: str = "", days: int | None = None, by: Person
) -> None:
    """The request is this customer's, and sorts by the contract's day where that is earlier than the law's.

    Without `days` those of the register count. An instruction of another customer counts no more. Whoever
    names it has changed the request, so somebody else approves. Raises `Refused`.
    """
    request = _locked(request, by, UNDECIDED)
    _refuse_controller(request)
    line = register_line(name=name, account=account)
    days = days or (line.days if line else 0)
    named = NamedCustomer(name=line.name if line else name.strip() or account, account=account)
    _refuse_bad_customer(named.name, days)
    void_instruction(request, by)
    vault, before = correspondence_vault(request), request.send_by
    Processing.objects.update_or_create(
        request=request,
        defaults={
            "customer": line,
            "sealed_customer": vault.seal(json.dumps(asdict(named)), purpose=CUSTOMER),
            "days": days,
        },
    )
    request.customer_due_on = request.received_on + dt.timedelta(days=days)
    _keep_change(request, by)
    ledger.record(
        Event.CUSTOMER_NAMED,
        chain=request.chain,
        actor=by.reference,
        customer=f"customer/{line.pk}" if line else "not in the register",
        commitment=vault.commit(CUSTOMER, named.name, named.account).hex(),
        days=days,
        due_on=ledger.as_fact(request.customer_due_on),
        send_by=ledger.as_fact(request.send_by),
        before=ledger.as_fact(before),
    )


def processing_of(request: Request) -> Processing | None:
    """What stands about the customer; None as long as none is named."""
    rows = Processing.objects.filter(request=request).select_related("request", "customer", "recorded_by")
    return rows.first()


def customer_of(processing: Processing) -> NamedCustomer:
    """The customer, opened."""
    vault = correspondence_vault(processing.request)
    return NamedCustomer(**json.loads(vault.open(processing.sealed_customer, purpose=CUSTOMER)))


# -- Forwarding and the instruction --------------------------------------------------------------------------


@transaction.atomic
def forward(*, request: Request, by: Person) -> None:
    """The request was forwarded to its customer, and waits for the instruction. Raises `Refused`."""
    request = _locked(request, by, FORWARDABLE)
    processing = _processing_to_use(request)
    processing.forwarded_at = clock.now()
    processing.save(update_fields=["forwarded_at"])
    move(request, State.FORWARDED, actor=by.reference)


@transaction.atomic
def record_instruction(
    *, request: Request, who: str, instructed_on: dt.date, evidence: str, by: Person
) -> None:
    """The customer's instruction stands; a forwarded request is looked up anew, then approved as any other.

    Whoever records it has changed the request, so somebody else approves. Raises `Refused`.
    """
    request = _locked(request, by, INSTRUCTABLE)
    processing = _processing_to_use(request)
    _refuse_bad_instruction(request, who, instructed_on, evidence)
    vault = correspondence_vault(request)
    said = json.dumps(asdict(Instruction(who.strip(), evidence.strip())))
    processing.sealed_instruction = vault.seal(said, purpose=INSTRUCTION)
    processing.instructed_on, processing.recorded_at, processing.recorded_by = instructed_on, clock.now(), by
    processing.save()
    note_changer(request, by)
    ledger.record(
        Event.INSTRUCTION_RECORDED,
        chain=request.chain,
        actor=by.reference,
        instructed_on=ledger.as_fact(instructed_on),
        evidence=vault.commit(INSTRUCTION, said).hex(),
    )
    if request.state == State.FORWARDED:
        start_preview(request=request, by=by)


def instruction_of(processing: Processing) -> Instruction | None:
    """The customer's instruction, opened; None as long as there is none."""
    if processing.sealed_instruction is None:
        return None
    vault = correspondence_vault(processing.request)
    return Instruction(**json.loads(vault.open(processing.sealed_instruction, purpose=INSTRUCTION)))


def void_instruction(request: Request, by: Person) -> None:
    """An instruction that was recorded counts no more: it was about something else. Inside a transaction."""
    processing = processing_of(request)
    if processing is None or processing.instructed_on is None:
        return
    day = processing.instructed_on
    processing.sealed_instruction = processing.instructed_on = None
    processing.recorded_at = processing.recorded_by = None
    processing.save()
    ledger.record(
        Event.INSTRUCTION_VOID,
        chain=request.chain,
        actor=by.reference,
        instructed_on=ledger.as_fact(day),
    )


def wants_instruction(request: Request) -> bool:
    """Whether the request may not be carried out before the customer's instruction is recorded."""
    if request.company_role != CompanyRole.PROCESSOR:
        return False
    return not Processing.objects.filter(request=request, instructed_on__isnull=False).exists()


def _processing_to_use(request: Request) -> Processing:
    _refuse_controller(request)
    processing = processing_of(request)
    if processing is None:
        raise Refused("Name the customer first.")
    return processing


def _refuse_controller(request: Request) -> None:
    if request.company_role != CompanyRole.PROCESSOR:
        raise Refused("The company is controller here: there is no customer to ask.")


def _refuse_bad_customer(name: str, days: int) -> None:
    if not name:
        raise Refused("Say which customer it is.")
    if not days:
        raise Refused("The register doesn't know this customer: say how many days the contract gives.")
    if days > LONGEST_DAYS:
        raise Refused(f"A contract gives 1 to {LONGEST_DAYS} days.")


def _refuse_bad_instruction(request: Request, who: str, instructed_on: dt.date, evidence: str) -> None:
    if not who.strip() or not evidence.strip():
        raise Refused("Say who of the customer gave the instruction, and what shows it.")
    if instructed_on > clock.today():
        raise Refused("This day lies in the future: note the instruction when it has come.")
    if instructed_on < request.received_on:
        raise Refused("The customer can't have instructed it before the request was received.")


def _locked(request: Request, by: Person, states: frozenset[State]) -> Request:
    """The request as it stands, held until the end of the transaction, if this person may change it now."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    if not reaches(by, Act.ENTER_REQUESTS, request):
        raise NotThisPerson("Your roles don't let you change requests.")
    if not traits_of(request.kind).has_law:
        raise Refused("Only for an erasure under a law the company may be processor.")
    if request.state not in states:
        raise StateChanged("This can't be done where the request is now. Reload the page.")
    if request.state == State.PREVIEWED and has_spoken(request, by):
        raise NotThisPerson("You have decided about its preview, so somebody else has to enter this.")
    return request


def _keep_change(request: Request, by: Person) -> None:
    keep_dates(request, list(request.clocks.all()))
    request.changed_by = by
    request.save(update_fields=["company_role", "customer_due_on", "send_by", "legal_by", "changed_by"])
    note_changer(request, by)

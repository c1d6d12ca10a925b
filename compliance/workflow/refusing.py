"""Refusing the right, wholly or in part: one person proposes it with reasons, another one decides."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.laws.law import Need
from compliance.laws.registry import get_law
from compliance.people.access import Act
from compliance.people.models import Person

from .changers import is_changer, note_changer
from .choosing import MOST_AT_ONCE, slices, spare
from .errors import NotThisPerson, StateChanged
from .kinds import traits_of
from .models import Refusal, RefusalScope, RefusedTarget, Request, Target
from .moves import move
from .outcomes import cancel_targets
from .previews import recount_preview, start_preview
from .reach import reaches
from .reasons import refuse_vague
from .sealing import correspondence_vault
from .states import BEFORE_SENDING, Outcome, Spared, State

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from django.db.models import QuerySet

    from compliance.laws.law import Law, Reason

    from .sealing import Vault

INSTEAD = (
    "Write the facts from which the person, and a court, can see that the reason fits this case: what was "
    "asked, what was found, and why it leads to a no."
)


@dataclass(frozen=True)
class Case:
    """Why the right is refused: a code of the law, and what the code wants beside it."""

    code: str
    facts: str = field(repr=False)
    #: The provision that wants the data kept.
    statute: str = field(default="", repr=False)
    #: Where the evidence is kept.
    evidence: str = field(default="", repr=False)
    kept_until: dt.date | None = None
    #: Of a refusal of data named in words: which.
    what: str = field(default="", repr=False)


@transaction.atomic
def propose_refusal(
    *, request: Request, scope: RefusalScope, case: Case, by: Person, targets: Collection[int] = ()
) -> Refusal:
    """The refusal waits for a second person, and nobody approves meanwhile. Raises `Refused`.

    An approval that was given counts no more: what was asked is looked up again.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    if not reaches(by, Act.REFUSE, request):
        raise NotThisPerson("Your roles don't let you propose a refusal.")
    refuse_unrefusable(request)
    law = get_law(request.law, request.law_version)
    _refuse_incomplete(law, case)
    chosen = _chosen(request, scope, case, targets)
    vault = correspondence_vault(request)
    refusal = Refusal.objects.create(
        request=request,
        scope=scope,
        code=case.code,
        sealed_case=_seal(vault, case),
        kept_until=case.kept_until,
        proposed_by=by,
    )
    RefusedTarget.objects.bulk_create(
        (RefusedTarget(refusal=refusal, commitment=each) for each in chosen), batch_size=500
    )
    ledger.record(
        Event.REFUSAL_PROPOSED,
        chain=request.chain,
        actor=by.reference,
        scope=RefusalScope(scope).label,
        count=len(chosen),
        code=case.code,
        law=law.name,
        kept_until=ledger.as_fact(case.kept_until) if case.kept_until else "no day",
        reason=vault.commit("reason", json.dumps(asdict(case), default=str)).hex(),
    )
    if request.state == State.APPROVED:
        start_preview(request=request, by=by)
    return refusal


@transaction.atomic
def agree_to_refusal(*, refusal: Refusal, by: Person) -> None:
    """The right is refused: the request has ended, or what the refusal is about is spared.

    Then the rest wants an approval of its own. Raises `Refused`.
    """
    refusal, by = _locked(refusal, by)
    refuse_as_second(refusal, by)
    request, ending = refusal.request, _reason_of(refusal).ending.value
    refusal.agreed = True
    _keep_decision(refusal, by)
    code = refusal.code
    if refusal.scope == RefusalScope.WHOLE:
        ended = {"closed_at": clock.now()}
        move(request, State.REFUSED, actor=by.reference, changes=ended, ending=ending, code=code)
        cancel_targets(request, why="the request was refused")
        return
    count = _spare(refusal, by) if refusal.scope == RefusalScope.TARGETS else 0
    words = RefusalScope(refusal.scope).label
    ledger.record(
        Event.PARTLY_REFUSED, chain=request.chain, actor=by.reference, scope=words, count=count, code=code
    )


@transaction.atomic
def decline_refusal(*, refusal: Refusal, by: Person, reason: str = "") -> None:
    """The refusal doesn't stand, and the request goes on. Whoever proposed it may take it back so.

    Raises `Refused`.
    """
    refusal, by = _locked(refusal, by)
    takes_back = refusal.proposed_by_id == by.pk
    if not takes_back:
        refuse_as_second(refusal, by)
        if not reason.strip():
            raise Refused("Give a reason: whoever proposed it has to know what to do.")
    vault = correspondence_vault(refusal.request)
    refusal.agreed = False
    refusal.sealed_word = vault.seal(reason, purpose="reason") if reason.strip() else None
    _keep_decision(refusal, by)
    ledger.record(
        Event.REFUSAL_DECLINED,
        chain=refusal.request.chain,
        actor=by.reference,
        code=refusal.code,
        reason=vault.commit("reason", reason).hex() if reason.strip() else "none given",
    )


def refuse_unrefusable(request: Request) -> None:
    """Raises `Refused` where the right can't be refused now."""
    if not traits_of(request.kind).has_law:
        raise Refused("This is no right of a person: cancel it instead.")
    if request.state not in BEFORE_SENDING:
        raise StateChanged("This request can't be refused any more: sending has begun, or it has ended.")
    if not request.law:
        raise Refused("Name the law first: only its reasons count.")
    if waiting_refusal(request):
        raise StateChanged("A refusal waits for a second person already. Reload the page.")


def is_refusable(request: Request) -> bool:
    """Whether the right can be refused now."""
    try:
        refuse_unrefusable(request)
    except Refused:
        return False
    return True


def refuse_as_second(refusal: Refusal, by: Person) -> None:
    """Raises `NotThisPerson` with the reason why this person may not decide about this refusal."""
    if not reaches(by, Act.AGREE_TO_REFUSAL, refusal.request):
        raise NotThisPerson("Only a privacy officer agrees to a refusal, or declines it.")
    if refusal.proposed_by_id == by.pk:
        raise NotThisPerson("You proposed this refusal, so somebody else has to decide about it.")
    if is_changer(refusal.request, by):
        raise NotThisPerson("You entered or changed this request, so somebody else has to decide about it.")


def waiting_refusal(request: Request) -> Refusal | None:
    """The refusal that waits for a second person."""
    return request.refusals.filter(agreed=None).select_related("proposed_by", "request").first()


def case_of(refusal: Refusal) -> Case:
    """Why the right is refused."""
    vault = correspondence_vault(refusal.request)
    words = json.loads(vault.open(refusal.sealed_case, purpose="refusal"))
    return Case(code=refusal.code, kept_until=refusal.kept_until, **words)


def word_of(refusal: Refusal) -> str:
    """Why it was declined; empty where nobody said."""
    if refusal.sealed_word is None:
        return ""
    return correspondence_vault(refusal.request).open(refusal.sealed_word, purpose="reason")


def _reason_of(refusal: Refusal) -> Reason:
    law = get_law(refusal.request.law, refusal.request.law_version)
    reason = law.reason(refusal.code)
    if reason is None:
        raise Refused(f"{law.name} knows no reason {refusal.code}: the law was named anew since. Decline it.")
    return reason


def _refuse_incomplete(law: Law, case: Case) -> None:
    reason = next((each for each in law.refusal_reasons if each.code == case.code), None)
    if reason is None:
        raise Refused(f"{law.name} knows no such reason to refuse.")
    refuse_vague(case.facts, instead=INSTEAD)
    if Need.STATUTE in reason.needs and not case.statute.strip():
        raise Refused("This reason wants the provision by which the data is kept: name statute and section.")
    if Need.END_DATE in reason.needs and case.kept_until is None:
        raise Refused("This reason wants the day on which the data goes after all.")
    if case.kept_until and case.kept_until <= clock.today():
        raise Refused("The day on which the data goes lies in the past: then it can go now.")
    if Need.EVIDENCE in reason.needs and not case.evidence.strip():
        raise Refused("This reason wants evidence: say where it is kept, such as the number of a ticket.")


def _chosen(
    request: Request, scope: RefusalScope, case: Case, targets: Collection[int]
) -> list[bytes | memoryview]:
    """The commitments of the targets that the refusal is about. Raises `Refused`."""
    if scope == RefusalScope.NAMED and not case.what.strip():
        raise Refused("Name the data that stays.")
    if scope != RefusalScope.TARGETS:
        return []
    if request.state != State.PREVIEWED:
        raise Refused("Targets can be chosen only while the request waits for its approval.")
    if len(set(targets)) > MOST_AT_ONCE:
        raise Refused(f"Up to {MOST_AT_ONCE:,} targets can be refused at a time.")
    pending = request.targets.filter(outcome=Outcome.PENDING)
    found = [each for some in slices(targets) for each in _commitments(pending.filter(pk__in=some))]
    if not found:
        raise Refused("Tick the targets that stay.")
    if len(found) == pending.count():
        raise Refused("Nothing would be left to be done: refuse the whole request.")
    return found


def _commitments(targets: QuerySet[Target]) -> QuerySet[Target, bytes | memoryview]:
    return targets.order_by("pk").values_list("commitment", flat=True)


def _spare(refusal: Refusal, by: Person) -> int:
    """The targets are spared, and the preview is counted anew; returns how many were spared."""
    request = refusal.request
    if request.state != State.PREVIEWED:
        raise StateChanged("Wait until what was asked is looked up again, or decline it.")
    refused = refusal.refused_targets.values("commitment")
    pending = request.targets.filter(outcome=Outcome.PENDING)
    keys = list(pending.filter(commitment__in=refused).order_by("pk").values_list("pk", flat=True))
    if not keys or len(keys) == pending.count():
        raise Refused(
            "What was found has changed since this was proposed. Decline it, and have it made anew."
        )
    for some in slices(keys):
        spare(request, some, because=Spared.REFUSED)
    # Their choice is what is left to be approved.
    note_changer(request, refusal.proposed_by)
    recount_preview(request=request, by=by)
    return len(keys)


def _locked(refusal: Refusal, by: Person) -> tuple[Refusal, Person]:
    """Both as the database has them, the request held until the transaction ends."""
    request = Request.objects.select_for_update().get(pk=refusal.request_id)
    refusal = Refusal.objects.select_related("proposed_by").get(pk=refusal.pk)
    refusal.request = request
    if refusal.agreed is not None or request.state not in BEFORE_SENDING:
        raise StateChanged("This refusal doesn't wait any more. Reload the page.")
    return refusal, Person.objects.get(pk=by.pk)


def _keep_decision(refusal: Refusal, by: Person) -> None:
    refusal.decided_by, refusal.decided_at = by, clock.now()
    refusal.save(update_fields=["agreed", "decided_by", "decided_at", "sealed_word"])


def _seal(vault: Vault, case: Case) -> bytes:
    words = {name: getattr(case, name) for name in ("facts", "statute", "evidence", "what")}
    return vault.seal(json.dumps(words), purpose="refusal")

"""An officer's word on a preview, and the ways to end a request before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.access import Act
from compliance.people.models import Person
from compliance.people.roles import Role

from . import policy
from .changers import is_changer
from .errors import NoFurtherApproval, NotThisPerson, SetHasChanged, StateChanged
from .guards import guard_of
from .kinds import Action, traits_of
from .models import AccessAnswer, Approval, Decision, Preview, Request
from .moves import move
from .outcomes import cancel_targets
from .previews import current_preview, digest_of
from .processing import wants_instruction
from .reach import reaches
from .samples import record_looks
from .sealing import correspondence_vault
from .states import BEFORE_SENDING, State

if TYPE_CHECKING:
    import datetime as dt


@transaction.atomic
def approve(
    *, request: Request, digest: str, count: int, by: Person, reason: str = "", access: str = ""
) -> bool:
    """The person's approval of exactly this preview stands; True if it was the last one wanted.

    `access` is wanted where the message asks for access to the data, too: what is erased can't be shown.

    Raises `NotThisPerson` for whoever entered or ever changed the request, has spoken before, or isn't an
    officer; `SetHasChanged` if digest or count aren't those of the current preview; `NoFurtherApproval`
    otherwise.
    """
    request, by = _locked(request), _as_of_now(by)
    refuse_as_officer(request, by)
    preview = _waiting_preview(request)
    if wants_instruction(request):
        raise Refused("The company is processor here: record the customer's instruction first.")
    if (digest, count) != (preview.digest, preview.found):
        raise SetHasChanged("This isn't the preview that you looked at. Reload the page and look again.")
    _refuse_changed_set(preview)
    if request.refusals.filter(agreed=None).exists():
        raise NoFurtherApproval("A refusal is proposed for this request. Decide about that first.")
    if not preview.found:
        raise Refused(
            "Nothing would be done: all that was found is held."
            if preview.held
            else "Nothing would be done: choose first who is meant of those that were found."
        )
    _refuse_access_unsettled(request, access)
    word = _keep_word(preview, by, Decision.APPROVED, reason)
    _settle_access(word, access)
    record_looks(preview, by)
    given, wanted = len(standing_approvals(preview)), wanted_for(preview)
    ledger.record(
        Event.APPROVAL_GIVEN,
        chain=request.chain,
        actor=by.reference,
        preview=preview.number,
        count=preview.found,
        digest=preview.digest,
        given=given,
        wanted=wanted,
    )
    if given < wanted:
        return False
    _begin_grace(preview)
    return True


@dataclass(frozen=True)
class Standing:
    """A standing approval of a clean-up rule: how it is named, who gave it, and since when it stands."""

    name: str
    approver: Person
    given_at: dt.datetime


@transaction.atomic
def approve_by_rule(*, request: Request, standing: Standing) -> None:
    """The current preview of a run is approved, exactly as it is, on the strength of a standing approval.

    One is enough, whatever the policy wants of people: what it may be given for, `cleanup` knows. Raises
    `NotThisPerson` where its giver couldn't approve this any more, or entered or changed it, `SetHasChanged`
    and `NoFurtherApproval` as `approve` does.
    """
    request, approver = _locked(request), _as_of_now(standing.approver)
    preview, guard = _waiting_preview(request), guard_of(request)
    if guard is None or guard.dry_run or guard.stopped_by:
        raise NoFurtherApproval("Only a run of a clean-up rule within its guard is approved by a rule.")
    if not reaches(approver, act_by_rule(request), request):
        raise NotThisPerson("Whoever gave the standing approval doesn't hold the role any more.")
    if is_changer(request, approver):
        raise NotThisPerson("Whoever gave the standing approval started or changed this run.")
    _refuse_changed_set(preview)
    Approval.objects.create(
        preview=preview, person=approver, decision=Decision.APPROVED, by_rule=standing.name
    )
    ledger.record(
        Event.APPROVED_BY_RULE,
        chain=request.chain,
        actor=ledger.SYSTEM,
        preview=preview.number,
        count=preview.found,
        digest=preview.digest,
        standing=standing.name,
        approver=approver.reference,
    )
    _begin_grace(preview)


@transaction.atomic
def void_approval_by_rule(*, request: Request, why: str) -> None:
    """If a standing approval has approved the request, and nothing is sent yet, that counts no more.

    Once its grace is over, the request has a fresh preview made, which is approved anew.
    """
    request = _locked(request)
    if request.state != State.APPROVED:
        return
    preview = current_preview(request)
    for word in preview.approvals.exclude(by_rule="").filter(void_at=None):
        word.void_at = clock.now()
        word.save(update_fields=["void_at"])
        ledger.record(
            Event.APPROVAL_VOID,
            chain=request.chain,
            actor=ledger.SYSTEM,
            preview=preview.number,
            standing=word.by_rule,
            why=why,
        )


def act_by_rule(request: Request) -> Act:
    """What the giver of a standing approval must still be allowed, for it to approve this request."""
    resets = traits_of(request.kind).action is Action.RESET
    return Act.APPROVE_RESETTING_RULES if resets else Act.APPROVE_ERASING_RULES


def _refuse_changed_set(preview: Preview) -> None:
    """Raises `SetHasChanged` where the set isn't the one that was counted, or may soon be another."""
    if preview.screening:
        raise SetHasChanged(
            "It is being compared with a hold that was placed just now. Try again in a moment."
        )
    if digest_of(preview.request) != preview.digest:
        raise SetHasChanged("What was found has changed since it was counted. Have Pendo asked again.")


def _begin_grace(preview: Preview) -> None:
    """The last approval wanted is given: from the end of the grace on, it is sent."""
    grace_until = clock.now() + policy.grace(preview.request)
    move(
        preview.request,
        State.APPROVED,
        actor=ledger.SYSTEM,
        changes={"grace_until": grace_until},
        preview=preview.number,
        grace_until=ledger.as_fact(grace_until.replace(microsecond=0)),
    )


@transaction.atomic
def reject(*, request: Request, by: Person, reason: str) -> None:
    """The preview is sent back with its reason; what is asked may be changed. Raises `Refused`."""
    request, by = _locked(request), _as_of_now(by)
    refuse_as_officer(request, by)
    preview = _waiting_preview(request)
    refuse_empty(reason)
    _keep_word(preview, by, Decision.REJECTED, reason)
    move(
        request,
        State.REJECTED,
        actor=by.reference,
        preview=preview.number,
        reason=_commitment(request, reason),
    )


@transaction.atomic
def cancel(*, request: Request, by: Person, reason: str) -> None:
    """The request is ended and nothing was sent for it. Raises `Refused` once sending has begun."""
    request, by = _locked(request), _as_of_now(by)
    if not reaches(by, Act.CANCEL, request):
        raise NotThisPerson("Your roles don't let you cancel requests.")
    if request.state not in BEFORE_SENDING:
        raise StateChanged("This request can't be cancelled any more: sending has begun, or it has ended.")
    refuse_empty(reason)
    end_as_cancelled(request, by, reason)


def end_as_cancelled(request: Request, by: Person, reason: str) -> None:
    """The request is ended, by somebody who may do that. Inside a transaction that holds it."""
    move(
        request,
        State.CANCELLED,
        actor=by.reference,
        changes={
            "closed_at": clock.now(),
            "sealed_end_reason": correspondence_vault(request).seal(reason, purpose="reason"),
        },
        reason=_commitment(request, reason),
    )
    cancel_targets(request, why="the request was cancelled")


@transaction.atomic
def confirm_nothing_found(*, request: Request, by: Person) -> None:
    """A person has seen that nothing was found, and the request is closed."""
    request, by = _locked(request), _as_of_now(by)
    if not reaches(by, Act.ENTER_REQUESTS, request):
        raise NotThisPerson("Your roles don't let you confirm this.")
    if request.state != State.NOTHING_FOUND:
        raise StateChanged("This request has moved on. Reload the page.")
    move(request, State.CLOSED, actor=by.reference, changes={"closed_at": clock.now()})


@transaction.atomic
def confirm_everything_held(*, request: Request, by: Person) -> None:
    """A person has seen that all that would be acted on is held; the request is closed, nothing was sent."""
    request, by = _locked(request), _as_of_now(by)
    if not reaches(by, Act.ENTER_REQUESTS, request):
        raise NotThisPerson("Your roles don't let you confirm this.")
    preview = current_preview(request)
    if request.state != State.PREVIEWED or preview.screening or preview.found or not preview.held:
        raise StateChanged("Not everything is held any more, or the request has moved on. Reload the page.")
    changes = {"closed_at": clock.now()}
    move(request, State.CLOSED, actor=by.reference, changes=changes, held=preview.held)


def refuse_as_officer(request: Request, by: Person) -> None:
    """Raises `NotThisPerson` with the reason why this person may not decide about this request."""
    if not reaches(by, Act.APPROVE, request):
        raise NotThisPerson("Only a privacy officer approves or sends back.")
    if is_changer(request, by):
        raise NotThisPerson("You entered or changed this request, so somebody else has to decide about it.")


def refuse_second_word(preview: Preview, by: Person) -> None:
    """Raises `NotThisPerson` where this person has approved this preview already, or sent it back."""
    if preview.approvals.filter(person=by).exists():
        raise NotThisPerson("You have decided about this preview already; somebody else is wanted.")


def standing_approvals(preview: Preview) -> list[Approval]:
    """The approvals that count, the first first: one doesn't outlive its giver's role or account."""
    request = preview.request
    words = preview.approvals.filter(decision=Decision.APPROVED, void_at=None).select_related("person")
    by_rule = act_by_rule(request)
    return [word for word in words if reaches(word.person, by_rule if word.by_rule else Act.APPROVE, request)]


def wanted_for(preview: Preview) -> int:
    """How many people have to approve, seeing who has: an officer of less than a day isn't enough alone."""
    words = standing_approvals(preview)
    if any(word.by_rule for word in words):
        return 1
    wanted = policy.approvals_wanted(preview)
    only_new = bool(words) and not any(word.seasoned for word in words)
    return max(wanted, 2) if only_new and policy.reaches_production(preview.request) else wanted


def _locked(request: Request) -> Request:
    return Request.objects.select_for_update().get(pk=request.pk)


def _as_of_now(person: Person) -> Person:
    """The person as the database has them: a role may have been taken since the page was opened."""
    return Person.objects.get(pk=person.pk)


def _waiting_preview(request: Request) -> Preview:
    if request.state != State.PREVIEWED:
        raise NoFurtherApproval("This request isn't waiting for an approval. Reload the page.")
    return current_preview(request)


def _keep_word(preview: Preview, by: Person, decision: Decision, reason: str) -> Approval:
    refuse_second_word(preview, by)
    vault = correspondence_vault(preview.request)
    return Approval.objects.create(
        preview=preview,
        person=by,
        decision=decision,
        seasoned=_is_seasoned(by, preview.request),
        sealed_reason=vault.seal(reason, purpose="reason") if reason else None,
    )


def _refuse_access_unsettled(request: Request, access: str) -> None:
    if request.access_asked and access not in AccessAnswer.values:
        raise Refused("The message asks for access, too. Confirm that it was given, or that it isn't due.")


def _settle_access(word: Approval, access: str) -> None:
    """Where access was asked, too, the approval and the ledger say what became of it."""
    request = word.preview.request
    if not request.access_asked:
        return
    word.access = access
    word.save(update_fields=["access"])
    ledger.record(
        Event.ACCESS_SETTLED,
        chain=request.chain,
        actor=word.person.reference,
        preview=word.preview.number,
        access=AccessAnswer(access).label.lower(),
    )


def _is_seasoned(by: Person, request: Request) -> bool:
    since = by.holds_since(Role.OFFICER)
    return since is not None and clock.now() - since >= policy.policy_of(request).seasoned_after


def _commitment(request: Request, reason: str) -> str:
    return correspondence_vault(request).commit("reason", reason).hex()


def refuse_empty(reason: str) -> None:
    """Raises `Refused` where nobody said why."""
    if not reason.strip():
        raise Refused("Give a reason: whoever entered the request has to know what to do.")

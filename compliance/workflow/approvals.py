"""An officer's word on a preview, and the ways to end a request before anything is sent."""

from __future__ import annotations

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.chunks import chunks
from compliance.core.errors import Refused
from compliance.people.access import Act
from compliance.people.models import Person
from compliance.people.roles import Role

from . import outcomes, policy
from .changers import is_changer
from .errors import NoFurtherApproval, NotThisPerson, SetHasChanged, StateChanged
from .models import AccessAnswer, Approval, Decision, Preview, Request
from .moves import move
from .previews import current_preview, digest_of
from .processing import wants_instruction
from .reach import reaches
from .samples import record_looks
from .sealing import correspondence_vault
from .states import BEFORE_SENDING, Outcome, State

#: Databases take only so many values in one statement; a large request is settled in several.
MOST_IN_A_STATEMENT = 2_000


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
    if preview.screening:
        raise SetHasChanged(
            "It is being compared with a hold that was placed just now. Try again in a moment."
        )
    if digest_of(request) != preview.digest:
        raise SetHasChanged("What was found has changed since it was counted. Have Pendo asked again.")
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
    grace_until = clock.now() + policy.grace(request)
    move(
        request,
        State.APPROVED,
        actor=ledger.SYSTEM,
        changes={"grace_until": grace_until},
        preview=preview.number,
        grace_until=ledger.as_fact(grace_until.replace(microsecond=0)),
    )
    return True


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
    words = preview.approvals.filter(decision=Decision.APPROVED).select_related("person")
    return [word for word in words if reaches(word.person, Act.APPROVE, preview.request)]


def wanted_for(preview: Preview) -> int:
    """How many people have to approve, seeing who has: an officer of less than a day isn't enough alone."""
    wanted = policy.approvals_wanted(preview)
    words = standing_approvals(preview)
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


def cancel_targets(request: Request, *, why: str) -> None:
    """Whatever of the request would be acted on isn't. Inside a transaction."""
    for subscription in request.subscriptions.all():
        pending = request.targets.filter(subscription=subscription, outcome=Outcome.PENDING)
        for some in chunks(list(pending.order_by("pk").values_list("pk", flat=True)), MOST_IN_A_STATEMENT):
            outcomes.settle(
                some,
                request=request,
                subscription=subscription,
                old=Outcome.PENDING,
                new=Outcome.CANCELLED,
                why=why,
            )

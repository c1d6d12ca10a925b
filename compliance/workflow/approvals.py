"""An officer's word on a preview, and the ways to end a request before anything is sent."""

from __future__ import annotations

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.chunks import chunks
from compliance.core.errors import Refused
from compliance.people.access import Act, can
from compliance.people.models import Person
from compliance.people.roles import Role

from . import outcomes, policy
from .changers import is_changer
from .errors import NoFurtherApproval, NotThisPerson, SetHasChanged, StateChanged
from .models import Approval, Decision, Preview, Request
from .moves import move
from .previews import current_preview, digest_of
from .processing import wants_instruction
from .samples import record_looks
from .sealing import correspondence_vault
from .states import BEFORE_SENDING, Outcome, State

#: Databases take only so many values in one statement; a large request is settled in several.
MOST_IN_A_STATEMENT = 2_000


@transaction.atomic
def approve(*, request: Request, digest: str, count: int, by: Person, reason: str = "") -> bool:
    """The person's approval of exactly this preview stands; True if it was the last one wanted.

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
    if digest_of(request) != preview.digest:
        raise SetHasChanged("What was found has changed since it was counted. Have Pendo asked again.")
    if not preview.found:
        raise Refused("Nothing would be done: choose first who is meant of those that were found.")
    _keep_word(preview, by, Decision.APPROVED, reason)
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
    _refuse_empty(reason)
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
    if not can(by, Act.CANCEL):
        raise NotThisPerson("Your roles don't let you cancel requests.")
    if request.state not in BEFORE_SENDING:
        raise StateChanged("This request can't be cancelled any more: sending has begun, or it has ended.")
    _refuse_empty(reason)
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
    _cancel_targets(request)


@transaction.atomic
def confirm_nothing_found(*, request: Request, by: Person) -> None:
    """A person has seen that nothing was found, and the request is closed."""
    request, by = _locked(request), _as_of_now(by)
    if not can(by, Act.ENTER_REQUESTS):
        raise NotThisPerson("Your roles don't let you confirm this.")
    if request.state != State.NOTHING_FOUND:
        raise StateChanged("This request has moved on. Reload the page.")
    move(request, State.CLOSED, actor=by.reference, changes={"closed_at": clock.now()})


def refuse_as_officer(request: Request, by: Person) -> None:
    """Raises `NotThisPerson` with the reason why this person may not decide about this request."""
    if not can(by, Act.APPROVE):
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
    return [word for word in words if can(word.person, Act.APPROVE)]


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


def _keep_word(preview: Preview, by: Person, decision: Decision, reason: str) -> None:
    refuse_second_word(preview, by)
    vault = correspondence_vault(preview.request)
    Approval.objects.create(
        preview=preview,
        person=by,
        decision=decision,
        seasoned=_is_seasoned(by, preview.request),
        sealed_reason=vault.seal(reason, purpose="reason") if reason else None,
    )


def _is_seasoned(by: Person, request: Request) -> bool:
    since = by.holds_since(Role.OFFICER)
    return since is not None and clock.now() - since >= policy.policy_of(request).seasoned_after


def _commitment(request: Request, reason: str) -> str:
    return correspondence_vault(request).commit("reason", reason).hex()


def _refuse_empty(reason: str) -> None:
    if not reason.strip():
        raise Refused("Give a reason: whoever entered the request has to know what to do.")


def _cancel_targets(request: Request) -> None:
    for subscription in request.subscriptions.all():
        pending = request.targets.filter(subscription=subscription, outcome=Outcome.PENDING)
        for some in chunks(list(pending.order_by("pk").values_list("pk", flat=True)), MOST_IN_A_STATEMENT):
            outcomes.settle(
                some,
                request=request,
                subscription=subscription,
                old=Outcome.PENDING,
                new=Outcome.CANCELLED,
                why="the request was cancelled",
            )

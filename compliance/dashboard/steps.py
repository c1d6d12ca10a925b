"""What to do next with a request, said to the person who looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime

from compliance.core import clock
from compliance.people.access import Act, can
from compliance.subscriptions.stopping import current_stop
from compliance.workflow.changers import is_changer
from compliance.workflow.deadlines import refusal_told_by
from compliance.workflow.elsewhere import whom_to_answer
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.hold_following import released_targets
from compliance.workflow.kinds import Action, traits_of
from compliance.workflow.previews import current_preview
from compliance.workflow.processing import FORWARDABLE, processing_of, wants_instruction
from compliance.workflow.queries import has_spoken, may_still_send
from compliance.workflow.reach import reaches
from compliance.workflow.recipients import has_open_tasks
from compliance.workflow.refusing import refuse_as_second, waiting_refusal
from compliance.workflow.splitting import holding_up, not_yet_to_be_answered
from compliance.workflow.states import Outcome, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.people.models import Person
    from compliance.subscriptions.models import Stop
    from compliance.workflow.models import Refusal, Request

    from .queries import Work


def next_step(request: Request, person: Person) -> str:
    """One or two sentences. What holds the request up comes before where it is."""
    if not request.ended and request.attentions.filter(settled_at=None).exists():
        return "Look at what needs a person, just below: it says what can be done."
    held = _held_by_people(request, person) or _held_by_subscriptions(request)
    held = held or _held_by_others(request, person)
    return held or _STEPS[State(request.state)](request, person)


def _held_by_people(request: Request, person: Person) -> str:
    """What somebody has decided that keeps it from being sent; empty where nobody has."""
    if request.rest_cancelled_at and not request.ended:
        return (
            "Nothing. What wasn't sent is being cancelled; what was sent is followed, and then the request "
            "closes by itself."
        )
    if request.paused_at and may_still_send(request):
        return _paused(request, person)
    if may_still_send(request) and (stop := current_stop()):
        return _stopped(stop, person)
    refusal = None if request.ended else waiting_refusal(request)
    return _refusal(refusal, person) if refusal else ""


def _held_by_subscriptions(request: Request) -> str:
    """Why nothing happens in one of its subscriptions; empty where they work, or it wants nothing there."""
    if request.state not in _WORKED_ON:
        return ""
    if request.subscriptions.exclude(paused_reason="").exists():
        return "See below why a subscription is paused, and who can help. Until then nothing happens there."
    if request.subscriptions.filter(silent_since__isnull=False).exists():
        return "Nothing. Pendo doesn't answer for a subscription, see below; it goes on by itself."
    return ""


def _held_by_others(request: Request, person: Person) -> str:
    """What another system has to be told first, or a customer to say; empty where nobody waits for them."""
    if request.state == State.CONFIRMING and has_open_tasks(request):
        rest = _confirming(request, person).removeprefix("Nothing. ")
        return f"Tell the other systems below: until then it isn't closed. {rest}"
    if request.state in FORWARDABLE and wants_instruction(request):
        return _uninstructed(request, person)
    return ""


def next_work(work: Work, person: Person) -> str:
    """What this person does best now, of all that waits for them."""
    waiting = (
        (work.incidents, "See to the wrong deletion below first: its 72 hours run."),
        (work.attentions, "Look first at what needs a person."),
        (work.findings, "Look first at what was erased and is there again."),
        (work.refusals, "Agree to the refusals that wait for a second person, or decline them."),
        (
            [each for each in work.appeals or () if each.is_overdue],
            "Answer the appeals and complaints whose last lawful day has passed.",
        ),
        (work.to_decide, "Decide about the requests that wait for you, the most urgent first."),
        (work.to_mend, "Change or confirm the requests that were sent back or found nothing."),
        (work.tasks, "Tell the other systems named below, the most urgent first, and keep the evidence."),
        (work.policies, "Agree to the weaker policy that waits for an officer, or decline it."),
        (work.grants, "Grant or decline the roles that wait for a second administrator."),
        (work.key_proposals, "Confirm or decline the key of another Pendo subscription that waits below."),
        (work.subscriptions, "A subscription can't work: open it below, its page says who can help."),
        (work.keys, "Look after the keys below: replace what grows old, delete in Pendo what was replaced."),
    )
    for something, sentence in waiting:
        if something:
            return sentence
    if can(person, Act.ENTER_REQUESTS):
        return "Nothing waits for you. Record a request when one comes in."
    if work.is_empty:
        return "Your role has no work here yet. Ask an administrator if you expected some."
    return "Nothing waits for you."


def may_decide(request: Request, person: Person) -> bool:
    """Whether it is this person's turn to approve or send back."""
    decides = request.state == State.PREVIEWED and reaches(person, Act.APPROVE, request)
    decides = decides and not wants_instruction(request)
    return decides and not is_changer(request, person) and not has_spoken(request, person)


def _paused(request: Request, person: Person) -> str:
    if reaches(person, Act.RESUME_REQUESTS, request):
        return "Let it go on below, once nothing speaks against it: it is paused, and nothing more is sent."
    return "It is paused, and nothing more is sent until a privacy officer lets it go on."


def _stopped(stop: Stop, person: Person) -> str:
    since = date_format(localtime(stop.stopped_at), "j M, H:i")
    said = f"All sending is stopped since {since}, by {stop.by_whom}"
    if can(person, Act.LET_GO_ON):
        return f"{said}: let it go on, above, once nothing speaks against it. Until then nothing is sent."
    return f"{said}. Nothing is sent until a privacy officer lets it go on."


def _refusal(refusal: Refusal, person: Person) -> str:
    try:
        refuse_as_second(refusal, person)
    except NotThisPerson:
        return "A refusal is proposed: another person, a privacy officer, has to agree to it or decline it."
    return "A refusal is proposed: read its reasons below, then agree or decline."


def _checking(_request: Request, _person: Person) -> str:
    return "Look through what was understood of the file, then record the request or discard it."


def _unconfirmed(request: Request, person: Person) -> str:
    many = "A program opened it with many others at once, so nothing is looked up yet; its dates run on."
    if reaches(person, Act.ENTER_REQUESTS, request):
        return f"{many} Say whether they are meant: all together, by the link at the top of the page."
    return f"{many} An analyst or a privacy officer says whether they are meant."


def _previewing(request: Request, person: Person) -> str:
    held = holding_up(request)
    if held and reaches(person, Act.ENTER_REQUESTS, request):
        return f"{held[0].name} has no usable key. Have one entered, or go on without it: see below."
    if held:
        return f"{held[0].name} has no usable key: a key custodian enters one. Until then the preview waits."
    return "Nothing. Pendo is being asked what exists; this page moves by itself."


def _uninstructed(request: Request, person: Person) -> str:
    """What a processor does before the customer has instructed it."""
    if not reaches(person, Act.ENTER_REQUESTS, request):
        return "We are processor here: an analyst has the customer instruct us."
    if processing_of(request) is None:
        return "We are processor here: name the customer below, whose people these are."
    return "We are processor here: forward it to the customer below, or record the customer's instruction."


def _forwarded(request: Request, person: Person) -> str:
    if reaches(person, Act.ENTER_REQUESTS, request):
        return "Record the customer's instruction below when it comes; if they refuse, cancel the request."
    return "Nothing. It waits for the customer's instruction."


def _previewed(request: Request, person: Person) -> str:
    preview = current_preview(request)
    if not preview.found:
        return _all_held(request, person) if preview.held else _to_choose(request, person)
    if may_decide(request, person):
        return "Look through what was found below, then decide: approve exactly this set, or send it back."
    if has_spoken(request, person):
        return "You have approved this preview. Another privacy officer has to approve it, too."
    if reaches(person, Act.APPROVE, request):
        return "You entered or changed this request, so another privacy officer has to approve it."
    if reaches(person, Act.ENTER_REQUESTS, request):
        return (
            "A privacy officer has to approve what was found. If something is wrong with it, change it first."
        )
    return "A privacy officer has to approve what was found."


def _all_held(request: Request, person: Person) -> str:
    whom = "the person" if traits_of(request.kind).has_law else "whoever asked for it"
    if reaches(person, Act.HOLD, request):
        return "All that would be acted on is held: lift a hold below if it is wanted no more."
    if reaches(person, Act.ENTER_REQUESTS, request):
        return (
            f"All that would be acted on is held, so there is nothing to approve. Tell {whom} what is kept "
            "and why, then close the request below; after a lift it is looked at again."
        )
    return f"All that would be acted on is held. An analyst tells {whom} why, and closes the request."


def _to_choose(request: Request, person: Person) -> str:
    if reaches(person, Act.ENTER_REQUESTS, request):
        return "Choose who is meant of those that were found. Until then there is nothing to approve."
    return "An analyst has to choose who is meant of those that were found."


def _nothing_found(request: Request, person: Person) -> str:
    if reaches(person, Act.ENTER_REQUESTS, request):
        not_yet = not_yet_to_be_answered(request)
        answers = traits_of(request.kind).has_law and not not_yet
        answer = f" and answer {whom_to_answer(request)} so" if answers else ""
        return (
            "Nothing of what was asked exists in the subscriptions searched. Check the ids (letter case "
            f"counts); change them, or confirm that nothing was found{answer}. {not_yet}"
        ).strip()
    return "An analyst has to confirm that nothing was found, or change what is asked."


def _rejected(request: Request, person: Person) -> str:
    if reaches(person, Act.ENTER_REQUESTS, request):
        return "Read below why it was sent back, change what is asked, or cancel the request."
    return "Whoever entered the request has to change or cancel it."


def _approved(request: Request, _: Person) -> str:
    until = request.grace_until
    if until and until <= clock.now():
        return "Nothing. Sending begins in a moment."
    when = date_format(localtime(until), "H:i") if until else "now"
    return f"Nothing. Sending begins by itself after {when}; until then anyone may cancel."


def _executing(_request: Request, _person: Person) -> str:
    return "Nothing. The approved set is being sent to Pendo; this page moves by itself."


def _confirming(request: Request, _person: Person) -> str:
    traits = traits_of(request.kind)
    if traits.action is not Action.ERASE:
        return "Nothing. Pendo has taken everything; what became of it is being written down."
    answer = f"You can answer {whom_to_answer(request)} now that it is ordered." if traits.has_law else ""
    answer = not_yet_to_be_answered(request) or answer
    return (
        "Nothing. Pendo has accepted the deletion and may take up to "
        f"{settings.PENDO_COMPLETION_DAYS} days; then everything is looked for. {answer}"
    ).strip()


def _closed(request: Request, person: Person) -> str:
    held = request.targets.filter(outcome=Outcome.HELD).exists()
    if held and released_targets(request).exists() and reaches(person, Act.ENTER_REQUESTS, request):
        return "A hold on some of it was lifted: look again below at what was held."
    ending = "how it ended, what is kept and why" if held else "how it ended"
    tell = not_yet_to_be_answered(request) or f"Tell {whom_to_answer(request)} {ending}, if nobody has yet."
    return f"{tell} Legal can export the history below."


def _cancelled(request: Request, _person: Person) -> str:
    tell = not_yet_to_be_answered(request) or f"Tell {whom_to_answer(request)} why, if nobody has yet."
    return f"{tell} The request was cancelled and nothing was sent."


def _refused(request: Request, _person: Person) -> str:
    until = refusal_told_by(request)
    late = until < clock.today()
    when = "at once: the day for it has passed" if late else f"by {date_format(until, 'j M Y')}"
    return (
        f"Send the person the text below without delay, {when}. It says the reasons, and where to turn to. "
        "Nothing was sent to Pendo."
    )


def _withdrawn(_request: Request, _person: Person) -> str:
    return (
        "Confirm to the person that the request is withdrawn, if nobody has yet. Nothing was sent to Pendo."
    )


#: Here the engine works, or would.
_WORKED_ON = frozenset({State.PREVIEWING, State.APPROVED, State.EXECUTING, State.CONFIRMING})
_STEPS: dict[State, Callable[[Request, Person], str]] = {
    State.CHECKING: _checking,
    State.UNCONFIRMED: _unconfirmed,
    State.PREVIEWING: _previewing,
    State.PREVIEWED: _previewed,
    State.NOTHING_FOUND: _nothing_found,
    State.REJECTED: _rejected,
    State.FORWARDED: _forwarded,
    State.APPROVED: _approved,
    State.EXECUTING: _executing,
    State.CONFIRMING: _confirming,
    State.CLOSED: _closed,
    State.CANCELLED: _cancelled,
    State.REFUSED: _refused,
    State.WITHDRAWN: _withdrawn,
}

"""Appeals and complaints to the company: each has its own clock, and is decided by whoever hadn't refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.laws.clocks import clock_for
from compliance.laws.law import ClockKind
from compliance.laws.registry import get_law
from compliance.people.access import Act
from compliance.people.models import Person

from .errors import NotThisPerson, StateChanged
from .kinds import traits_of
from .models import Appeal, AppealKind, AppealResult, Request
from .opening import MOST_ASKED, Wish, open_request, refuse_stranger
from .queries import asked_things
from .reach import reaches
from .reasons import refuse_vague
from .sealing import correspondence_vault, subject_of
from .states import Channel, CompanyRole, Identity, Kind, State

if TYPE_CHECKING:
    import datetime as dt

    from compliance.laws.law import Clock

#: The clock that each starts.
CLOCKS = {
    AppealKind.APPEAL: ClockKind.APPEAL_ANSWER,
    AppealKind.COMPLAINT: ClockKind.COMPLAINT_ACKNOWLEDGEMENT,
}
INSTEAD = "Write what was looked at again, and what follows from it: the person reads this."


def kinds_offered(request: Request, day: dt.date) -> list[AppealKind]:
    """What the request's law lets the person address to the company, received on this day."""
    if not refused_appeal(request):
        return [kind for kind in AppealKind if _clock(request, kind, day)]
    return []


def refused_appeal(request: Request) -> str:
    """Why nothing can be appealed against yet; empty where something can."""
    if not traits_of(request.kind).has_law or not request.law:
        return "No law is named that would give an appeal."
    answered = request.state in {State.CLOSED, State.REFUSED}
    if answered or request.refusals.filter(agreed=True).exists():
        return ""
    return "There is no answer yet that could be appealed against."


@transaction.atomic
def record_appeal(
    *, request: Request, kind: AppealKind, received_on: dt.date, channel: Channel, text: str, by: Person
) -> Appeal:
    """The appeal or complaint waits for its answer, and its clock runs. Raises `Refused`."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    refuse_stranger(by, request)
    no = refused_appeal(request)
    if no:
        raise StateChanged(no)
    if not request.received_on <= received_on <= clock.today():
        raise Refused("The day lies before the request's receipt, or in the future.")
    if not text.strip():
        raise Refused("Write what the person says.")
    counted, law = _clock(request, kind, received_on), get_law(request.law, request.law_version)
    if counted is None:
        raise Refused(
            f"{law.name} gives no {AppealKind(kind).label.lower()} to the company. The person may turn to: "
            f"{'; '.join(law.recourse)}."
        )
    vault = correspondence_vault(request)
    appeal = Appeal.objects.create(
        request=request,
        kind=kind,
        received_on=received_on,
        channel=channel,
        sealed_text=vault.seal(text, purpose="appeal"),
        legal=counted.legal,
        safe=counted.safe,
        article=counted.article,
        entered_by=by,
    )
    ledger.record(
        Event.APPEAL_RECORDED,
        chain=request.chain,
        actor=by.reference,
        **_names(appeal),
        received_on=ledger.as_fact(received_on),
        channel=Channel(channel).label.lower(),
        answer_by=ledger.as_fact(counted.safe),
        text=vault.commit("appeal", text).hex(),
    )
    return appeal


@transaction.atomic
def acknowledge_complaint(*, appeal: Appeal, by: Person) -> None:
    """The person was told that the complaint has arrived: its clock wants no more. Raises `Refused`."""
    refuse_stranger(by, appeal.request)
    appeal = _locked(appeal)
    if appeal.kind != AppealKind.COMPLAINT or appeal.acknowledged_at:
        raise StateChanged("There is nothing to acknowledge here any more. Reload the page.")
    appeal.acknowledged_at = clock.now()
    appeal.save(update_fields=["acknowledged_at"])
    ledger.record(
        Event.COMPLAINT_ACKNOWLEDGED,
        chain=appeal.request.chain,
        actor=by.reference,
        appeal=str(appeal),
    )


@transaction.atomic
def decide_appeal(*, appeal: Appeal, result: AppealResult, reason: str, by: Person) -> Request | None:
    """The appeal or complaint is decided; granted, the request that follows is returned, to be previewed.

    Whoever decides has entered that request, so somebody else approves it. Raises `Refused`.
    """
    by = Person.objects.get(pk=by.pk)
    appeal = _locked(appeal)
    refuse_as_judge(appeal, by)
    refuse_vague(reason, instead=INSTEAD)
    vault = correspondence_vault(appeal.request)
    following = _open_following(appeal, by) if result == AppealResult.OVERTURNED else None
    appeal.result, appeal.followed_by = result, following
    appeal.decided_by, appeal.decided_at = by, clock.now()
    appeal.sealed_reason = vault.seal(reason, purpose="reason")
    _keep_decision(appeal)
    ledger.record(
        Event.APPEAL_DECIDED,
        chain=appeal.request.chain,
        actor=by.reference,
        **_names(appeal),
        result=AppealResult(result).label.lower(),
        reason=vault.commit("reason", reason).hex(),
        other=following.reference if following else "none",
    )
    return following


def refuse_as_judge(appeal: Appeal, by: Person) -> None:
    """Raises `NotThisPerson` with the reason why this person may not decide about it."""
    if not reaches(by, Act.DECIDE_APPEALS, appeal.request):
        raise NotThisPerson("Only a privacy officer decides about appeals and complaints.")
    refusals = appeal.request.refusals.filter(agreed=True)
    if refusals.filter(Q(proposed_by=by) | Q(decided_by=by)).exists():
        raise NotThisPerson("You had a hand in the refusal, so somebody else has to decide about this.")
    if appeal.entered_by_id == by.pk:
        raise NotThisPerson("You recorded it, so somebody else has to decide about it.")


def text_of(appeal: Appeal) -> str:
    """What the person says."""
    return correspondence_vault(appeal.request).open(appeal.sealed_text, purpose="appeal")


def reasons_of(appeal: Appeal) -> str:
    """Why it was decided so; empty while it isn't."""
    if appeal.sealed_reason is None:
        return ""
    return correspondence_vault(appeal.request).open(appeal.sealed_reason, purpose="reason")


def _clock(request: Request, kind: AppealKind, day: dt.date) -> Clock | None:
    law = get_law(request.law, request.law_version)
    return clock_for(law, CLOCKS[AppealKind(kind)], started_on=day, calendar=request.calendar or None)


def _open_following(appeal: Appeal, by: Person) -> Request:
    """A request that asks the same anew, received on the day of the appeal, with keys of its own."""
    request = appeal.request
    if request.asked.count() > MOST_ASKED:
        raise Refused(
            f"It names more than {MOST_ASKED:,} things: record the request that follows from a file."
        )
    wish = Wish(
        kind=Kind(request.kind),
        law=request.law,
        calendar=request.calendar,
        received_on=appeal.received_on,
        channel=Channel(appeal.channel),
        identity=Identity(request.identity),
        subject=subject_of(request),
        with_visitors=request.with_visitors,
        company_role=CompanyRole(request.company_role),
        things=asked_things(request),
        subscriptions=list(request.subscriptions.all()),
    )
    following = open_request(wish=wish, by=by)
    ledger.record(
        Event.APPEAL_FOLLOWED,
        chain=following.chain,
        actor=by.reference,
        other=request.reference,
        **_names(appeal),
    )
    return following


def _names(appeal: Appeal) -> dict[str, str]:
    return {"kind": AppealKind(appeal.kind).label.lower(), "appeal": str(appeal)}


def _locked(appeal: Appeal) -> Appeal:
    """The appeal as it stands, its request held until the transaction ends, if it still waits."""
    request = Request.objects.select_for_update().get(pk=appeal.request_id)
    appeal = Appeal.objects.get(pk=appeal.pk)
    appeal.request = request
    if appeal.result:
        raise StateChanged("This was decided already. Reload the page.")
    return appeal


def _keep_decision(appeal: Appeal) -> None:
    fields = ["result", "followed_by", "decided_by", "decided_at", "sealed_reason"]
    appeal.save(update_fields=fields)

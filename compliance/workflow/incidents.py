"""Wrong deletions: reported, assessed, decided about and closed, with the 72 hours of Art. 33 GDPR."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, crypto, keyring
from compliance.core.errors import Refused
from compliance.people.access import Act

from .errors import NotThisPerson, StateChanged
from .kinds import Action, traits_of
from .models import Incident, Request, Risk
from .opening import MOST_ASKED, Wish, open_request
from .pausing import pause_request
from .reach import reaches
from .sealing import Vault, target_id, targets_vault
from .states import SENDABLE, AskedKind, Kind, Outcome, State, TargetKind
from .things import Thing

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from compliance.people.models import Person

    from .models import Target

#: Art. 33(1) GDPR: from the moment of awareness, weekends and holidays included.
HOURS = dt.timedelta(hours=72)
REMINDED_BEFORE = dt.timedelta(hours=24)
OLDEST_AWARENESS = dt.timedelta(days=365)
#: Here something may have been deleted.
REPORTABLE = frozenset({State.EXECUTING, State.CONFIRMING, State.CLOSED})
#: Pendo has these, or may have them: it may process them no more.
SENT = (Outcome.ACCEPTED, Outcome.UNCERTAIN, Outcome.PRESENT, Outcome.ERASED, Outcome.FAILED)
#: Named one by one up to so many; of more, all were wrong, or an incident for each request is clearer.
MOST_NAMED = 500
HAPPENED, CATEGORIES, REASON = "happened", "categories", "reason"
AUTHORITY, PERSONS = "the authority", "everybody concerned"


# -- Reporting -----------------------------------------------------------------------------------------------


@transaction.atomic
def report_wrong_deletion(
    *,
    request: Request,
    happened: str,
    aware_at: dt.datetime,
    by: Person,
    targets: Collection[Target] = (),
) -> Incident:
    """Nothing more of the request is sent, and an incident stands whose 72 hours run from `aware_at`.

    Without `targets`, all that the request acts on was wrongly named. Raises `Refused`.
    """
    if not reaches(by, Act.REPORT_INCIDENTS, request):
        raise NotThisPerson("Your roles don't let you report this.")
    request = Request.objects.select_for_update().get(pk=request.pk)
    if not may_be_reported(request):
        raise StateChanged("Nothing of this request was sent, so nothing was deleted. Cancel it instead.")
    _refuse_bad_report(happened, aware_at, targets)
    if request.state in SENDABLE and not request.rest_cancelled_at:
        pause_request(request=request, by=by, reason=happened)
    incident = _new_incident(request, happened, aware_at, by)
    incident.whole = not targets
    incident.save()
    incident.targets.set(targets)
    _record(
        Event.INCIDENT_OPENED,
        incident,
        by,
        targets=wrong_targets(incident).count(),
        aware_at=ledger.as_fact(aware_at),
        notify_by=ledger.as_fact(incident.notify_by),
        report=vault_of(incident).commit(HAPPENED, happened).hex(),
    )
    return incident


def _refuse_bad_report(happened: str, aware_at: dt.datetime, targets: Collection[Target]) -> None:
    if not happened.strip():
        raise Refused("Say what happened: whoever decides about it reads this.")
    if aware_at > clock.now():
        raise Refused("This moment lies in the future: nobody can know of it yet.")
    if aware_at < clock.now() - OLDEST_AWARENESS:
        raise Refused("This moment lies more than a year back. Check the date.")
    if len(targets) > MOST_NAMED:
        raise Refused(
            f"Up to {MOST_NAMED} can be named one by one. Report all, and say in words who is meant."
        )


def _new_incident(request: Request, happened: str, aware_at: dt.datetime, by: Person) -> Incident:
    incident = Incident(
        request=request,
        opened_by=by,
        aware_at=aware_at,
        notify_by=aware_at + HOURS,
        data_key=keyring.wrap(crypto.new_data_key()),
    )
    incident.sealed_happened = vault_of(incident).seal(happened, purpose=HAPPENED)
    return incident


# -- What it is about ----------------------------------------------------------------------------------------


def vault_of(incident: Incident) -> Vault:
    """The vault for everything that is written about an incident."""
    return Vault(incident.data_key)


def words_of(incident: Incident) -> dict[str, str]:
    """What was written about it: `happened`, `categories`, `reason`; empty where nothing was yet."""
    vault = vault_of(incident)
    sealed = {
        HAPPENED: incident.sealed_happened,
        CATEGORIES: incident.sealed_categories,
        REASON: incident.sealed_reason,
    }
    return {name: vault.open(text, purpose=name) if text else "" for name, text in sealed.items()}


def reportable_targets(request: Request) -> QuerySet[Target]:
    """What the request acts on, as far as it was sent or may yet be."""
    wanted = request.targets.filter(outcome__in=[*SENT, Outcome.PENDING])
    return wanted.select_related("subscription").order_by("pk")


def may_be_reported(request: Request) -> bool:
    """Whether the request may have deleted somebody."""
    erases = traits_of(request.kind).action is Action.ERASE
    return erases and request.state in REPORTABLE and reportable_targets(request).exists()


def wrong_targets(incident: Incident) -> QuerySet[Target]:
    """The targets that were wrongly named."""
    chosen = reportable_targets(incident.request)
    return chosen if incident.whole else chosen.filter(pk__in=incident.targets.values("pk"))


def excluded_visitors(incident: Incident) -> QuerySet[Target]:
    """Those of them for whom Pendo may have set Do Not Process: it can be lifted, visitor by visitor."""
    return wrong_targets(incident).filter(kind=TargetKind.VISITOR, outcome__in=SENT)


# -- Lifting Do Not Process ----------------------------------------------------------------------------------


@transaction.atomic
def open_readmission(*, incident: Incident, by: Person) -> Request:
    """A request stands that lifts Do Not Process for those wrongly named, to be approved as any other.

    What was deleted doesn't come back by it. Raises `Refused`.
    """
    incident = locked(incident)
    if incident.readmission:
        raise StateChanged(f"{incident.readmission.reference} was opened for that already.")
    targets = list(excluded_visitors(incident)[: MOST_ASKED + 1])
    if not targets:
        raise Refused("No visitor of this incident was sent to Pendo, so there is nothing to lift.")
    if len(targets) > MOST_ASKED:
        raise Refused(
            f"These are more than {MOST_ASKED:,} visitors. Upload them as a file, as a readmission."
        )
    vault = targets_vault(incident.request)
    names = dict.fromkeys(target_id(vault, target) for target in targets)
    incident.readmission = open_request(
        wish=Wish(
            kind=Kind.READMISSION,
            received_on=clock.today(),
            things=[Thing(AskedKind.VISITOR, name) for name in names],
            subscriptions=list({target.subscription for target in targets}),
            note=f"Wrongly deleted by {incident.request.reference} (incident {incident.pk}).",
        ),
        by=by,
    )
    incident.save(update_fields=["readmission"])
    other = incident.readmission.reference
    _record(Event.INCIDENT_READMITTED, incident, by, other=other, count=len(names))
    return incident.readmission


# -- Deciding ------------------------------------------------------------------------------------------------


@transaction.atomic
def assess_incident(*, incident: Incident, risk: Risk, persons: int, categories: str, by: Person) -> None:
    """It is known how many people are concerned, by what kinds of data, and what that means for them.

    Said again, it is a correction; a decision that was made has to be made again. Raises `Refused`.
    """
    incident = _to_decide(incident, by)
    if not categories.strip():
        raise Refused("Say what kinds of people and data are concerned.")
    incident.risk, incident.persons = risk, persons
    incident.sealed_categories = vault_of(incident).seal(categories, purpose=CATEGORIES)
    incident.tell_authority = incident.tell_persons = None
    incident.decided_at = incident.decided_by = incident.sealed_reason = None
    incident.save()
    _record(
        Event.INCIDENT_ASSESSED,
        incident,
        by,
        risk=Risk(risk).label.lower(),
        persons=persons,
        assessment=vault_of(incident).commit(CATEGORIES, categories).hex(),
    )


@transaction.atomic
def decide_incident(
    *, incident: Incident, tell_authority: bool, tell_persons: bool, reason: str, by: Person
) -> None:
    """It is decided whether the authority and the people are notified, and why. Raises `Refused`."""
    incident = _to_decide(incident, by)
    if not incident.risk:
        raise Refused("Assess the incident first: whom to notify depends on the risk.")
    if not reason.strip():
        raise Refused("Give the reason: the law wants it documented whichever way you decide.")
    incident.tell_authority, incident.tell_persons = tell_authority, tell_persons
    incident.sealed_reason = vault_of(incident).seal(reason, purpose=REASON)
    incident.decided_at, incident.decided_by = clock.now(), by
    incident.save()
    _record(
        Event.INCIDENT_DECIDED,
        incident,
        by,
        authority="yes" if tell_authority else "no",
        persons="yes" if tell_persons else "no",
        reason=vault_of(incident).commit(REASON, reason).hex(),
    )


@transaction.atomic
def note_notified(*, incident: Incident, whom: str, at: dt.datetime, by: Person) -> None:
    """The authority, or everybody concerned, was notified at this moment. Raises `Refused`."""
    incident = _to_decide(incident, by)
    wanted = incident.tell_authority if whom == AUTHORITY else incident.tell_persons
    if not wanted:
        raise Refused(f"It isn't decided that {whom} is notified.")
    if not incident.aware_at <= at <= clock.now():
        raise Refused("This can't have been before anybody knew of it, or in the future.")
    if whom == AUTHORITY:
        incident.authority_told_at = at
    else:
        incident.persons_told_at = at
    incident.save(update_fields=["authority_told_at", "persons_told_at"])
    _record(Event.INCIDENT_NOTIFIED, incident, by, whom=whom, at=ledger.as_fact(at))


@transaction.atomic
def close_incident(*, incident: Incident, by: Person) -> None:
    """Nothing is left to do about it. Raises `Refused` before it is decided and everybody was notified."""
    incident = _to_decide(incident, by)
    if left := still_to_do(incident):
        raise Refused(left)
    incident.closed_at = clock.now()
    incident.save(update_fields=["closed_at"])
    _record(Event.INCIDENT_CLOSED, incident, by)


def still_to_do(incident: Incident) -> str:
    """What an incident waits for before it can be closed, in words; empty where it waits for nothing."""
    if not incident.risk:
        return "Assess it: how many people, what kinds of data, which risk."
    if incident.decided_at is None:
        return "Decide whether the authority and the people concerned are notified, and why."
    if incident.tell_authority and not incident.authority_told_at:
        return "Notify the authority, and note when you did."
    if incident.tell_persons and not incident.persons_told_at:
        return "Notify the people concerned, and note when you did."
    return ""


def locked(incident: Incident) -> Incident:
    """The incident while nobody else decides about it. Raises `Refused` for one that is closed."""
    Request.objects.select_for_update().get(pk=incident.request_id)
    incident = Incident.objects.select_related("request", "readmission").get(pk=incident.pk)
    if incident.closed_at:
        raise StateChanged("This incident is closed. Reload the page.")
    return incident


def _to_decide(incident: Incident, by: Person) -> Incident:
    if not reaches(by, Act.DECIDE_INCIDENTS, incident.request):
        raise NotThisPerson("Only a privacy officer decides about incidents.")
    return locked(incident)


# -- Reminders -----------------------------------------------------------------------------------------------


def open_incidents() -> QuerySet[Incident]:
    """Incidents that aren't closed, by the end of their 72 hours."""
    rows = Incident.objects.filter(closed_at=None).select_related("request", "opened_by")
    return rows.order_by("notify_by", "pk")


def remind_of_incidents() -> None:
    """Whatever reminder is due stands in the ledger, which mail follows; none stands there twice."""
    soon = clock.now() + REMINDED_BEFORE
    for incident in open_incidents().filter(notify_by__lte=soon, passed_at=None):
        _remind_of(incident.pk)


@transaction.atomic
def _remind_of(incident_id: int) -> None:
    incident = Incident.objects.select_for_update(of=("self",)).select_related("request").get(pk=incident_id)
    passed = incident.notify_by <= clock.now()
    if not incident.hours_run or incident.passed_at or (incident.reminded_at and not passed):
        return
    if passed:
        incident.passed_at, event = clock.now(), Event.INCIDENT_PASSED
    else:
        incident.reminded_at, event = clock.now(), Event.INCIDENT_DUE_SOON
    incident.save(update_fields=["reminded_at", "passed_at"])
    _record(event, incident, notify_by=ledger.as_fact(incident.notify_by))


def _record(event: Event, incident: Incident, by: Person | None = None, **facts: ledger.type_of_fact) -> None:
    actor = by.reference if by else ledger.SYSTEM
    ledger.record(event, chain=incident.request.chain, actor=actor, incident=incident.pk, **facts)

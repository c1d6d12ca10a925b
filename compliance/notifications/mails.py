"""The one table of mail: which ledger entry sends what to whom.

Each mail has two templates under templates/notifications/, `<name>.subject.txt` and `<name>.body.txt`. No
mail names a person concerned: it says what happened, with a link to where one logs in to see more.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.people.absence import with_deputies
from compliance.people.access import MAY, Act, can
from compliance.people.links import password_link, public_address
from compliance.people.models import Grant, Person, Token
from compliance.people.names import actor_names
from compliance.people.queries import stood_in_for
from compliance.people.roles import TWO_PERSON_ROLES, Role
from compliance.subscriptions.models import Key, Purpose, Subscription
from compliance.subscriptions.pendo_clicks import DELETE_A_KEY, MAKE_A_KEY, MAKE_A_READING_KEY
from compliance.subscriptions.queries import names_within
from compliance.subscriptions.reach import reached_subscriptions
from compliance.subscriptions.stopping import is_stopped
from compliance.workflow.changers import changer_keys
from compliance.workflow.guards import asks_people
from compliance.workflow.models import Hold, Incident, ProgramOpening, RecipientTask, Request
from compliance.workflow.processing import wants_instruction
from compliance.workflow.queries import endangered_requests
from compliance.workflow.reach import reaches, visible_to, within_reach

from .models import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from compliance.audit.models import Entry

#: A mail names so many requests, and counts the others.
MOST_NAMED = 50


@dataclasses.dataclass(frozen=True)
class Mail:
    """What is written to whom, from the ledger entry that calls for it."""

    #: The name of its templates.
    name: str
    #: Who gets it, as of the moment when the entry is first seen.
    to: Callable[[Entry], QuerySet[Person]]
    #: What the templates need besides `person`, `actor` and the entry's facts.
    about: Callable[[Entry, Person], dict[str, Any]]
    #: Whether it still makes sense at the moment of sending.
    wanted: Callable[[Person], bool] = lambda _: True
    #: Whether it is for nobody else's eyes, such as a link to set a password: no deputy gets it.
    personal: bool = False

    def recipients(self, entry: Entry) -> list[Person]:
        """Who gets it, as far as their roles reach what it is about, and today's deputies of those away."""
        meant = within_reach_of(entry, self.to(entry))
        return list(meant) if self.personal else with_deputies(meant)

    def context(self, entry: Entry, person: Person) -> dict[str, Any]:
        """What the templates are given. `absent` are those in whose stead the person gets it."""
        body = entry.body
        return {
            **body["facts"],
            "actor": _name_of(body["actor"]),
            "person": person,
            "absent": [] if self.to(entry).filter(pk=person.pk).exists() else stood_in_for(person),
            **self.about(entry, person),
        }


def reference_of(entry: Entry) -> str:
    """What stands behind the slash of the chain's name: a request's reference, or a row's primary key."""
    chain: str = entry.body["chain"]
    return chain.partition("/")[2]


def within_reach_of(entry: Entry, people: QuerySet[Person]) -> QuerySet[Person]:
    """Those whose roles, where they are limited to some subscriptions, reach what the entry is about."""
    limited = people.filter(pk__in=Grant.objects.active().filter(limited=True).values("person"))
    strangers = [person.pk for person in limited if not _reaches(person, entry)]
    return people.exclude(pk__in=strangers) if strangers else people


def _reaches(person: Person, entry: Entry) -> bool:
    kind, number = entry.body["chain"].split("/", 1) if "/" in entry.body["chain"] else ("", "")
    if kind == "request":
        return visible_to(person).filter(reference=number).exists()
    if kind == "subscription":
        reached = reached_subscriptions(person, Act.READ_SUBSCRIPTIONS).filter(pk=number)
        cared_for = Key.objects.filter(Q(owner=person) | Q(deputy=person), subscription_id=int(number))
        return reached.exists() or cared_for.exists()
    return True


# -- Who gets it ---------------------------------------------------------------------------------------------


def _whom_it_is_about(entry: Entry) -> QuerySet[Person]:
    return Person.objects.filter(is_active=True, pk=reference_of(entry))


def _administrators_to_allow(entry: Entry) -> QuerySet[Person]:
    token = Token.objects.waiting().filter(pk=entry.body["facts"]["token"].removeprefix("token/"))
    return _other_administrators(entry) if token.exists() else Person.objects.none()


def _other_administrators(entry: Entry) -> QuerySet[Person]:
    involved = [entry.body["actor"].removeprefix("person/"), reference_of(entry)]
    return Person.objects.holding([Role.ADMINISTRATOR]).exclude(
        pk__in=[pk for pk in involved if pk.isdecimal()]
    )


def _watchers_of_weighty_roles(entry: Entry) -> QuerySet[Person]:
    if entry.body["facts"]["role"] not in TWO_PERSON_ROLES:
        return Person.objects.none()
    return Person.objects.holding([Role.OFFICER, Role.ADMINISTRATOR])


def _watchers_and_holder(entry: Entry) -> QuerySet[Person]:
    return Person.objects.filter(
        Q(pk__in=_watchers_of_weighty_roles(entry).values("pk")) | Q(pk=reference_of(entry)), is_active=True
    )


def _absent_and_deputy(entry: Entry) -> QuerySet[Person]:
    body = entry.body
    involved = {body["facts"]["person"], body["facts"]["deputy"]} - {body["actor"]}
    return Person.objects.filter(is_active=True, pk__in=[each.removeprefix("person/") for each in involved])


def _officers_and_administrators(_: Entry) -> QuerySet[Person]:
    return Person.objects.holding([Role.OFFICER, Role.ADMINISTRATOR])


def _custodians_and_officers(_: Entry) -> QuerySet[Person]:
    return Person.objects.holding([Role.KEY_CUSTODIAN, Role.OFFICER])


def _custodians(entry: Entry) -> QuerySet[Person]:
    """Whoever put it aside on purpose knows."""
    by_itself = entry.body["actor"] == ledger.SYSTEM
    return Person.objects.holding([Role.KEY_CUSTODIAN]) if by_itself else Person.objects.none()


def _other_custodians_and_officers(entry: Entry) -> QuerySet[Person]:
    proposer = entry.body["actor"].removeprefix("person/")
    return Person.objects.holding([Role.KEY_CUSTODIAN, Role.OFFICER]).exclude(pk=proposer)


def _custodians_officers_administrators(_: Entry) -> QuerySet[Person]:
    return Person.objects.holding([Role.KEY_CUSTODIAN, Role.OFFICER, Role.ADMINISTRATOR])


def _owner_and_deputy(entry: Entry) -> QuerySet[Person]:
    """Those who look after the key; every custodian, where nobody who still works here does."""
    key = _key_of(entry)
    people = Person.objects.filter(is_active=True, pk__in=[pk for pk in (key.owner_id, key.deputy_id) if pk])
    return people if people.exists() else Person.objects.holding([Role.KEY_CUSTODIAN])


def _owner_deputy_and_officers(entry: Entry) -> QuerySet[Person]:
    pks = {person.pk for person in (*_owner_and_deputy(entry), *Person.objects.holding([Role.OFFICER]))}
    return Person.objects.filter(pk__in=pks)


def _officers_who_may_decide(entry: Entry) -> QuerySet[Person]:
    request = Request.objects.get(reference=reference_of(entry))
    if wants_instruction(request) or not asks_people(request):
        return Person.objects.none()
    return Person.objects.holding([Role.OFFICER]).exclude(pk__in=changer_keys(request))


def _officers_who_may_agree(entry: Entry) -> QuerySet[Person]:
    proposer = entry.body["actor"].removeprefix("person/")
    return _officers_who_may_decide(entry).exclude(pk=proposer)


def _whoever_entered_it(entry: Entry) -> QuerySet[Person]:
    """Of a run, its rule's page tells what became of it."""
    request = Request.objects.get(reference=reference_of(entry))
    if not asks_people(request) or request.ended:
        return Person.objects.none()
    return Person.objects.filter(is_active=True, pk__in={request.entered_by_id, request.changed_by_id})


def _officers(_: Entry) -> QuerySet[Person]:
    return Person.objects.holding([Role.OFFICER])


def _owner_and_legal(entry: Entry) -> QuerySet[Person]:
    hold = Hold.objects.get(pk=reference_of(entry))
    legal = Person.objects.holding([Role.LEGAL])
    return Person.objects.filter(Q(pk=hold.owner_id) | Q(pk__in=legal.values("pk")), is_active=True)


def _officers_and_analysts(_: Entry) -> QuerySet[Person]:
    return Person.objects.holding([Role.OFFICER, Role.ANALYST])


def _owner_of_the_task(entry: Entry) -> QuerySet[Person]:
    """Whoever looks after it; every officer, where that person can't, or doesn't work here any more."""
    task = _task_of(entry)
    if reaches(task.owner, Act.TELL_RECIPIENTS, task.request):
        return Person.objects.filter(pk=task.owner_id)
    return Person.objects.holding([Role.OFFICER])


def _owner_of_the_task_and_officers(entry: Entry) -> QuerySet[Person]:
    officers = Person.objects.holding([Role.OFFICER])
    owner = Q(pk=_task_of(entry).owner_id, is_active=True)
    return Person.objects.filter(owner | Q(pk__in=officers.values("pk")))


def _whoever_may_confirm(entry: Entry) -> QuerySet[Person]:
    """Those whose roles reach what was kept back first."""
    openings = ProgramOpening.objects.filter(flood_id=int(reference_of(entry))).order_by("pk")
    first = openings.select_related("request")[0]
    people = Person.objects.holding(MAY[Act.ENTER_REQUESTS]).filter(is_service=False)
    reached = [each.pk for each in people if reaches(each, Act.ENTER_REQUESTS, first.request)]
    return Person.objects.filter(pk__in=reached)


def _officers_and_legal(_: Entry) -> QuerySet[Person]:
    return Person.objects.holding([Role.OFFICER, Role.LEGAL])


def _named_in(entry: Entry, *names: str) -> QuerySet[Person]:
    """The people whom the entry names in these of its facts."""
    facts = entry.body["facts"]
    keys = [facts[name].removeprefix("person/") for name in names]
    return Person.objects.filter(is_active=True, pk__in=keys)


def _whoever_may_approve_the_rule(entry: Entry) -> QuerySet[Person]:
    """But for whoever wrote it; who doesn't reach its subscription is told on its page."""
    author = entry.body["actor"].removeprefix("person/")
    return Person.objects.holding([Role(entry.body["facts"]["approver_role"])]).exclude(pk=author)


def _owner_of_the_rule(entry: Entry) -> QuerySet[Person]:
    return _named_in(entry, "owner")


def _owner_and_approver(entry: Entry) -> QuerySet[Person]:
    return _named_in(entry, "owner", "approver")


def _owner_of_the_webhook(entry: Entry) -> QuerySet[Person]:
    """Whoever looks after it; every administrator, where that person doesn't work here any more."""
    owner = Person.objects.filter(is_active=True, pk=_endpoint_of(entry).owner_id)
    return owner if owner.exists() else Person.objects.holding([Role.ADMINISTRATOR])


# -- What it is about ----------------------------------------------------------------------------------------


def _name_of(actor: str) -> str:
    return actor_names([actor])[actor]


def _has_no_password(person: Person) -> bool:
    return not person.has_usable_password()


def _password(_: Entry, person: Person) -> dict[str, Any]:
    return {"link": password_link(person)}


def _colleague(entry: Entry, _: Person) -> dict[str, Any]:
    facts = entry.body["facts"]
    role = facts.get("role", "")
    return {
        "colleague": _name_of(facts["person"]),
        "role": Role(role).label if role else "",
        "within": _within(facts["person"], role),
        "link": public_address(reverse("people")),
    }


def _within(person: str, role: str) -> str:
    """The subscriptions for which the person was last given the role; empty for all of them."""
    grants = Grant.objects.filter(person_id=int(person.removeprefix("person/")), role=role)
    latest = grants.order_by("-pk").first()
    return names_within(latest) if latest else ""


def _absence(entry: Entry, _: Person) -> dict[str, Any]:
    facts = entry.body["facts"]
    return {
        "colleague": _name_of(facts["person"]),
        "stand_in": _name_of(facts["deputy"]),
        "link": public_address(reverse("absence")),
    }


def _policy(entry: Entry, _: Person) -> dict[str, Any]:
    proposer = entry.body["facts"].get("proposer", entry.body["actor"])
    return {"proposed_by": _name_of(proposer), "link": public_address(reverse("policy"))}


def _token(entry: Entry, _: Person) -> dict[str, Any]:
    facts = entry.body["facts"]
    token = Token.objects.get(pk=facts["token"].removeprefix("token/"))
    return {
        "token": token,
        "owner": _name_of(facts["person"]),
        "link": public_address(reverse("tokens")),
        "all_link": public_address(reverse("tokens_all")),
    }


def _subscription(entry: Entry, _: Person) -> dict[str, Any]:
    return {
        "subscription": Subscription.objects.get(pk=reference_of(entry)),
        "link": public_address(reverse("subscriptions")),
    }


def _key_of(entry: Entry) -> Key:
    """The key that the entry names by its fingerprint: one row for each key of a subscription."""
    keys = Key.objects.filter(subscription_id=reference_of(entry), fingerprint=entry.body["facts"]["key"])
    return keys.select_related("subscription").latest("pk")


def _key(entry: Entry, person: Person) -> dict[str, Any]:
    key = _key_of(entry)
    return _keyless(entry, person) | {
        "made_on": key.made_on if key.made_on_known else None,
        "make_a_key": MAKE_A_READING_KEY if key.purpose == Purpose.READ else MAKE_A_KEY,
        "reads_only": key.purpose == Purpose.READ,
    }


def _keyless(entry: Entry, _: Person) -> dict[str, Any]:
    subscription = Subscription.objects.get(pk=reference_of(entry))
    return {
        "subscription": subscription,
        "make_a_key": MAKE_A_KEY,
        "make_a_reading_key": MAKE_A_READING_KEY,
        "delete_a_key": DELETE_A_KEY,
        "link": public_address(reverse("subscription", args=[subscription.pk])),
    }


def _unanswered(entry: Entry, person: Person) -> dict[str, Any]:
    context = _keyless(entry, person)
    return context | _since(entry) | _pressing(context["subscription"], person)


def _outage(entry: Entry, person: Person) -> dict[str, Any]:
    subscription = Subscription.objects.get(pk=reference_of(entry))
    link = public_address(reverse("endangered"))
    return {"subscription": subscription, "link": link} | _since(entry) | _pressing(subscription, person)


def _stop(_entry: Entry, _: Person) -> dict[str, Any]:
    return {"stopped": is_stopped(), "link": public_address(reverse("stop"))}


def _stop_over(entry: Entry, person: Person) -> dict[str, Any]:
    return _stop(entry, person) | _since(entry)


def _pressing(subscription: Subscription, person: Person) -> dict[str, Any]:
    """Its requests that can't wait; who reads requests is told of those that they may."""
    rows = endangered_requests(subscription)
    pressing = list(within_reach(rows, person, path="") if can(person, Act.READ_REQUESTS) else rows)
    return {"pressing": pressing[:MOST_NAMED], "more": len(pressing[MOST_NAMED:])}


def _since(entry: Entry) -> dict[str, Any]:
    since = localtime(dt.datetime.fromisoformat(entry.body["facts"]["since"]))
    return {"since": date_format(since, "l, j M Y, H:i")}


def _request(entry: Entry, _: Person) -> dict[str, Any]:
    reference = reference_of(entry)
    return {"reference": reference, "link": public_address(reverse("request", args=[reference]))}


def _finding(entry: Entry, _: Person) -> dict[str, Any]:
    return {
        "subscription": Subscription.objects.get(pk=reference_of(entry)),
        "link": public_address(reverse("finding", args=[entry.body["facts"]["finding"]])),
    }


def _hold(entry: Entry, _: Person) -> dict[str, Any]:
    hold = Hold.objects.select_related("owner").get(pk=reference_of(entry))
    return {"hold": hold, "link": public_address(reverse("hold", args=[hold.pk]))}


def _task_of(entry: Entry) -> RecipientTask:
    tasks = RecipientTask.objects.select_related("request", "recipient", "owner")
    return tasks.get(pk=entry.body["facts"]["task"])


def _task(entry: Entry, _: Person) -> dict[str, Any]:
    task = _task_of(entry)
    link = public_address(reverse("task", args=[task.pk]))
    return {"reference": reference_of(entry), "told": task, "link": link}


def _endpoint_of(entry: Entry) -> Endpoint:
    return Endpoint.objects.select_related("owner").get(pk=reference_of(entry))


def _webhook(entry: Entry, _: Person) -> dict[str, Any]:
    endpoint = _endpoint_of(entry)
    link = public_address(reverse("webhook", args=[endpoint.pk]))
    return {"endpoint": endpoint, "link": link}


def _flood(entry: Entry, _: Person) -> dict[str, Any]:
    return {
        "owner": _name_of(entry.body["facts"]["person"]),
        "link": public_address(reverse("floods")),
    }


def _incident(entry: Entry, _: Person) -> dict[str, Any]:
    incident = Incident.objects.get(pk=entry.body["facts"]["incident"])
    link = public_address(reverse("incident", args=[incident.pk]))
    return {"reference": reference_of(entry), "ends_at": localtime(incident.notify_by), "link": link}


def _rule(entry: Entry, _: Person) -> dict[str, Any]:
    facts = entry.body["facts"]
    about: dict[str, Any] = {"link": public_address(reverse("cleanup_rule", args=[facts["rule"]]))}
    if "approver" in facts:
        about["approved_by"] = _name_of(facts["approver"])
    return about


def _run_of_rule(entry: Entry, _: Person) -> dict[str, Any]:
    return {"link": public_address(reverse("cleanup_run", args=[entry.body["facts"]["run"]]))}


# -- The table -----------------------------------------------------------------------------------------------

MAILS: dict[Event, tuple[Mail, ...]] = {
    Event.PERSON_ADDED: (
        Mail("welcome", _whom_it_is_about, _password, wanted=_has_no_password, personal=True),
        Mail("person_added", _other_administrators, _colleague),
    ),
    Event.PERSON_REACTIVATED: (
        Mail("welcome_back", _whom_it_is_about, _password, wanted=_has_no_password, personal=True),
        Mail("person_reactivated", _other_administrators, _colleague),
    ),
    Event.ABSENCE_MARKED: (Mail("absence_marked", _absent_and_deputy, _absence),),
    Event.ABSENCE_ENDED: (Mail("absence_ended", _absent_and_deputy, _absence),),
    Event.SERVICE_ADDED: (Mail("service_added", _other_administrators, _colleague),),
    Event.TOKEN_MADE: (
        Mail("token_made", _whom_it_is_about, _token, personal=True),
        Mail("token_to_allow", _administrators_to_allow, _token),
    ),
    Event.TOKEN_ALLOWED: (Mail("token_allowed", _whom_it_is_about, _token, personal=True),),
    Event.TOKEN_REVOKED: (Mail("token_revoked", _whom_it_is_about, _token, personal=True),),
    Event.ROLE_PROPOSED: (Mail("role_proposed", _other_administrators, _colleague),),
    Event.ROLE_PROPOSED_UNTIL: (Mail("role_proposed_until", _other_administrators, _colleague),),
    Event.ROLE_GRANTED: (Mail("role_granted", _watchers_of_weighty_roles, _colleague),),
    Event.ROLE_GRANTED_UNTIL: (Mail("role_granted_until", _watchers_of_weighty_roles, _colleague),),
    Event.ROLE_EXPIRED: (Mail("role_expired", _watchers_and_holder, _colleague),),
    Event.POLICY_PROPOSED: (Mail("policy_proposed", _officers_and_administrators, _policy),),
    Event.POLICY_CHANGED: (Mail("policy_changed", _officers_and_administrators, _policy),),
    Event.POLICY_DECLINED: (Mail("policy_declined", _officers_and_administrators, _policy),),
    Event.SUBSCRIPTION_PAUSED: (Mail("subscription_paused", _custodians_and_officers, _subscription),),
    Event.SUBSCRIPTION_SILENT: (Mail("subscription_silent", _officers_and_analysts, _outage),),
    Event.SUBSCRIPTION_ANSWERS: (Mail("subscription_answers", _officers_and_analysts, _outage),),
    Event.SENDING_STOPPED: (Mail("sending_stopped", _officers, _stop),),
    Event.SENDING_RESUMED: (Mail("sending_resumed", _officers, _stop_over),),
    Event.KEY_REMINDED: (Mail("key_reminder", _owner_and_deputy, _key),),
    Event.KEY_OVERDUE: (Mail("key_overdue", _owner_deputy_and_officers, _key),),
    Event.KEY_DELETION_REMINDED: (Mail("key_to_delete", _owner_and_deputy, _key),),
    Event.KEY_UNANSWERED: (Mail("key_unanswered", _custodians_officers_administrators, _unanswered),),
    Event.FOREIGN_KEY_PROPOSED: (Mail("key_proposed", _other_custodians_and_officers, _keyless),),
    Event.READING_KEY_PUT_ASIDE: (Mail("reading_key_refused", _custodians, _keyless),),
    Event.PREVIEW_READY: (Mail("to_decide", _officers_who_may_decide, _request),),
    Event.PREVIEW_RECOUNTED: (Mail("to_decide_again", _officers_who_may_decide, _request),),
    Event.PREVIEW_HELD: (Mail("to_decide_held", _officers_who_may_decide, _request),),
    Event.HOLD_REVIEW_REMINDED: (Mail("hold_to_review", _owner_and_legal, _hold),),
    Event.HOLD_REVIEW_OVERDUE: (Mail("hold_overdue", _owner_and_legal, _hold),),
    Event.REFUSAL_PROPOSED: (Mail("refusal_proposed", _officers_who_may_agree, _request),),
    Event.REQUEST_REJECTED: (Mail("sent_back", _whoever_entered_it, _request),),
    Event.NOTHING_FOUND: (Mail("nothing_found", _whoever_entered_it, _request),),
    Event.FINDING_OPENED: (Mail("finding_opened", _officers_and_analysts, _finding),),
    Event.RECIPIENT_TASK_OPENED: (Mail("task_opened", _owner_of_the_task, _task),),
    Event.RECIPIENT_TASK_HANDED_OVER: (Mail("task_handed_over", _owner_of_the_task, _task),),
    Event.RECIPIENT_TASK_REMINDED: (Mail("task_reminder", _owner_of_the_task, _task),),
    Event.RECIPIENT_TASK_OVERDUE: (Mail("task_overdue", _owner_of_the_task_and_officers, _task),),
    Event.INCIDENT_OPENED: (Mail("incident_opened", _officers_and_legal, _incident),),
    Event.INCIDENT_DUE_SOON: (Mail("incident_due_soon", _officers_and_legal, _incident),),
    Event.INCIDENT_PASSED: (Mail("incident_passed", _officers_and_legal, _incident),),
    Event.RULE_WRITTEN: (Mail("rule_to_approve", _whoever_may_approve_the_rule, _rule),),
    Event.STANDING_ENDS_SOON: (Mail("standing_ends_soon", _owner_and_approver, _rule),),
    Event.STANDING_ENDED: (Mail("standing_ended", _owner_and_approver, _rule),),
    Event.RUN_STOPPED: (Mail("run_stopped", _owner_of_the_rule, _run_of_rule),),
    Event.RUN_NOT_STARTED: (Mail("run_not_started", _owner_of_the_rule, _rule),),
    Event.WEBHOOK_DISABLED: (Mail("webhook_disabled", _owner_of_the_webhook, _webhook),),
    Event.WEBHOOK_GIVEN_UP: (Mail("webhook_given_up", _owner_of_the_webhook, _webhook),),
    Event.FLOOD_BEGAN: (Mail("flood_began", _whoever_may_confirm, _flood),),
    Event.ATTENTION_RAISED: (Mail("attention_raised", _officers_and_analysts, _request),),
}
BY_NAME: dict[str, Mail] = {mail.name: mail for mails in MAILS.values() for mail in mails}

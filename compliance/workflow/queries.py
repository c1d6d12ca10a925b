"""Reads of the workflow, named by what they return."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, Subquery

from compliance.core import clock, keyring
from compliance.people.access import Act

from .deadlines import next_working_days
from .models import (
    SCANNED,
    Appeal,
    Approval,
    Asked,
    Attention,
    Erased,
    Preview,
    Processing,
    Refusal,
    Request,
    Scan,
    SubjectDigest,
    Target,
)
from .policy import WIPES
from .previews import current_preview
from .reach import reaches, within_reach
from .sealing import pause_reason_of, targets_vault
from .states import (
    BEFORE_SENDING,
    SENDABLE,
    UNDER_WAY,
    UNSENT,
    AskedKind,
    CompanyRole,
    Outcome,
    Spared,
    State,
    TargetKind,
)
from .things import Thing
from .urgency import most_urgent
from .words import Group

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

#: No weekend with holidays around it is longer.
LONGEST_BREAK = dt.timedelta(days=14)


#: What can be asked: each is a kind of lookup digest, too.
KINDS_ASKED = ("visitor", "account", "email", "guide")
#: Other requests are looked for on a request's page up to so many identifiers.
MOST_COMPARED = 500


def open_requests() -> QuerySet[Request]:
    """Requests that haven't ended, the most urgent first."""
    # Lists tell which of them is a dry run of a rule.
    checked = Request.objects.exclude(state=State.CHECKING).select_related("guard")
    return checked.filter(closed_at__isnull=True).order_by("send_by", "pk")


def overdue_among(requests: QuerySet[Request]) -> QuerySet[Request]:
    """Those that should have been ordered, or answered: the day for either has passed."""
    today = clock.today()
    # No lawful day lies before the one to order by: so one index leads to both.
    past = requests.filter(send_by__lt=today)
    return past.filter(~Q(state=State.CONFIRMING) | Q(legal_by__lt=today))


def ended_requests() -> QuerySet[Request]:
    """Requests that have ended, the latest first."""
    ended = Request.objects.filter(closed_at__isnull=False).select_related("guard")
    return ended.order_by("-closed_at", "-pk")


def requests_naming(text: str) -> QuerySet[Request]:
    """Requests that name exactly this: asked, found for what was asked, as the person, or as the reference.

    Each way is an index of its own, so the keys come from each by itself: an OR over joined tables reads them
    whole.
    """
    digests = list(kinds_by_digest(text))
    ways = [model.objects.filter(digest__in=digests).values("request_id") for model in _NAMED_IN]
    reference = Request.objects.filter(reference=_as_reference(text)).order_by().values("pk")
    named = Request.objects.filter(pk__in=reference.union(*ways))
    return named.exclude(state=State.CHECKING).order_by("-pk")


def whys(requests: Iterable[Request], text: str) -> dict[int, list[str]]:
    """For each of these requests, why it is found by `text`, in words. Takes one query for each way."""
    reference, kinds = _as_reference(text), kinds_by_digest(text)
    found = {each.pk: ["the reference"] if each.reference == reference else [] for each in requests}
    known: set[tuple[int, bytes]] = set()
    for model, words in _NAMED_IN.items():
        rows = model.objects.filter(digest__in=list(kinds), request__in=list(found))
        for key, digest in rows.order_by("pk").values_list("request_id", "digest"):
            # That what was asked for was looked up, in each subscription, is no news.
            if model in _ALWAYS_NEWS or (key, bytes(digest)) not in known:
                known.add((key, bytes(digest)))
                found[key].append(words.format(kind=_KIND_WORDS[kinds[bytes(digest)]]))
    return {key: list(dict.fromkeys(whys)) for key, whys in found.items()}


def kinds_by_digest(text: str) -> dict[bytes, str]:
    """The lookup digests under which `text` may be kept, each with the kind of thing that it then is."""
    return {digest.value: kind for kind in KINDS_ASKED for digest in keyring.lookup_digests(kind, text)}


def _as_reference(text: str) -> str:
    # PostgreSQL takes no NUL in a text; a reference has none.
    return text.strip().upper().replace("\0", "")


_NAMED_IN: dict[type[Asked | Target | SubjectDigest | Erased], str] = {
    Asked: "asked for as {kind}",
    Target: "{kind} that was looked up for it",
    SubjectDigest: "the e-mail address of the person",
    Erased: "{kind} that it has erased",
}
_ALWAYS_NEWS = frozenset({SubjectDigest, Erased})
_KIND_WORDS = {
    "visitor": "a visitor id",
    "account": "an account id",
    "email": "an e-mail address",
    "guide": "a guide id",
}


def endangered_requests(subscription: Subscription | None = None) -> QuerySet[Request]:
    """Open requests, of one subscription or all, to be ordered at Pendo before the next working day."""
    today = clock.today()
    soon = open_requests().filter(send_by__lt=today + LONGEST_BREAK).exclude(state=State.CONFIRMING)
    if subscription:
        soon = soon.filter(subscriptions=subscription)
    in_time = [Q(calendar__in=those, send_by__lt=day) for day, those in next_working_days(today).items()]
    return soon.filter(reduce(or_, in_time))


def has_spoken(request: Request, person: Person) -> bool:
    """Whether the person has approved the current preview, or sent it back."""
    return current_preview(request).approvals.filter(person=person).exists()


def waiting_for(person: Person) -> QuerySet[Request]:
    """Requests whose preview this officer may decide about: not their own, and not decided by them yet."""
    return decidable_by(open_requests().filter(state=State.PREVIEWED), person)


def decidable_by(previewed: QuerySet[Request], person: Person) -> QuerySet[Request]:
    """Of these previewed requests, the ones that this officer may decide about."""
    current = Preview.objects.filter(request=OuterRef("pk")).order_by("-number").values("pk")[:1]
    spoken = Approval.objects.filter(person=person, preview=OuterRef("current"))
    reached = within_reach(previewed, person, Act.APPROVE, path="")
    waiting = reached.annotate(current=Subquery(current)).exclude(Exists(spoken))
    own = Request.changers.through.objects.filter(request=OuterRef("pk"), person=person)
    uninstructed = Q(company_role=CompanyRole.PROCESSOR) & ~Q(Exists(_instructed()))
    return waiting.exclude(Exists(own)).exclude(uninstructed)


def _instructed() -> QuerySet[Processing]:
    return Processing.objects.filter(request=OuterRef("pk"), instructed_on__isnull=False)


def refusals_waiting_for(person: Person) -> QuerySet[Request]:
    """Requests with a refusal about which this officer may decide, the most urgent first."""
    waiting = Refusal.objects.filter(request=OuterRef("pk"), agreed=None).exclude(proposed_by=person)
    own = Request.changers.through.objects.filter(request=OuterRef("pk"), person=person)
    reached = within_reach(open_requests(), person, Act.AGREE_TO_REFUSAL, path="")
    return reached.filter(Exists(waiting)).exclude(Exists(own))


def open_appeals() -> QuerySet[Appeal]:
    """Appeals and complaints that aren't decided, by the day on which they are to be answered."""
    waiting = Appeal.objects.filter(result="").select_related("request")
    return waiting.order_by("safe", "pk")


def overdue_appeals() -> QuerySet[Appeal]:
    """Those whose last lawful day has passed, and that weren't acknowledged, where that is enough."""
    return open_appeals().filter(legal__lt=clock.today(), acknowledged_at=None)


def outcome_counts(request: Request) -> dict[Outcome, int]:
    """How many targets have each outcome; those that none has are left out. The counts add up."""
    rows = request.targets.values("outcome").annotate(count=Count("pk")).order_by()
    counts = {row["outcome"]: row["count"] for row in rows}
    return {outcome: counts[outcome] for outcome in Outcome if outcome in counts}


def outcome_counts_of(requests: Iterable[Request]) -> dict[int, dict[Outcome, int]]:
    """As `outcome_counts`, for several requests by their keys, in one query."""
    counts: dict[int, dict[Outcome, int]] = {request.pk: {} for request in requests}
    rows = Target.objects.filter(request__in=list(counts)).values("request", "outcome")
    for row in rows.annotate(count=Count("pk")).order_by():
        counts[row["request"]][Outcome(row["outcome"])] = row["count"]
    return counts


def not_looked_up(request: Request) -> int:
    """How many targets of the request still have to be looked up for its preview."""
    return request.targets.filter(looked_up_at__isnull=True).count()


def open_attentions() -> QuerySet[Attention]:
    """What waits for a person, the longest first."""
    waiting = Attention.objects.filter(settled_at__isnull=True)
    return waiting.select_related("request", "subscription").order_by("raised_at", "pk")


def due_for_execution(now: dt.datetime) -> QuerySet[Request]:
    """Approved requests whose grace period is over, but for paused ones."""
    due = Request.objects.filter(state=State.APPROVED, grace_until__lte=now, paused_at=None)
    return due.order_by(*most_urgent(), "pk")


def looked_up_requests() -> QuerySet[Request]:
    """Requests whose preview only has to be added up: whatever Pendo has to be asked, it was."""
    waiting = Target.objects.filter(request=OuterRef("pk"), looked_up_at__isnull=True)
    scanning = Scan.objects.filter(request=OuterRef("pk"), preview__isnull=False).exclude(step__in=SCANNED)
    done = Request.objects.filter(~Exists(waiting), ~Exists(scanning), state=State.PREVIEWING)
    return done.order_by(*most_urgent(), "pk")


def being_erased(subscription: Subscription, digests: Iterable[bytes]) -> set[bytes]:
    """Which of these visitors' lookup digests stand for visitors that are being erased, or were."""
    gone = Target.objects.filter(subscription=subscription, digest__in=list(digests)).exclude(
        outcome__in=[Outcome.NOT_FOUND, Outcome.CANCELLED, Outcome.SPARED, Outcome.HELD]
    )
    wanted = gone.exclude(request__state__in=BEFORE_SENDING)
    return {bytes(digest) for digest in wanted.values_list("digest", flat=True)}


def asked_things(request: Request) -> list[Thing]:
    """What was asked, as it was written, in order."""
    vault = targets_vault(request)
    return [
        Thing(AskedKind(asked.kind), vault.open(asked.sealed_value, purpose="asked"))
        for asked in request.asked.order_by("pk")
    ]


def pending_groups(request: Request) -> list[tuple[Subscription, list[Group]]]:
    """What would be acted on in each subscription of the request, by name: targets of one sort together."""
    every_guide = ExpressionWrapper(Q(guide=""), output_field=BooleanField())
    rows = (
        request.targets.filter(outcome=Outcome.PENDING)
        .annotate(every_guide=every_guide)
        .values_list("subscription", "kind", "everybody", "every_guide")
        .annotate(count=Count("pk"))
        .order_by("kind", "everybody", "every_guide")
    )
    groups: dict[int, list[Group]] = {}
    for subscription, kind, everybody, all_guides, count in rows:
        groups.setdefault(subscription, []).append(Group(TargetKind(kind), everybody, all_guides, count))
    return [(each, groups.get(each.pk, [])) for each in request.subscriptions.order_by("name")]


def spared_counts(request: Request) -> list[tuple[Spared, int]]:
    """How many targets were found and are spared, for each reason that occurs."""
    rows = request.targets.filter(outcome=Outcome.SPARED).values_list("spared_because")
    counts = dict(rows.annotate(count=Count("pk")).order_by("spared_because"))
    return [(reason, counts[reason]) for reason in Spared if reason in counts]


def wipes(request: Request) -> QuerySet[Target]:
    """Targets that would reset guides for everybody."""
    return request.targets.filter(**WIPES, outcome=Outcome.PENDING)


def others_naming_the_same(request: Request, most: int, person: Person) -> list[Request] | None:
    """Other requests that ask for one of the same things, the latest first; None if it asks for too many.

    As far as the person may read them.
    """
    digests = [
        bytes(digest) for digest in request.asked.values_list("digest", flat=True)[: MOST_COMPARED + 1]
    ]
    if len(digests) > MOST_COMPARED:
        return None
    others = Asked.objects.filter(digest__in=digests).exclude(request=request)
    others = others.exclude(request__state=State.CHECKING)
    others = within_reach(others, person)
    keys = others.order_by("-request_id").values_list("request_id", flat=True).distinct()[:most]
    return list(Request.objects.filter(pk__in=keys).order_by("-pk"))


def linked_open_requests(request: Request) -> QuerySet[Request]:
    """Requests that haven't ended and, divided from this one or before it, handle the same wish."""
    first = request.continues_id or request.pk
    linked = Q(pk=first) | Q(continues__in={first, request.pk})
    return open_requests().filter(linked).exclude(pk=request.pk)


def may_still_send(request: Request) -> bool:
    """Whether something of the request is sent yet, or may have to be; what Pendo has accepted isn't."""
    if request.rest_cancelled_at:
        return False
    if request.state == State.CONFIRMING:
        return request.targets.filter(outcome__in=UNSENT).exists()
    return request.state in SENDABLE


def has_a_rest(request: Request) -> bool:
    """Whether sending has begun, and something isn't sent yet or may have to be sent once more."""
    if request.state not in UNDER_WAY or request.rest_cancelled_at:
        return False
    left = request.targets.filter(outcome__in=[*UNSENT, Outcome.PRESENT])
    return left.exists()


def pausing_of(request: Request, person: Person) -> dict[str, bool | str]:
    """What `workflow/pausing.html` shows this person of a request."""
    may_pause = reaches(person, Act.PAUSE_REQUESTS, request) and not request.paused_at
    return {
        "may_pause": may_pause and may_still_send(request),
        "may_resume": reaches(person, Act.RESUME_REQUESTS, request),
        "pause_reason": pause_reason_of(request) if request.paused_at else "",
    }

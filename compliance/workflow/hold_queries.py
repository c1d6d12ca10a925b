"""Reads of holds, named by what they return."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count

from compliance.core import clock

from .hold_placing import matter_of
from .hold_things import ways_to_hold
from .models import HeldThing, Hold, Target
from .states import HeldKind, Outcome, TargetKind
from .suspending import ORDERED, vault_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from .models import Request

#: Requests on a hold's page, and things that it names.
MOST_SHOWN = 50


class HoldRow(NamedTuple):
    """A hold as legal sees it in a list."""

    hold: Hold
    matter: str
    #: How many targets it keeps back.
    held: int


class HeldCount(NamedTuple):
    """How many targets of a request a hold keeps back, or kept."""

    hold: Hold
    targets: int


class ReachedCount(NamedTuple):
    """A request, and how many of its targets."""

    reference: str
    targets: int


def standing_holds() -> QuerySet[Hold]:
    """Holds that nobody has lifted, first what is to be reviewed first."""
    return Hold.objects.standing().select_related("owner").order_by("review_on", "pk")


def lifted_holds() -> QuerySet[Hold]:
    """Holds that are lifted, the last one first."""
    lifted = Hold.objects.filter(lifted_at__isnull=False)
    return lifted.select_related("owner").order_by("-lifted_at", "-pk")


def holds_to_review() -> QuerySet[Hold]:
    """Holds whose day of review has come."""
    return standing_holds().filter(review_on__lte=clock.today())


def holds_naming(text: str) -> dict[int, list[str]]:
    """The keys of holds, standing or lifted, that name this or reach it by its domain; as what each does."""
    ways = ways_to_hold(text)
    rows = HeldThing.objects.filter(digest__in=list(ways)).order_by("-hold_id", "pk")
    found: dict[int, list[str]] = {}
    for key, digest in rows.values_list("hold_id", "digest"):
        found.setdefault(key, []).append(ways[bytes(digest)])
    return found


def hold_rows(holds: Iterable[Hold]) -> list[HoldRow]:
    """The holds, opened for legal, in one more query."""
    listed = list(holds)
    rows = Target.objects.filter(held_by__in=listed, outcome=Outcome.HELD).values("held_by").order_by()
    held = {row["held_by"]: row["count"] for row in rows.annotate(count=Count("pk"))}
    return [HoldRow(hold, matter_of(hold), held.get(hold.pk, 0)) for hold in listed]


def held_counts(request: Request) -> list[HeldCount]:
    """The holds that keep targets of the request back, or kept them, with how many."""
    rows = request.targets.filter(outcome=Outcome.HELD, held_by__isnull=False).values_list("held_by")
    counts = dict(rows.annotate(count=Count("pk")).order_by("held_by"))
    holds = Hold.objects.filter(pk__in=counts).select_related("owner").order_by("pk")
    return [HeldCount(hold, counts[hold.pk]) for hold in holds]


def named_by(hold: Hold) -> list[tuple[str, str]]:
    """The first things that a standing hold names, each with its kind. For legal's eyes only."""
    vault = vault_of(hold)
    return [
        (thing.get_kind_display(), vault.open(thing.sealed_value, purpose="held"))
        for thing in hold.things.filter(sealed_value__isnull=False).order_by("pk")[:MOST_SHOWN]
        if thing.sealed_value
    ]


def kept_back_by(hold: Hold) -> list[ReachedCount]:
    """The requests of which the hold keeps something back, or kept, the latest first."""
    return _by_request(Target.objects.filter(held_by=hold, outcome=Outcome.HELD))


def ordered_before(hold: Hold) -> list[ReachedCount]:
    """Requests that have ordered the deletion of what the hold names by id: no hold calls that back."""
    ids = {HeldKind.VISITOR: TargetKind.VISITOR, HeldKind.ACCOUNT: TargetKind.ACCOUNT}
    things = hold.things.filter(kind__in=ids).values("digest")
    return _by_request(Target.objects.filter(digest__in=things, kind__in=ids.values(), outcome__in=ORDERED))


def _by_request(targets: QuerySet[Target]) -> list[ReachedCount]:
    rows = targets.values_list("request__reference").annotate(count=Count("pk")).order_by("-request_id")
    return [ReachedCount(*row) for row in rows.values_list("request__reference", "count")[:MOST_SHOWN]]

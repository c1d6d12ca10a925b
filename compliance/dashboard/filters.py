"""The lists of requests, narrowed: every filter by itself by an index in the order of the list."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Exists, OuterRef

from compliance.core import clock
from compliance.core.keyset import counted
from compliance.workflow import queries as workflow
from compliance.workflow.kinds import KINDS_WITH_LAW
from compliance.workflow.models import Attention, Request
from compliance.workflow.reach import within_reach
from compliance.workflow.states import State

from .forms import UNKNOWN_LAW

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from compliance.people.models import Person

SOON = dt.timedelta(days=7)
#: So many keys are handed to the list as they are; of more, so many rows of the list fit that it finds them.
FEW = 2_000
#: Where each row has to be looked at for the count, so many are.
LOOKED_AT = 2_000


class Listing(NamedTuple):
    """Some requests, the order in which they are paged, and that order in words."""

    rows: QuerySet[Request]
    order: tuple[str, str]
    sorted_by: str
    #: Before it was narrowed to what other tables say; as `rows` where that wasn't asked.
    candidates: QuerySet[Request]

    @property
    def size(self) -> str:
        """How many they are, in words; where other tables are asked, of the first candidates only."""
        if self.candidates is self.rows:
            return counted(self.rows.order_by(*self.order))
        first = self.candidates.order_by(*self.order).values("pk")[: LOOKED_AT + 1]
        more = "+" if first.count() > LOOKED_AT else ""
        return f"{self.rows.filter(pk__in=first).count():,}{more}"


def listing(values: dict[str, Any], person: Person) -> Listing:
    """The requests that the filter's `values` leave."""
    ended = bool(values.get("ended"))
    rows = within_reach(workflow.ended_requests() if ended else workflow.open_requests(), person, path="")
    for name, narrow in _NARROWED.items():
        if name in values:
            rows = narrow(rows, values[name])
    if "mine" in values:
        rows = rows.filter(entered_by=person)
    if values.get("waits") == "decision":
        rows = rows.filter(state=State.PREVIEWED)
    return Listing(_linked(rows, values, person), *_order(values, ended=ended), candidates=rows)


def _order(values: dict[str, Any], *, ended: bool) -> tuple[tuple[str, str], str]:
    """By the date that is filtered by: an index can't find by one date and sort by another."""
    if values.keys() & {"received_from", "received_to"}:
        if ended:
            return ("-received_on", "-pk"), "the latest received first"
        return ("received_on", "pk"), "the first received first"
    if ended:
        return ("-closed_at", "-pk"), "the latest ended first"
    if values.get("due") == "late":
        return ("legal_by", "pk"), "the longest past the law's last day first"
    return ("send_by", "pk"), "the most urgent first"


def _linked(rows: QuerySet[Request], values: dict[str, Any], person: Person) -> QuerySet[Request]:
    """The rows as far as other tables leave them."""
    if "subscription" in values:
        links = Request.subscriptions.through.objects.filter(subscription=values["subscription"])
        rows = _named_in(rows, links)
    if values.get("waits") == "person":
        rows = _named_in(rows, Attention.objects.filter(settled_at__isnull=True))
    if values.get("waits") == "decision":
        rows = workflow.decidable_by(rows, person)
    return rows


def _named_in(rows: QuerySet[Request], links: QuerySet[Any]) -> QuerySet[Request]:
    """The rows that a link names: few are fetched by their keys, of many the list meets one soon enough."""
    keys = list(links.values_list("request_id", flat=True)[: FEW + 1])
    if len(keys) <= FEW:
        return rows.filter(pk__in=keys)
    return rows.filter(Exists(links.filter(request=OuterRef("pk"))))


def _by_law(rows: QuerySet[Request], law: str) -> QuerySet[Request]:
    if law == UNKNOWN_LAW:
        return rows.filter(law="", kind__in=KINDS_WITH_LAW)
    return rows.filter(law=law)


def _by_due(rows: QuerySet[Request], due: str) -> QuerySet[Request]:
    today = clock.today()
    if due == "overdue":
        return workflow.overdue_among(rows)
    if due == "late":
        return rows.filter(legal_by__lt=today)
    return rows.exclude(state=State.CONFIRMING).filter(send_by__gte=today, send_by__lte=today + SOON)


_NARROWED: dict[str, Callable[[QuerySet[Request], Any], QuerySet[Request]]] = {
    "state": lambda rows, state: rows.filter(state=state),
    "kind": lambda rows, kind: rows.filter(kind=kind),
    "law": _by_law,
    "role": lambda rows, role: rows.filter(company_role=role),
    "due": _by_due,
    "received_from": lambda rows, day: rows.filter(received_on__gte=day),
    "received_to": lambda rows, day: rows.filter(received_on__lte=day),
}

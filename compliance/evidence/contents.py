"""What an export holds: which entries, how many, and in which order they are read, a slice at a time."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

from django.db.models import Count, Exists, OuterRef, Q, Sum, Value
from django.db.models.functions import Concat
from django.utils import timezone

from compliance.audit.models import Chain, Entry
from compliance.core.keyset import walk
from compliance.workflow.models import Request

from .models import What

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from .models import Export

#: Entries, and requests, that are in memory at a time.
SLICE = 2_000
REQUESTS_A_SLICE = 500
OF_REQUESTS = "request/"


class Counts(NamedTuple):
    """How much it is; `whole` chains are in it from their first entry."""

    requests: int
    chains: int
    whole: int
    entries: int


class Contents(Protocol):
    """What an export holds, up to the ledger entry whose key is `until`."""

    def counts(self, until: int) -> Counts:
        """How much it is."""

    def references(self) -> Iterator[str]:
        """Which chains it is about, sorted."""

    def slices(self, until: int) -> Iterator[list[Entry]]:
        """The entries."""


class Recorded:
    """Everything that was recorded on these days, in all chains, in the order in which it happened."""

    def __init__(self, begin: dt.date, end: dt.date) -> None:
        """Both days are included."""
        self.entries = Entry.objects.filter(at__gte=_midnight(begin), at__lt=_midnight(end + dt.timedelta(1)))

    def counts(self, until: int) -> Counts:
        """How much it is."""
        counted = self.entries.filter(pk__lte=until).aggregate(
            requests=Count("chain", distinct=True, filter=Q(chain__name__startswith=OF_REQUESTS)),
            chains=Count("chain", distinct=True),
            whole=Count("pk", filter=Q(number=1)),
            entries=Count("pk"),
        )
        return Counts(**counted)

    def references(self) -> Iterator[str]:
        """Which chains it is about, sorted."""
        chains = Chain.objects.filter(Exists(self.entries.filter(chain=OuterRef("pk"))))
        return chains.order_by("name").values_list("name", flat=True).iterator()

    def slices(self, until: int) -> Iterator[list[Entry]]:
        """The entries."""
        return walk(self.entries.filter(pk__lte=until), order=("at", "pk"), size=SLICE)


class Histories:
    """The whole histories of some requests, one after the other."""

    def __init__(self, requests: QuerySet[Request]) -> None:
        """Of these."""
        self.requests = requests

    def counts(self, until: int) -> Counts:
        """How much it is: a chain is as long as its head says, less what came after `until`."""
        names = self.requests.annotate(name=Concat(Value(OF_REQUESTS), "reference")).values("name")
        chains = Chain.objects.filter(name__in=names)
        number = chains.count()
        length = chains.aggregate(length=Sum("length"))["length"] or 0
        later = Entry.objects.filter(pk__gt=until, chain__name__in=names).count()
        return Counts(requests=number, chains=number, whole=number, entries=length - later)

    def references(self) -> Iterator[str]:
        """Which chains it is about, sorted."""
        for reference in self.requests.order_by("reference").values_list("reference", flat=True).iterator():
            yield f"{OF_REQUESTS}{reference}"

    def slices(self, until: int) -> Iterator[list[Entry]]:
        """The entries."""
        for some in walk(self.requests, order=("pk",), size=REQUESTS_A_SLICE):
            chains = Chain.objects.filter(name__in=[request.chain for request in some])
            entries = Entry.objects.filter(chain__in=list(chains), pk__lte=until)
            yield from walk(entries, order=("chain_id", "number"), size=SLICE)


def contents_of(export: Export) -> Contents:
    """What the export holds."""
    if export.begin is None or export.end is None:
        return Histories(export.requests.all())
    if export.what == What.RECORDED:
        return Recorded(export.begin, export.end)
    if export.what == What.RECEIVED:
        return Histories(Request.objects.filter(received_on__range=(export.begin, export.end)))
    after = _midnight(export.end + dt.timedelta(1))
    return Histories(Request.objects.filter(closed_at__gte=_midnight(export.begin), closed_at__lt=after))


def digest_over(references: Iterator[str]) -> str:
    """SHA-256 (hexadecimal) over the references, each with a line feed behind it."""
    digest = hashlib.sha256()
    for reference in references:
        digest.update(f"{reference}\n".encode())
    return digest.hexdigest()


def newest_entry() -> int:
    """The key of the last entry that stands now; one still being written may have a smaller one."""
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _midnight(day: dt.date) -> dt.datetime:
    """The moment at which the day begins at the controller's establishment."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))

"""Comparing what Pendo lists with what was asked: by lookup digests, page by page, in little memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from compliance.core import keyring
from compliance.core.chunks import chunks

from .models import ListingOf, Member
from .sources import WHY, Pattern
from .states import PATTERNS, AskedKind, Spared, Why
from .things import mailbox

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Account, Visitor

    from .models import Asked, Listing, Request
    from .sealing import Vault

#: Digests in one question to the database.
MOST_IN_A_QUESTION = 1_000
#: Which way of belonging counts where a visitor belongs in several: whoever is named comes before whoever
#: comes along, and both before whoever only resembles.
ORDER = (
    Why.EXACT_ID,
    Why.EMAIL,
    Why.EMAIL_AS_ID,
    Why.PREFIX,
    Why.SUFFIX,
    Why.EMAIL_DOMAIN,
    Why.METADATA,
    Why.SEGMENT,
    Why.REPORT,
    Why.OF_ACCOUNT,
    Why.EMAIL_CASE,
    Why.EMAIL_PLUS,
)
BY_ID, BY_ACCOUNT = ORDER.index(Why.EXACT_ID), ORDER.index(Why.OF_ACCOUNT)
EXACT_EMAIL = frozenset({Why.EMAIL, Why.EMAIL_AS_ID})
VARIANTS = frozenset({Why.EMAIL_CASE, Why.EMAIL_PLUS})


class Way(NamedTuple):
    """One way in which a visitor belongs to what was asked; the first in order counts."""

    rank: int
    asked_id: int


@dataclass(frozen=True)
class Match:
    """A visitor of the page, the thing asked to which it belongs, and why; `spared` if it isn't to be taken.

    `emails`: all addresses asked that are exactly this visitor's.
    """

    visitor: Visitor = field(repr=False)
    asked_id: int
    why: Why
    spared: str = ""
    emails: frozenset[int] = frozenset()


class Matcher:
    """Knows what a request asks, without holding it: but for patterns, which are few."""

    def __init__(self, request: Request, vault: Vault, lists: Iterable[Listing] = ()) -> None:
        """Looks which kinds of things are asked at all. `lists`: the readings of the lists that are asked."""
        self._request, self._vault = request, vault
        self._asks = {kind for kind in AskedKind if request.asked.filter(kind=kind).exists()}
        self._patterns = self._patterns_asked() if self._asks & PATTERNS else []
        self._lists = {each.pk: each for each in lists}
        #: The metadata fields at which it looks.
        self.fields = sorted({each.field for _, each in self._patterns if each.field})

    @property
    def needs_records(self) -> bool:
        """Whether more than a visitor's id has to be known to compare it."""
        by_record = {AskedKind.EMAIL, AskedKind.EMAIL_DOMAIN, AskedKind.METADATA}
        return bool(self._asks & by_record) or self.looks_at_accounts

    @property
    def looks_at_accounts(self) -> bool:
        """Whether somebody may be meant because of an account, in whatever application."""
        return AskedKind.ACCOUNT in self._asks or bool(self._lists_of(ListingOf.ACCOUNT))

    def visitors(self, page: Sequence[Visitor]) -> list[Match]:
        """Those of the page who belong to what was asked."""
        by_id = self._asked_ids(AskedKind.VISITOR, (visitor.id for visitor in page))
        by_account = self.accounts({name for visitor in page for name in visitor.accounts})
        by_list = self._listed(ListingOf.VISITOR, (visitor.id for visitor in page))
        by_email = self._asked_emails(page)
        matches = []
        for visitor in page:
            ways = [Way(BY_ID, asked) for asked in _known(by_id, [visitor.id])]
            ways += [Way(ORDER.index(why), asked) for why, asked in self._fitting(visitor)]
            ways += [Way(ORDER.index(why), asked) for why, asked in by_list.get(visitor.id, ())]
            if by_account:
                ways += [Way(BY_ACCOUNT, asked) for asked in _known(by_account, visitor.accounts)]
            if by_email:
                ways += _ways_by_email(by_email, visitor)
            if ways:
                matches.append(self._match(visitor, ways, by_account))
        return matches

    def accounts(self, names: Collection[str]) -> dict[str, int]:
        """Those of the accounts that are asked, or on a list that is, each with the thing asked."""
        listed = self._listed(ListingOf.ACCOUNT, names)
        return {name: ways[0][1] for name, ways in listed.items()} | self._asked_ids(AskedKind.ACCOUNT, names)

    def parents(self, page: Sequence[Account]) -> list[tuple[Account, str]]:
        """Accounts of the page that name an account asked as their parent, with that parent's id."""
        known = self.accounts({name for each in page for name in each.parents})
        return [(each, name) for each in page for name in each.parents if name in known]

    def _patterns_asked(self) -> list[tuple[int, Pattern]]:
        rows = self._request.asked.filter(kind__in=PATTERNS).order_by("pk")
        return [
            (row.pk, Pattern(AskedKind(row.kind), self._vault.open(row.sealed_value, purpose="asked")))
            for row in rows
        ]

    def _fitting(self, visitor: Visitor) -> Iterator[tuple[Why, int]]:
        return ((pattern.why, asked) for asked, pattern in self._patterns if pattern.fits(visitor))

    def _lists_of(self, of: ListingOf) -> list[int]:
        return [pk for pk, each in self._lists.items() if each.of == of]

    def _listed(self, of: ListingOf, names: Iterable[str]) -> dict[str, list[tuple[Why, int]]]:
        """Which of the names are on lists, each with why it then is a target, and the thing asked."""
        lists = self._lists_of(of)
        if not lists:
            return {}
        named = keyring.digests_of(of, names)
        found: dict[str, list[tuple[Why, int]]] = {}
        for some in chunks(named, MOST_IN_A_QUESTION):
            rows = Member.objects.filter(listing__in=lists, digest__in=some)
            for listing, digest in rows.values_list("listing", "digest").order_by("listing"):
                asked = self._lists[listing].asked
                found.setdefault(named[bytes(digest)], []).append((WHY[AskedKind(asked.kind)], asked.pk))
        return found

    def _match(self, visitor: Visitor, ways: list[Way], by_account: dict[str, int]) -> Match:
        first = min(ways)
        why = ORDER[first.rank]
        emails = frozenset(way.asked_id for way in ways if ORDER[way.rank] in EXACT_EMAIL)
        return Match(visitor, first.asked_id, why, self._spared(visitor, why, by_account), emails)

    def _spared(self, visitor: Visitor, why: Why, by_account: dict[str, int]) -> str:
        if why in VARIANTS:
            return Spared.VARIANT
        if why is not Why.OF_ACCOUNT:
            return ""
        if not self._request.with_visitors:
            return Spared.VISITORS_KEPT
        return "" if by_account.keys() >= set(visitor.accounts) else Spared.SEVERAL_ACCOUNTS

    def _asked_ids(self, kind: AskedKind, names: Iterable[str]) -> dict[str, int]:
        """Which of the names are asked, each with the thing asked."""
        if kind not in self._asks:
            return {}
        named = keyring.digests_of(kind, names)
        rows = self._request.asked.filter(kind=kind)
        return {named[digest]: asked for digest, asked, _ in _rows_with(rows, "digest", named)}

    def _asked_emails(self, page: Sequence[Visitor]) -> dict[str, list[tuple[int, str]]]:
        """For each mailbox on the page, the addresses asked for it, as they were written."""
        if AskedKind.EMAIL not in self._asks:
            return {}
        boxes = {_box(text) for visitor in page for text in _addresses(visitor)}
        named = keyring.digests_of(AskedKind.EMAIL, boxes)
        found: dict[str, list[tuple[int, str]]] = {}
        for digest, asked, sealed in _rows_with(self._request.asked.all(), "mailbox_digest", named):
            found.setdefault(named[digest], []).append((asked, self._vault.open(sealed, purpose="asked")))
        return found


def _rows_with(
    asked: QuerySet[Asked], column: str, digests: Iterable[bytes]
) -> Iterator[tuple[bytes, int, bytes]]:
    """The digest, the key and the sealed value of the rows with one of the digests in this column."""
    for some in chunks(digests, MOST_IN_A_QUESTION):
        rows = asked.filter(**{f"{column}__in": some}).order_by("-pk")
        for digest, pk, sealed in rows.values_list(column, "pk", "sealed_value"):
            yield bytes(digest), pk, bytes(sealed)


def _ways_by_email(by_email: dict[str, list[tuple[int, str]]], visitor: Visitor) -> Iterator[Way]:
    for text in _addresses(visitor):
        for asked, value in by_email.get(_box(text), ()):
            yield Way(ORDER.index(_why_alike(text, value, exact=_exact(visitor, text))), asked)


def _exact(visitor: Visitor, text: str) -> Why:
    return Why.EMAIL if text == visitor.email else Why.EMAIL_AS_ID


def _why_alike(text: str, asked: str, *, exact: Why) -> Why:
    """How an address with the same mailbox resembles the one that is asked."""
    text, asked = text.strip(), asked.strip()
    if text == asked:
        return exact
    return Why.EMAIL_CASE if text.lower() == asked.lower() else Why.EMAIL_PLUS


def _addresses(visitor: Visitor) -> set[str]:
    return {text for text in (visitor.email, visitor.id) if "@" in text}


def _box(address: str) -> str:
    return mailbox(address).strip().lower()


def _known(asked: dict[str, int], names: Iterable[str]) -> Iterator[int]:
    return (asked[name] for name in names if name in asked)

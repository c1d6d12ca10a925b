"""Telling what was erased and is there again: by lookup digests, page by page, in little memory."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from compliance.core import keyring
from compliance.core.chunks import chunks
from compliance.workflow.kinds import KINDS_WATCHED
from compliance.workflow.models import Erased
from compliance.workflow.states import ErasedKind

from .models import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from compliance.connectors.pendo import Account, Visitor
    from compliance.subscriptions.models import Subscription

#: Digests in one question to the database: under one digest key, all those of a page. SQLite takes at most
#: 32,766 values in a statement.
MOST_IN_A_QUESTION = 30_000


@dataclass(frozen=True)
class Shown:
    """What Pendo shows of a record, as far as it is kept while nobody has done anything about it."""

    kind: str
    id: str = field(repr=False)
    email: str = field(default="", repr=False)
    first_visit: dt.datetime | None = None
    last_visit: dt.datetime | None = None
    last_updated: dt.datetime | None = None

    def as_json(self) -> str:
        """To be sealed."""
        return json.dumps(asdict(self), default=dt.datetime.isoformat)

    @property
    def addresses(self) -> set[str]:
        """A visitor's, without regard to letter case, as their digests are made. An id may be one."""
        if self.kind != ErasedKind.VISITOR:
            return set()
        return {text.strip().lower() for text in (self.email, self.id) if "@" in text}

    @classmethod
    def from_json(cls, text: str) -> Shown:
        """As it was sealed."""
        values = json.loads(text)
        moments = {
            name: dt.datetime.fromisoformat(values[name])
            for name in ("first_visit", "last_visit", "last_updated")
            if values[name]
        }
        return cls(**(values | moments))


class Seen(NamedTuple):
    """A record that was erased and is there: by which line of the register, and whether by e-mail alone."""

    shown: Shown
    erased_id: int
    by_email: bool


class _Line(NamedTuple):
    """A line of the register."""

    pk: int
    erased_at: dt.datetime
    returned: bool


def visitor_shown(visitor: Visitor) -> Shown:
    """What is kept of a visitor."""
    moments = (visitor.first_visit, visitor.last_visit, visitor.last_updated)
    return Shown(ErasedKind.VISITOR.value, visitor.id, visitor.email, *moments)


def account_shown(account: Account) -> Shown:
    """What is kept of an account."""
    moments = (account.first_visit, account.last_visit, account.last_updated)
    return Shown(ErasedKind.ACCOUNT.value, account.id, "", *moments)


def seen_again(subscription: Subscription, kind: ErasedKind, page: Sequence[Shown]) -> list[Seen]:
    """Those of the page's records, all of one kind, that were erased and weren't let back in.

    Whose id was erased, is told by that alone: if it was let in, so was whoever has its address.
    """
    by_id = keyring.digests_of(kind, [each.id for each in page])
    by_email = keyring.digests_of(ErasedKind.EMAIL, {text for each in page for text in each.addresses})
    lines = _lines(subscription, [*by_id, *by_email])
    ids, emails = _named(by_id, lines), _named(by_email, lines)
    return [seen for each in page if (seen := _seen(each, ids, emails))]


def cause_of(shown: Shown, *, erased_at: dt.datetime, by_email: bool) -> Cause:
    """Why it is there again, as far as its visits tell. An address alone may be another account's."""
    if by_email:
        return Cause.SAME_EMAIL
    if shown.first_visit is None and shown.last_visit is None:
        return Cause.RECREATED
    if shown.first_visit is None or shown.last_visit is None:
        return Cause.UNCLEAR
    return Cause.INCOMPLETE if shown.first_visit < erased_at else Cause.RETURNED


def _seen(shown: Shown, ids: dict[str, _Line], emails: dict[str, _Line]) -> Seen | None:
    line = ids.get(shown.id)
    if line:
        return None if line.returned else Seen(shown, line.pk, by_email=False)
    lines = [emails[text] for text in shown.addresses if text in emails]
    new = [line for line in lines if not line.returned and _began_after(shown, line.erased_at)]
    return Seen(shown, max(new, key=_latest).pk, by_email=True) if new else None


def _began_after(shown: Shown, moment: dt.datetime) -> bool:
    """Whether it isn't known to be older: who was there all along under another id, hasn't come back."""
    return shown.first_visit is None or shown.first_visit >= moment


def _lines(subscription: Subscription, digests: Iterable[bytes]) -> dict[bytes, _Line]:
    """The register's lines of what is watched, by digest: of several, the latest that wasn't let back in.

    Asked by digests alone: told the subscription as well, a database may read all that was erased there.
    """
    found: dict[bytes, _Line] = {}
    columns = ("digest", "pk", "erased_at", "returned_at", "subscription_id", "request__kind")
    for some in chunks(digests, MOST_IN_A_QUESTION):
        rows = Erased.objects.filter(digest__in=some).order_by("digest", "pk").values_list(*columns)
        for digest, pk, erased_at, returned_at, where, kind in rows:
            if where == subscription.pk and kind in KINDS_WATCHED:
                line = _Line(pk, erased_at, returned=returned_at is not None)
                found[bytes(digest)] = max(line, found.get(bytes(digest), line), key=_latest)
    return found


def _named(by_digest: dict[bytes, str], lines: dict[bytes, _Line]) -> dict[str, _Line]:
    """The lines by what they are about: each value has a digest under every digest key."""
    found: dict[str, _Line] = {}
    for digest, line in lines.items():
        if digest in by_digest:
            value = by_digest[digest]
            found[value] = max(line, found.get(value, line), key=_latest)
    return found


def _latest(line: _Line) -> tuple[bool, dt.datetime]:
    return (not line.returned, line.erased_at)

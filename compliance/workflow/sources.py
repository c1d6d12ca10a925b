"""What names visitors without naming any: patterns, with which every visitor is compared, and Pendo's lists.

Each is one text, kept as any other thing asked. A pattern is compared here; who is in a segment or a report,
Pendo says (`listings`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .states import PATTERNS, AskedKind, Why
from .things import as_domain

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.connectors.pendo import Visitor

#: Fewer characters of an id would mean nearly everybody.
FEWEST_CHARACTERS = 3
#: Named by one request: every visitor is compared with each.
MOST_SOURCES = 100
#: A group of Pendo's metadata and a field in it, as its filter expressions name them.
FIELD = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
MOST_FIELD_LETTERS = 200
#: As many letters as are kept of a list's id.
MOST_LIST_ID_LETTERS = 200
#: It becomes part of an address at Pendo.
LIST_ID = re.compile(r"[A-Za-z0-9_-]+")
#: Why a visitor is a target that a source names: its sort of source.
WHY = {kind: Why(kind.value) for kind in AskedKind if kind in PATTERNS} | {
    AskedKind.SEGMENT: Why.SEGMENT,
    AskedKind.REPORT: Why.REPORT,
}


@dataclass(frozen=True)
class Pattern:
    """A pattern that is asked. The value may hold a name, so it is kept out of the representation."""

    kind: AskedKind
    value: str = field(repr=False)

    @property
    def field(self) -> str:
        """The metadata field that it looks at; empty where it looks at none."""
        return field_and_value(self.value)[0] if self.kind is AskedKind.METADATA else ""

    @property
    def why(self) -> Why:
        """Why a visitor that it fits is a target."""
        return WHY[self.kind]

    def fits(self, visitor: Visitor) -> bool:
        """Whether this visitor is meant. Letter case counts, but in a domain."""
        return _FITS[self.kind](visitor, self.value)


def field_and_value(text: str) -> tuple[str, str]:
    """The metadata field and the value that are asked: what stands before the first =, and behind it."""
    name, _, value = text.partition("=")
    return name, value


def is_field_with_value(text: str) -> bool:
    """Whether this names a metadata field, by its path below `metadata`, and a value."""
    name, value = field_and_value(text)
    return bool(FIELD.fullmatch(name)) and len(name) <= MOST_FIELD_LETTERS and bool(value)


def is_list_id(text: str) -> bool:
    """Whether this can be the id of a segment or a report."""
    return bool(LIST_ID.fullmatch(text)) and len(text) <= MOST_LIST_ID_LETTERS


def _is_of_domain(visitor: Visitor, domain: str) -> bool:
    addresses = (text for text in (visitor.email, visitor.id) if "@" in text)
    return any(as_domain(address.rpartition("@")[2]) == as_domain(domain) for address in addresses)


def _has_value(visitor: Visitor, text: str) -> bool:
    name, value = field_and_value(text)
    return visitor.fields.get(name) == value


_FITS: dict[AskedKind, Callable[[Visitor, str], bool]] = {
    AskedKind.PREFIX: lambda visitor, text: visitor.id.startswith(text),
    AskedKind.SUFFIX: lambda visitor, text: visitor.id.endswith(text),
    AskedKind.EMAIL_DOMAIN: _is_of_domain,
    AskedKind.METADATA: _has_value,
}

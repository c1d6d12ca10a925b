"""What a request names, before anything is looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from .states import AskedKind

#: RFC 5321, 4.5.3.1: what a mail server has to take.
MOST_EMAIL_BYTES = 254
#: As many letters as a target keeps of a guide's id.
MOST_GUIDE_LETTERS = 200
#: Something before one @ and something after it. More is for the host to say: an address is looked for, not
#: written to.
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
#: It becomes part of an address at Pendo, and nothing of it has to be escaped there.
GUIDE = re.compile(r"[A-Za-z0-9_-]+")
#: Something without white space, slash or @ around a dot: it is compared, not written to.
DOMAIN = re.compile(r"[^@\s/.]+(\.[^@\s/.]+)+")
MOST_DOMAIN_LETTERS = 253
#: In the place of a guide's id, Pendo takes these for all guides of a visitor, and for all staged ones.
NO_GUIDES = frozenset({"all", "staged"})


@dataclass(frozen=True)
class Thing:
    """One thing asked, as it was written: ids byte for byte."""

    kind: AskedKind
    value: str = field(repr=False)


def named(kind: AskedKind, values: Iterable[str]) -> list[Thing]:
    """Things of one kind."""
    return [Thing(kind, value) for value in values]


def mailbox(email: str) -> str:
    """The address without the +tag of its local part: to most hosts, the same mailbox."""
    local, at, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}" if local else email


@dataclass(frozen=True)
class Terms:
    """How far what is named reaches."""

    #: Whether the visitors of an account go with it.
    with_visitors: bool = True
    #: Visitors who were seen on this day or later are spared.
    seen_before: dt.date | None = None
    #: Whether somebody has said that guides are to be reset for everybody.
    for_everybody: bool = False


def is_email(value: str) -> bool:
    """Whether this can be an e-mail address."""
    return bool(EMAIL.fullmatch(value)) and len(value.encode()) <= MOST_EMAIL_BYTES


def is_domain(text: str) -> bool:
    """Whether this can be the part of an e-mail address behind its @."""
    domain = as_domain(text)
    return len(domain) <= MOST_DOMAIN_LETTERS and bool(DOMAIN.fullmatch(domain))


def as_domain(text: str) -> str:
    """The domain as it is compared: letter case, an @ in front and a dot behind it don't count."""
    return text.strip().lower().removeprefix("@").rstrip(".")


def is_guide_id(value: str) -> bool:
    """Whether this can be the id of one guide."""
    plain = bool(GUIDE.fullmatch(value)) and len(value) <= MOST_GUIDE_LETTERS
    return plain and value.lower() not in NO_GUIDES

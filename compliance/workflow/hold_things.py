"""What a hold names, before it stands: read from lines or from a small table, each bad line named."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compliance.core import keyring

from .ids import BYTE_ORDER_MARK, ReadIds, lines_of, read_lines
from .states import AskedKind, HeldKind
from .things import as_domain, is_domain, mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Named by one hold; larger sets are several holds, or a domain or an account.
MOST_HELD = 10_000
NO_DOMAIN = "is no e-mail domain, such as example.com"
NO_TEXT = "This is no text in UTF-8. Save it as CSV UTF-8, and choose what that makes."
#: A file of as many lines as one hold names is smaller than this.
MOST_FILE_BYTES = 4 * 1024**2
#: How a table may name what it lists, in any letter case.
NAMES = {
    "visitor": HeldKind.VISITOR,
    "visitor id": HeldKind.VISITOR,
    "email": HeldKind.EMAIL,
    "e-mail": HeldKind.EMAIL,
    "e-mail address": HeldKind.EMAIL,
    "account": HeldKind.ACCOUNT,
    "account id": HeldKind.ACCOUNT,
    "domain": HeldKind.DOMAIN,
    "e-mail domain": HeldKind.DOMAIN,
}


@dataclass(frozen=True)
class Named:
    """One thing that is to be held, as it was written."""

    kind: HeldKind
    value: str = field(repr=False)


@dataclass(frozen=True)
class ReadTable:
    """What was understood of a table: the things that it names, and what is wrong with which line."""

    things: list[Named] = field(default_factory=list, repr=False)
    problems: list[tuple[int, str]] = field(default_factory=list)


def read_held(kind: HeldKind, text: str) -> ReadIds:
    """What stands in `text`, a thing of this kind on each line."""
    return _read_domains(text) if kind is HeldKind.DOMAIN else read_lines(AskedKind(kind.value), text)


def read_table(text: str) -> ReadTable:
    """What stands in a table of two columns: the kind of a thing, and the thing itself."""
    rows = csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""), delimiter=_delimiter(text))
    table = ReadTable()
    try:
        for row in rows:
            _read_row([cell.strip() for cell in row], rows.line_num, table)
    except csv.Error:
        table.problems.append((rows.line_num, "can't be read; nothing behind it was"))
    return table


def text_in(content: bytes) -> tuple[str, str]:
    """The text of a file, and why there is none: one of the two is empty."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "", NO_TEXT
    return ("", NO_TEXT) if "\0" in text else (text, "")


def _read_row(cells: list[str], number: int, table: ReadTable) -> None:
    if not any(cells) or (number == 1 and cells[0].lower() in {"kind", "type"}):
        return
    kind, values = NAMES.get(cells[0].lower()), [cell for cell in cells[1:] if cell]
    if kind is None:
        table.problems.append((number, "begins with none of: visitor, email, account, domain"))
    elif len(values) != 1:
        table.problems.append((number, "wants exactly one value beside its kind"))
    else:
        read = read_held(kind, values[0])
        table.things.extend(Named(kind, value) for value in read.ids)
        table.problems.extend((number, why) for _, why in read.problems)


def _read_domains(text: str) -> ReadIds:
    lines = [(number, line.strip()) for number, line in enumerate(lines_of(text), start=1)]
    problems = [(number, NO_DOMAIN) for number, line in lines if line and not is_domain(line)]
    domains = [as_domain(line) for _, line in lines if is_domain(line)]
    distinct = list(dict.fromkeys(domains))
    return ReadIds(distinct, len(domains) - len(distinct), problems)


def domains_of(address: str) -> Iterator[str]:
    """The domain of the address, and the domains above it that hold a dot."""
    domain = as_domain(address.rpartition("@")[2])
    while "." in domain:
        yield domain
        domain = domain.partition(".")[2]


def ways_to_hold(text: str) -> dict[bytes, str]:
    """The lookup digests under which `text` may be held, each with what it then is held as."""
    ways = [(HeldKind.VISITOR, text), (HeldKind.ACCOUNT, text), *ways_by_address(text)]
    if "@" not in text:
        ways += [(HeldKind.DOMAIN, each) for each in domains_of(text)]
    return {
        digest.value: kind.label for kind, value in ways for digest in keyring.lookup_digests(kind, value)
    }


def ways_by_address(address: str) -> list[tuple[HeldKind, str]]:
    """By what a hold may name an e-mail address: itself, its mailbox without +tag, its domains."""
    if "@" not in address:
        return []
    address = address.strip().lower()
    emails = [(HeldKind.EMAIL, each) for each in {address, mailbox(address)}]
    return [*emails, *((HeldKind.DOMAIN, each) for each in domains_of(address))]


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)

"""What a request names, before anything is looked up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .states import AskedKind


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

"""The one way to write the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from compliance.core import clock

from . import chain as chains
from .models import Chain, Entry

if TYPE_CHECKING:
    import datetime as dt

    from .events import Event

#: Who acted, where no person did.
SYSTEM = "system"
#: Whoever has a shell on the machine.
COMMAND_LINE = "command line"

type_of_fact = str | int | bool | None
_FACTS: tuple[type, ...] = (str, int, bool, type(None))


class FactsDoNotFit(Exception):
    """An entry was given other facts than its event names, or facts of a kind that cannot be hashed."""


def record(event: Event, *, chain: str, actor: str, **facts: type_of_fact) -> Entry:
    """One more entry stands at the end of `chain`, or nothing does if the transaction is rolled back.

    Raises `TransactionManagementError` outside `atomic()`: an entry stands or falls with what it records.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a ledger entry is recorded inside a transaction")
    _refuse_misfits(event, facts)
    head = _locked_head(chain)
    body = {
        "version": 1,
        "chain": chain,
        "number": head.length + 1,
        "previous": head.head,
        "event": event.value,
        "at": clock.now().isoformat(timespec="milliseconds"),
        "actor": actor,
        "facts": facts,
    }
    return _append(head, body)


def hold(chain: str) -> None:
    """Nobody else writes to `chain` until this transaction ends: what is read after this stays true."""
    _locked_head(chain)


def as_fact(moment: dt.date | dt.datetime) -> str:
    """A date or moment as the ledger writes it (ISO 8601)."""
    return moment.isoformat()


def _refuse_misfits(event: Event, facts: dict[str, type_of_fact]) -> None:
    if frozenset(facts) != event.facts:
        raise FactsDoNotFit(f"{event.value} has the facts {sorted(event.facts)}, got {sorted(facts)}")
    wrong = [name for name, value in facts.items() if not isinstance(value, _FACTS)]
    if wrong:
        raise FactsDoNotFit(f"{event.value}: {wrong} are not text, whole numbers or truth values")


def _locked_head(name: str) -> Chain:
    # PostgreSQL locks the row; SQLite has locked the database since the transaction began (IMMEDIATE).
    head, _ = Chain.objects.select_for_update().get_or_create(name=name)
    return head


def _append(head: Chain, body: dict[str, Any]) -> Entry:
    text = chains.canonical(body)
    head.length, head.head = head.length + 1, chains.entry_hash(text)
    head.save(update_fields=["length", "head"])
    return Entry.objects.create(
        chain=head, number=head.length, event=body["event"], at=body["at"], text=text, hash=head.head
    )

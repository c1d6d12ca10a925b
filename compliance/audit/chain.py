"""Canonical bytes and hashes of ledger entries. Standard library only: this travels with exports."""

from __future__ import annotations

import hashlib
import json
from typing import Any

#: The hash before the first entry of a chain.
START = "0" * 64
#: Leaf and tree hashes must never collide (RFC 6962, section 2.1): entries carry the leaf prefix.
LEAF_PREFIX = b"\x00"


def canonical(entry: dict[str, Any]) -> str:
    """The one JSON text of `entry`: keys sorted, no spaces, no floating-point numbers allowed."""
    _refuse_floats(entry)
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def entry_hash(text: str) -> str:
    """SHA-256 (hexadecimal) of the canonical text of an entry."""
    return hashlib.sha256(LEAF_PREFIX + text.encode()).hexdigest()


def first_fault(texts: list[str]) -> str | None:
    """What is wrong with the first entry that doesn't continue its chain, or None if all do.

    `texts` are the canonical texts of one whole chain, in order.
    """
    previous = START
    for number, text in enumerate(texts, start=1):
        entry = json.loads(text)
        if entry["number"] != number:
            return f"expected entry {number}, got entry {entry['number']}"
        if entry["previous"] != previous:
            return f"entry {number}: expected previous hash {previous}, got {entry['previous']}"
        previous = entry_hash(text)
    return None


def _refuse_floats(value: object) -> None:
    # The text of a float differs between writers, and a hash must not.
    if isinstance(value, float):
        raise TypeError("a ledger entry holds no floating-point numbers")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    if isinstance(value, list):
        for item in value:
            _refuse_floats(item)

"""Pendo's Engage API, as far as deletion needs it."""

from .client import Pendo
from .records import Account, AccountLookup, Deletion, Guide, KeyCheck, Lookup, RecordKind, Visitor
from .regions import REGIONS, Region

__all__ = [
    "REGIONS",
    "Account",
    "AccountLookup",
    "Deletion",
    "Guide",
    "KeyCheck",
    "Lookup",
    "Pendo",
    "RecordKind",
    "Region",
    "Visitor",
]

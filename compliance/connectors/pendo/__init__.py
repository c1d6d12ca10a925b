"""Pendo's Engage API, as far as deletion needs it."""

from .client import Pendo
from .records import Account, Deletion, KeyCheck, Lookup, Record, Visitor
from .regions import REGIONS, Region

__all__ = [
    "REGIONS",
    "Account",
    "Deletion",
    "KeyCheck",
    "Lookup",
    "Pendo",
    "Record",
    "Region",
    "Visitor",
]

"""Pendo's Engage API, as far as deletion needs it."""

from .client import Pendo
from .lists import ExportJob, Listed, Report, Segment
from .records import Account, AccountLookup, Deletion, Guide, KeyCheck, Lookup, RecordKind, Visitor
from .regions import REGIONS, Region

__all__ = [
    "REGIONS",
    "Account",
    "AccountLookup",
    "Deletion",
    "ExportJob",
    "Guide",
    "KeyCheck",
    "Listed",
    "Lookup",
    "Pendo",
    "RecordKind",
    "Region",
    "Report",
    "Segment",
    "Visitor",
]

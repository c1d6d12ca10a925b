"""Pendo's Engage API, as far as deletion needs it."""

from .client import Pendo
from .records import Deletion, KeyCheck, Lookup, Visitor
from .regions import REGIONS, Region

__all__ = ["REGIONS", "Deletion", "KeyCheck", "Lookup", "Pendo", "Region", "Visitor"]

"""Pendo's regions. A key of one region is not valid at another's host."""

from __future__ import annotations

from typing import NamedTuple


class Region(NamedTuple):
    """A region's name for people, and its host (Engage API documentation, "Regions")."""

    label: str
    url: str


REGIONS: dict[str, Region] = {
    "us": Region("United States (app.pendo.io)", "https://app.pendo.io"),
    "us1": Region("United States 1 (us1.app.pendo.io)", "https://us1.app.pendo.io"),
    "eu": Region("European Union (app.eu.pendo.io)", "https://app.eu.pendo.io"),
    "jp": Region("Japan (app.jpn.pendo.io)", "https://app.jpn.pendo.io"),
    "au": Region("Australia (app.au.pendo.io)", "https://app.au.pendo.io"),
}

"""Who can log in to the demo, for its log-in page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from .people import PASSWORD, PEOPLE

if TYPE_CHECKING:
    from django.http import HttpRequest


def demo_people(_request: HttpRequest) -> dict[str, Any]:
    """The invented people and their password; nothing outside the demo."""
    return {"demo_people": PEOPLE, "demo_password": PASSWORD} if settings.DEMO else {}

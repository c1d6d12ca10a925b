"""What the frame around every page needs to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.urls import reverse

from compliance.execution.health import heartbeat_age, is_silent
from compliance.people.access import Act, can
from compliance.people.models import Person

if TYPE_CHECKING:
    from django.http import HttpRequest


class MenuItem(NamedTuple):
    """One entry of the main menu."""

    label: str
    url: str
    current: bool


MENU = (
    ("Work", "home", Act.BE_HERE),
    ("New request", "request_new", Act.ENTER_REQUESTS),
    ("Requests", "requests", Act.READ_REQUESTS),
    ("Exports", "exports", Act.EXPORT_HISTORY),
    ("Subscriptions", "subscriptions", Act.READ_SUBSCRIPTIONS),
    ("Policy", "policy", Act.READ_POLICY),
    ("Laws", "laws", Act.READ_LAWS),
    ("Incidents", "incidents", Act.READ_INCIDENTS),
    ("Recipients", "recipients", Act.READ_RECIPIENTS),
    ("People", "people", Act.MANAGE_PEOPLE),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The menu, the banners, the time zone: as `shell` in every template."""
    frame: dict[str, Any] = {"demo": settings.DEMO, "time_zone": settings.TIME_ZONE}
    person = getattr(request, "user", None)
    if isinstance(person, Person):
        age = heartbeat_age()
        frame |= {
            "menu": _menu(person, request.path),
            "may_search": can(person, Act.READ_REQUESTS),
            "tell_of_secrets": settings.SECRETS_MADE_HERE
            and not settings.DEMO
            and can(person, Act.MANAGE_PEOPLE),
            "secrets": settings.VAR_DIR / "secrets",
            "worker_silent": is_silent(age),
            "heartbeat_age": age,
        }
    return {"shell": frame}


def _menu(person: Person, path: str) -> list[MenuItem]:
    return [
        MenuItem(label, reverse(name), path == reverse(name)) for label, name, act in MENU if can(person, act)
    ]

"""What the frame around every page needs to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from compliance.core.keyset import counted
from compliance.execution.health import heartbeat_age, is_silent
from compliance.people.access import Act, can
from compliance.people.models import Person
from compliance.subscriptions.queries import silent_subscriptions
from compliance.subscriptions.stopping import current_stop
from compliance.workflow.flooding import open_floods
from compliance.workflow.queries import endangered_requests
from compliance.workflow.reach import within_reach

if TYPE_CHECKING:
    from django.http import HttpRequest

    from compliance.subscriptions.models import Subscription


class MenuItem(NamedTuple):
    """One entry of the main menu."""

    label: str
    url: str
    current: bool


class Silence(NamedTuple):
    """A subscription for which Pendo doesn't answer, and how many requests can't wait, in words."""

    subscription: Subscription
    endangered: str


MENU = (
    ("Work", "home", Act.BE_HERE),
    ("New request", "request_new", Act.ENTER_REQUESTS),
    ("Requests", "requests", Act.READ_REQUESTS),
    ("Watch", "watch", Act.READ_WATCH),
    ("Clean-up", "cleanup_rules", Act.READ_RULES),
    ("Holds", "holds", Act.HOLD),
    ("Exports", "exports", Act.EXPORT_LEDGER),
    ("Subscriptions", "subscriptions", Act.READ_SUBSCRIPTIONS),
    ("Policy", "policy", Act.READ_POLICY),
    ("Laws", "laws", Act.READ_LAWS),
    ("Incidents", "incidents", Act.READ_INCIDENTS),
    ("Recipients", "recipients", Act.READ_RECIPIENTS),
    ("Webhooks", "webhooks", Act.MANAGE_WEBHOOKS),
    ("People", "people", Act.MANAGE_PEOPLE),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The menu, the banners, the time zone: as `shell` in every template.

    Looked up where a template first names it: error pages, and the parts of pages that are fetched again
    every few seconds, have no frame.
    """
    return {"shell": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> dict[str, Any]:
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
            "stop": current_stop(),
            "may_stop": can(person, Act.STOP),
            "may_let_go_on": can(person, Act.LET_GO_ON),
            "floods": open_floods(person) if can(person, Act.ENTER_REQUESTS) else (),
            "silent": [Silence(each, _endangered(each, person)) for each in silent_subscriptions()],
        }
    return frame


def _endangered(subscription: Subscription, person: Person) -> str:
    """How many of its requests can't wait, in words; who reads requests is told of those that they may."""
    rows = endangered_requests(subscription)
    return counted(within_reach(rows, person, path="") if can(person, Act.READ_REQUESTS) else rows)


def _menu(person: Person, path: str) -> list[MenuItem]:
    return [
        MenuItem(label, reverse(name), path == reverse(name)) for label, name, act in MENU if can(person, act)
    ]

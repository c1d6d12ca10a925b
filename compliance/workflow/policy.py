"""How many people, how long to wait: the numbers behind approvals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Preview, Request


@dataclass(frozen=True)
class Policy:
    """What an approval takes."""

    #: More targets than this in production want two people.
    two_people_over: int = 100
    #: Whether any account in production wants two people.
    two_people_for_accounts: bool = True
    #: Whether wiping a guide for everybody wants two people.
    two_people_for_wipes: bool = True
    #: Above so many targets in production, a few are sent first, the rest once Pendo has accepted those.
    canary_over: int = 1000
    canary_size: int = 10
    #: How long anyone may still cancel after the approval.
    grace_production: dt.timedelta = dt.timedelta(minutes=30)
    grace_elsewhere: dt.timedelta = dt.timedelta(0)
    #: In production, an officer of less standing doesn't approve alone.
    seasoned_after: dt.timedelta = dt.timedelta(hours=24)


POLICY = Policy()


def reaches_production(request: Request) -> bool:
    """Whether one of the request's subscriptions is a production one."""
    return request.subscriptions.filter(production=True).exists()


def approvals_wanted(preview: Preview) -> int:
    """How many people have to approve this preview."""
    production = reaches_production(preview.request)
    return 2 if production and preview.found > POLICY.two_people_over else 1


def grace(request: Request) -> dt.timedelta:
    """How long anyone may cancel the request once it is approved."""
    return POLICY.grace_production if reaches_production(request) else POLICY.grace_elsewhere

"""What an API token may be used for: never more than its owner's roles allow."""

from __future__ import annotations

from django.db import models


class Scope(models.TextChoices):
    """One thing that a token is made for."""

    READ = "requests:read", "Read requests, their targets, and what belongs to them"
    WRITE = "requests:write", "Open requests and work on them; cancel, pause, and stop all sending"
    HOLD = "requests:hold", "Place holds, read, review and lift them"
    APPROVE = "requests:approve", "Approve, reject and resume requests, and whatever an officer decides"
    CLEANUP_READ = "cleanup:read", "Read clean-up rules and their runs"
    CLEANUP_WRITE = "cleanup:write", "Write, change and pause clean-up rules"
    CLEANUP_RUN = "cleanup:run", "Run clean-up rules"
    EVENTS = "events:read", "Read events, and have them sent to an address (webhooks, Zapier)"
    EXPORT = "audit:export", "Take ledger entries away"
    DESK_READ = "desk:read", "Read subscriptions, laws, policy and registers"


#: An officer's word. A program can't look at what it approves, so no service holds it.
NEVER_FOR_A_SERVICE = frozenset({Scope.APPROVE})

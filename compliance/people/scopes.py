"""What an API token may be used for: never more than its owner's roles allow."""

from __future__ import annotations

from django.db import models


class Scope(models.TextChoices):
    """One thing that a token is made for."""

    READ = "requests:read", "Read requests and their targets"
    WRITE = "requests:write", "Open, preview, cancel and pause requests"
    HOLD = "requests:hold", "Place holds on requests, and lift them"
    APPROVE = "requests:approve", "Approve, reject and resume requests"
    CLEANUP_READ = "cleanup:read", "Read clean-up rules and their runs"
    CLEANUP_WRITE = "cleanup:write", "Write, change and pause clean-up rules"
    CLEANUP_RUN = "cleanup:run", "Run clean-up rules"
    EVENTS = "events:read", "Read events, and have them sent to an address (webhooks, Zapier)"


#: An officer's word. A program can't look at what it approves, so no service holds it.
NEVER_FOR_A_SERVICE = frozenset({Scope.APPROVE})

"""What other programs are told of: stable names, which stand in their code and in docs/webhooks.md."""

from __future__ import annotations

from django.db import models


class EventType(models.TextChoices):
    """One kind of event, with what it means in a sentence."""

    REQUEST_OPENED = "request.opened", "A request was recorded."
    REQUEST_APPROVED = "request.approved", "All approvals wanted were given; sending begins after the grace."
    REQUEST_REFUSED = "request.refused", "The right was refused as a whole; nothing was sent."
    REQUEST_ORDERED = "request.ordered", "Pendo has accepted everything that was to be sent."
    REQUEST_CLOSED = "request.closed", "Every target has its final outcome."
    REQUEST_CANCELLED = "request.cancelled", "The request was ended before anything was sent."
    REQUEST_WITHDRAWN = "request.withdrawn", "The person took the request back before anything was sent."
    REQUEST_REOPENED = "request.reopened", "Something of a request that had ended has to be done again."
    REQUEST_DATE_NEAR = (
        "request.date_near",
        "The day by which the order has to reach Pendo is near, and not everything is sent.",
    )
    KEY_TO_ROTATE = "key.to_rotate", "A Pendo key grows too old, or is, and has to be replaced."
    RUN_STOPPED = "run.stopped", "Something was stopped, so that nothing more of it is sent."


#: The type of a message that somebody sends to try whether any arrive: nobody subscribes to it.
TEST = "webhook.test"

"""Subscriptions that stay out of reach: after some days a person may end the waiting of each request."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.subscriptions.queries import out_of_reach
from compliance.workflow.attention import raise_attention, settle_attention
from compliance.workflow.models import Attention, Request, Target
from compliance.workflow.states import UNDER_WAY, UNFINISHED

from .moves import lock

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.subscriptions.models import Subscription


def tell_of_unreachable() -> None:
    """Requests that wait for a subscription long out of reach need a person; those of any other don't."""
    limit = clock.now() - dt.timedelta(seconds=settings.TIMINGS.unreachable)
    lost = {each.pk: each for each in out_of_reach(since=limit)}
    for subscription in lost.values():
        for request in _waiting_for(subscription):
            _tell(request, subscription)
    told = Attention.objects.filter(reason=Attention.Reason.UNREACHABLE, settled_at__isnull=True)
    for attention in told.exclude(subscription__in=lost).select_related("request"):
        # An officer may be settling it at this moment.
        with suppress(Refused):
            settle_attention(attention=attention, by=None)


def _waiting_for(subscription: Subscription) -> QuerySet[Request]:
    """Requests under way with something unfinished there, and of which nobody was told in this outage."""
    since = subscription.paused_at if subscription.paused else subscription.silent_since
    unfinished = Target.objects.filter(
        request=OuterRef("pk"), subscription=subscription, outcome__in=UNFINISHED
    )
    told = Attention.objects.filter(
        request=OuterRef("pk"),
        subscription=subscription,
        reason=Attention.Reason.UNREACHABLE,
        raised_at__gte=since,
    )
    under_way = Request.objects.filter(state__in=UNDER_WAY, subscriptions=subscription)
    return under_way.filter(Exists(unfinished), ~Exists(told)).order_by("send_by", "pk")


@transaction.atomic
def _tell(request: Request, subscription: Subscription) -> None:
    lock([request.pk])
    raise_attention(request=request, subscription=subscription, reason=Attention.Reason.UNREACHABLE)

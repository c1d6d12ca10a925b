"""Data kept for a reason of the law until a day: once that has come, somebody is told to erase it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.core import clock

from .attention import raise_attention
from .models import Attention, Refusal, Request

if TYPE_CHECKING:
    from django.db.models import QuerySet


def tell_of_kept_data() -> None:
    """Of each refusal that stands, and whose day has come, a person is told: once."""
    for request_id in _due().order_by("kept_until", "pk").values_list("request_id", flat=True):
        _tell(request_id)


@transaction.atomic
def _tell(request_id: int) -> None:
    request = Request.objects.select_for_update().get(pk=request_id)
    subscription = request.subscriptions.order_by("pk").first()
    if _due().filter(request=request).update(told_of_end_at=clock.now()) and subscription:
        raise_attention(request=request, subscription=subscription, reason=Attention.Reason.KEPT_UNTIL_NOW)


def _due() -> QuerySet[Refusal]:
    return Refusal.objects.filter(agreed=True, kept_until__lte=clock.today(), told_of_end_at__isnull=True)

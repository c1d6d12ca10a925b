"""Comparing what a preview has found with the holds that stand: in slices, and again after one is placed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from .hold_matching import A_SLICE, held_among, hold_back
from .models import Hold, Preview, Request
from .states import Outcome, State

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from .models import Target

#: In these, a preview is being made, or decided about.
SCREENED = frozenset({State.PREVIEWING, State.PREVIEWED})


def requests_to_screen() -> QuerySet[Request]:
    """Requests that wait for an approval, and for being compared with a hold placed meanwhile."""
    waiting = Preview.objects.filter(screening=True).values("request")
    return Request.objects.filter(pk__in=waiting, state=State.PREVIEWED).order_by("send_by", "pk")


@transaction.atomic
def screen_slice(request: Request) -> bool:
    """Some more of what was found is compared, and what is held is so; False if nothing was left."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    preview = locked_preview(request)
    if request.state not in SCREENED or is_screened(preview):
        return False
    keys: dict[int, list[int]] = {}
    rows = list(_unscreened(preview).values_list("pk", "subscription")[:A_SLICE])
    for pk, subscription_id in rows:
        keys.setdefault(subscription_id, []).append(pk)
    for subscription in request.subscriptions.filter(pk__in=keys).order_by("pk"):
        held = held_among(request, subscription, keys[subscription.pk])
        hold_back(request, subscription, held, why="compared for the preview")
    preview.screened_up_to = rows[-1][0]
    preview.save(update_fields=["screened_up_to"])
    return True


def screen_anew() -> None:
    """Every preview that is being made or decided about is compared with the holds once more.

    Call it in the transaction in which a hold is placed.
    """
    waiting = Preview.objects.filter(request__state__in=SCREENED)
    # Locked in order: two who place a hold at the same moment can't wait for each other.
    list(waiting.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    waiting.update(screening=True, screened_up_to=0)


def locked_preview(request: Request) -> Preview:
    """The current preview as it is now: nobody places a hold before this transaction ends."""
    return Preview.objects.select_for_update().filter(request=request).latest("number")


def is_screened(preview: Preview) -> bool:
    """Whether all that was found is compared, or there is nothing to compare it with."""
    return not Hold.objects.standing().exists() or not _unscreened(preview).exists()


def _unscreened(preview: Preview) -> QuerySet[Target]:
    pending = preview.request.targets.filter(outcome=Outcome.PENDING, pk__gt=preview.screened_up_to)
    return pending.order_by("pk")

"""After a hold was lifted: what it kept back is looked at again, with its own preview and approvals.

While nothing was sent for a request, all of it is looked at again (`previews.look_again`). Later, and after
it was closed, what was held becomes a request of its own that goes on from it, with the same dates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core.errors import Refused
from compliance.people.access import Act

from .attention import settle_attention
from .errors import NotThisPerson, StateChanged
from .models import Asked, Attention, Request
from .opening import MOST_ASKED, keep_asked, opening_facts
from .previews import start_preview
from .reach import reaches
from .sealing import target_id, targets_vault
from .splitting import continued
from .states import AskedKind, Outcome, State, TargetKind
from .things import Thing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from compliance.people.models import Person

    from .models import Target

#: In these, what is held can't come into the request's own preview any more.
BEYOND_PREVIEW = frozenset({State.APPROVED, State.EXECUTING, State.CONFIRMING, State.CLOSED})


def released_targets(request: Request) -> QuerySet[Target]:
    """Targets that were held, by holds that are lifted, and that no other request looks at again yet."""
    again = Asked.objects.filter(
        request__continues=OuterRef("request"),
        request__subscriptions=OuterRef("subscription"),
        digest=OuterRef("digest"),
    ).exclude(request__state=State.CANCELLED)
    held = request.targets.filter(outcome=Outcome.HELD, held_by__lifted_at__isnull=False)
    return held.filter(~Exists(again)).order_by("pk")


@transaction.atomic
def look_again_at_held(*, request: Request, by: Person) -> Request:
    """What was held and isn't any more is asked by a request of its own, whose preview is under way.

    Of very many, as many as one request may ask. Nothing that was approved before counts. Raises `Refused`.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    if not reaches(by, Act.ENTER_REQUESTS, request):
        raise NotThisPerson("Your roles don't let you enter requests.")
    if request.state not in BEYOND_PREVIEW:
        raise StateChanged("Nothing was sent for this request yet: have all of it looked at again.")
    # A reset may name a visitor and a guide.
    released = list(released_targets(request).select_related("subscription")[: MOST_ASKED // 2])
    if not released:
        raise Refused("Nothing of this request waits to be looked at again.")
    other = continued(request, by)
    # Whoever was found by an account and was held is named one by one: nobody else is found by it anew.
    other.with_visitors = False
    other.save(update_fields=["with_visitors"])
    other.subscriptions.set({target.subscription_id for target in released})
    keep_asked(other, _things(request, released))
    _record(request, other, by, count=len(released))
    start_preview(request=other, by=by)
    if not released_targets(request).exists():
        for attention in request.attentions.filter(reason=Attention.Reason.HOLD_LIFTED, settled_at=None):
            settle_attention(attention=attention, by=by)
    return other


def _things(request: Request, targets: Iterable[Target]) -> list[Thing]:
    vault = targets_vault(request)
    things: dict[Thing, None] = {}
    for target in targets:
        kind = AskedKind.ACCOUNT if target.kind == TargetKind.ACCOUNT else AskedKind.VISITOR
        things[Thing(kind, target_id(vault, target))] = None
        if target.guide:
            things[Thing(AskedKind.GUIDE, target.guide)] = None
    return list(things)


def _record(request: Request, other: Request, by: Person, *, count: int) -> None:
    actor = by.reference
    ledger.record(Event.HELD_CONTINUED, chain=request.chain, actor=actor, count=count, other=other.reference)
    ledger.record(Event.REQUEST_OPENED, chain=other.chain, actor=actor, **opening_facts(other))
    ledger.record(Event.CONTINUES_HELD, chain=other.chain, actor=actor, count=count, other=request.reference)

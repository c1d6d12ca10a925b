"""Going on without a subscription that has no usable key: a request of its own waits for it instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import crypto, keyring
from compliance.core.errors import Refused
from compliance.people.access import Act
from compliance.subscriptions.queries import overview_of

from .changers import note_changer
from .elsewhere import whom_to_answer
from .errors import NotThisPerson, StateChanged
from .extending import copy_extension
from .models import Clock, Request, SubjectDigest
from .opening import MOST_ASKED, keep_asked, opening_facts
from .previews import current_preview, start_preview
from .processing import record_opening_role
from .queries import asked_things, linked_open_requests
from .reach import reaches
from .sealing import correspondence_vault, note_of, seal_subject, subject_of
from .states import State

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

#: What both requests say, word for word.
_SHARED = (
    "kind",
    "law",
    "law_version",
    "calendar",
    "received_on",
    "channel",
    "identity",
    "send_by",
    "legal_by",
    "identity_asked_on",
    "identity_proven_on",
    "company_role",
    "customer_due_on",
    "elsewhere_case",
    "elsewhere_due_on",
    "policy_reference",
    "seen_before",
    "with_visitors",
    "entered_by",
    "access_asked",
)


@transaction.atomic
def go_on_without(*, request: Request, subscription: Subscription, by: Person) -> Request:
    """The request is about its other subscriptions only; returns the one that waits for this one alone.

    That has the same dates, law and things asked, under keys of its own. The ledger of each names the other.
    Whoever did it changed what is asked, so somebody else approves either. Raises `Refused`.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    if not reaches(by, Act.ENTER_REQUESTS, request):
        raise NotThisPerson("Your roles don't let you change requests.")
    _refuse_needless(request, subscription)
    other = continued(request, by)
    other.subscriptions.set([subscription])
    keep_asked(other, asked_things(request))
    _take_out(request, subscription, by)
    names = {"subscription": subscription.name, "actor": by.reference}
    ledger.record(Event.REQUEST_SPLIT, chain=request.chain, other=other.reference, **names)
    ledger.record(Event.REQUEST_OPENED, chain=other.chain, actor=by.reference, **opening_facts(other))
    record_opening_role(other, by)
    ledger.record(Event.REQUEST_CONTINUES, chain=other.chain, other=request.reference, **names)
    start_preview(request=other, by=by)
    return other


def holding_up(request: Request) -> list[Subscription]:
    """Subscriptions without a usable key that hold the preview, where there is another one to go on with."""
    if request.state != State.PREVIEWING:
        return []
    subscriptions = list(request.subscriptions.order_by("name"))
    held = [each for each in subscriptions if not overview_of(each).working]
    return held if len(subscriptions) > 1 else []


def not_yet_to_be_answered(request: Request) -> str:
    """Why nobody is to be told yet how it ended: part of it is under way elsewhere. Empty if none is."""
    others = [other.reference for other in linked_open_requests(request)]
    if not others:
        return ""
    are = "is" if len(others) == 1 else "are"
    return f"Don't answer {whom_to_answer(request)} yet: {' and '.join(others)} {are} still under way."


def _refuse_needless(request: Request, subscription: Subscription) -> None:
    if request.state != State.PREVIEWING:
        raise StateChanged("This request doesn't wait for a subscription any more. Reload the page.")
    if subscription not in holding_up(request):
        raise Refused(f"{subscription.name} works, or there is no other subscription to go on with.")
    count = request.asked.count()
    if count > MOST_ASKED:
        raise Refused(
            f"This request names {count:,} things; up to {MOST_ASKED:,} can be copied to another one. Have a "
            f"key entered for {subscription.name}, or cancel this request and upload the file twice: for "
            "the others now, for this subscription when it works."
        )


def continued(request: Request, by: Person) -> Request:
    """A request that goes on from this one: the same words and dates, other keys, and nothing asked yet.

    Call it inside a transaction.
    """
    other = Request(
        **{name: getattr(request, name) for name in _SHARED},
        continues=request,
        changed_by=by,
        targets_key=keyring.wrap(crypto.new_data_key()),
        correspondence_key=keyring.wrap(crypto.new_data_key()),
    )
    vault, note = correspondence_vault(other), note_of(request)
    other.sealed_subject = seal_subject(vault, subject_of(request))
    other.sealed_note = vault.seal(note, purpose="note") if note else None
    other.save()
    note_changer(other, *request.changers.all(), by)
    _copy(Clock.objects.filter(request=request), other)
    copy_extension(request, other)
    _copy(SubjectDigest.objects.filter(request=request), other)
    return other


def _copy(rows: QuerySet[Clock] | QuerySet[SubjectDigest], other: Request) -> None:
    for row in rows:
        row.pk, row.request = None, other
        row.save(force_insert=True)


def _take_out(request: Request, subscription: Subscription, by: Person) -> None:
    request.changed_by = by
    request.save(update_fields=["changed_by"])
    note_changer(request, by)
    request.subscriptions.remove(subscription)
    request.scans.filter(subscription=subscription).delete()
    request.targets.filter(subscription=subscription).delete()
    # What held it up was this subscription; whatever holds it up next says so by itself.
    preview = current_preview(request)
    preview.trouble = ""
    preview.save(update_fields=["trouble"])

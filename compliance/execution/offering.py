"""Reading which segments and reports a subscription has, for whoever opens the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.workflow.offerings import due_offerings, keep_offering, refuse_offering

from .guard import UNANSWERED, Trouble, recognise, usable

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Offering


def offer_slice(pendo: Pendo, subscription: Subscription, _may_go_on: Callable[[], bool]) -> None:
    """The lists that somebody waits for are read. Raises `Trouble` or `Paused`."""
    offering = due_offerings(subscription).select_related("subscription").first()
    if offering is None:
        return
    recognise(pendo, subscription)
    try:
        _read(pendo, offering)
    except Trouble as trouble:
        # Nothing else has to wait for what only a form offers.
        if trouble.answer.verdict not in UNANSWERED:
            raise
        refuse_offering(offering)


def _read(pendo: Pendo, offering: Offering) -> None:
    answer, segments = pendo.segments()
    of_reports, reports = pendo.reports()
    if usable(answer) and usable(of_reports):
        keep_offering(offering, segments=segments, reports=reports)
    else:
        refuse_offering(offering)

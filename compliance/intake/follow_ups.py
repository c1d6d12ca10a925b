"""A request that follows a finding of the watch: what its form says to begin with, and recording it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.core.row_keys import row_key, row_keys
from compliance.execution.findings import shown_of
from compliance.execution.queries import reached_findings
from compliance.execution.ways_out import chosen_records, follow_up
from compliance.people.access import Act
from compliance.workflow.flooding import open_by_program
from compliance.workflow.kinds import traits_of
from compliance.workflow.opening import open_request
from compliance.workflow.sealing import Forgotten, Subject, Vault, subject_of
from compliance.workflow.states import AskedKind

from .forms import LINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from compliance.execution.models import Finding, Reappearance
    from compliance.people.models import Person, Token
    from compliance.workflow.models import Request
    from compliance.workflow.opening import Wish
    from compliance.workflow.states import Kind


@dataclass(frozen=True)
class Followed:
    """The finding, and the records of it that were ticked; none stands for all of them."""

    finding: Finding
    chosen: Sequence[int] = ()


def followed(finding_id: str, chosen: Iterable[str], *, by: Person) -> Followed | None:
    """The finding that a form names, as far as it isn't settled and this person may read it."""
    unsettled = reached_findings(by, Act.READ_WATCH).filter(pk=row_key(finding_id), settled_at=None)
    finding = unsettled.select_related("subscription").first()
    return Followed(finding, row_keys(chosen)) if finding else None


def initial_of(follows: Followed, kind: Kind) -> dict[str, object]:
    """What the form says to begin with: the ids, and, where one request had erased all, whose wish it was."""
    records = list(chosen_records(follows.finding, follows.chosen))
    requests = {record.erased.request for record in records}
    told = _told_by(requests.pop(), kind) if len(requests) == 1 else {}
    return {
        **_lines(follows.finding, records, kind),
        **told,
        "subscriptions": [follows.finding.subscription_id],
    }


@transaction.atomic
def open_follow_up(*, wish: Wish, follows: Followed, by: Person) -> Request:
    """The request stands, and the records of the finding that it names are its business. Raises `Refused`."""
    request = open_request(wish=wish, by=by)
    follow_up(finding=follows.finding, request=request, by=by)
    return request


@transaction.atomic
def open_follow_up_by_program(*, wish: Wish, follows: Followed, token: Token) -> Request:
    """As `open_follow_up`; counted with whatever the token's owner opens, and kept back as that is."""
    request = open_by_program(wish=wish, token=token)
    follow_up(finding=follows.finding, request=request, by=token.person)
    return request


def _lines(finding: Finding, records: Sequence[Reappearance], kind: Kind) -> dict[str, object]:
    vault, asks = Vault(finding.subscription.data_key), traits_of(kind).asks
    return {
        LINES[asked]: "\n".join(shown_of(vault, each).id for each in records if each.kind == asked)
        for asked in (AskedKind.VISITOR, AskedKind.ACCOUNT)
        if asked in asks
    }


def _told_by(request: Request, kind: Kind) -> dict[str, object]:
    """What a request under a law tells one that follows it, as long as it isn't forgotten."""
    if not (traits_of(kind).has_law and traits_of(request.kind).has_law):
        return {}
    subject = _subject_of(request)
    return {
        "law": request.law,
        "calendar": request.calendar,
        "channel": request.channel,
        "identity": request.identity,
        "subject_name": subject.name,
        "subject_email": subject.email,
    }


def _subject_of(request: Request) -> Subject:
    try:
        return subject_of(request)
    except Forgotten:
        return Subject()

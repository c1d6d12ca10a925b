"""Requests in every state that needs no call to Pendo: what Pendo says of each visitor is handed in."""

import itertools

import pytest

from compliance.audit.queries import entries_of
from compliance.connectors.pendo import Visitor
from compliance.core import clock
from compliance.people.roles import Role
from compliance.subscriptions.registration import add_subscription
from compliance.workflow.approvals import approve
from compliance.workflow.opening import Wish, open_request
from compliance.workflow.previews import complete_preview, current_preview, keep_lookup
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import AskedKind, Channel, Identity
from compliance.workflow.things import named

VISITORS = ("visitor-one", "visitor-two", "visitor-three")


@pytest.fixture
def analyst(make_person):
    return make_person(Role.ANALYST, name="Ana Analyst")


@pytest.fixture
def officer(make_person):
    return make_person(Role.OFFICER, name="Otto Officer")


@pytest.fixture
def second_officer(make_person):
    return make_person(Role.OFFICER, name="Olga Officer")


@pytest.fixture
def silent_subscription(db):
    """`silent_subscription(production=...)`: one without a key, so that nothing is ever asked of it."""
    numbers = itertools.count(1)

    def make(*, production=False):
        return add_subscription(name=f"Silent {next(numbers)}", region="us", production=production, by=None)

    return make


@pytest.fixture
def make_wish(silent_subscription):
    """`make_wish(visitors=..., production=..., ...)`: what a request says."""

    def make(*, visitors=VISITORS, production=False, subscriptions=None, **changes):
        values = {
            "law": "EU_GDPR",
            "received_on": clock.today(),
            "channel": Channel.EMAIL,
            "identity": Identity.MAILBOX,
            "things": named(AskedKind.VISITOR, visitors),
            "subscriptions": subscriptions or [silent_subscription(production=production)],
        }
        return Wish(**(values | changes))

    return make


@pytest.fixture
def new_request(make_wish, analyst):
    """`new_request(by=..., **wish)`: a request whose preview is under way; the analyst entered it."""

    def make(*, by=None, **wish):
        return open_request(wish=make_wish(**wish), by=by or analyst)

    return make


@pytest.fixture
def previewed_request(new_request):
    """`previewed_request(absent=..., by=..., **wish)`: as `new_request`, and every target was looked up."""

    def make(*, absent=(), by=None, **wish):
        request = new_request(by=by, **wish)
        look_up(request, absent=absent)
        return request

    return make


@pytest.fixture
def approved_in_grace(previewed_request, officer):
    """A request in production that the officer has approved: for thirty minutes anyone may cancel it."""
    request = previewed_request(production=True)
    give_approval(request, officer)
    request.refresh_from_db()
    return request


def look_up(request, *, absent=()):
    """Every waiting target of the request is looked up; Pendo knows all but those named."""
    vault = targets_vault(request)
    for target in request.targets.filter(looked_up_at=None):
        visitor_id = target_id(vault, target)
        visitor = Visitor(visitor_id, accounts=("Harbour Ltd",), email="jane@person.example")
        keep_lookup(target, vault, None if visitor_id in absent else visitor)
    complete_preview(request)
    request.refresh_from_db()


def give_approval(request, person, **changes):
    """What the person's click on the current preview does."""
    preview = current_preview(request)
    values = {"digest": preview.digest, "count": preview.found} | changes
    return approve(request=request, by=person, **values)


def events_of(request):
    """The events of the request's history, first to last."""
    return [entry.event for entry in entries_of(request.chain)]

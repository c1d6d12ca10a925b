"""Requests in every state that needs no call to Pendo: what Pendo says of each visitor is handed in."""

import itertools

import pytest

from compliance.audit.queries import entries_of
from compliance.connectors.pendo import Visitor
from compliance.core import clock, keyring
from compliance.people.roles import Role
from compliance.subscriptions.registration import add_subscription
from compliance.workflow.approvals import approve
from compliance.workflow.models import Request
from compliance.workflow.opening import Wish, open_request
from compliance.workflow.previews import complete_preview, current_preview, digest_of, keep_lookup
from compliance.workflow.queries import asked_things
from compliance.workflow.recipients import RecipientFacts, keep_recipient
from compliance.workflow.sealing import commit_to, target_id, targets_vault
from compliance.workflow.states import AskedKind, Channel, Identity, Kind, Outcome, State, TargetKind
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
def wiping_request(new_request):
    """`wiping_request(*guides, **wish)`: a previewed request that resets these guides for everybody."""

    def make(*guides, **wish):
        things = named(AskedKind.GUIDE, guides)
        request = new_request(kind=Kind.GUIDE_RESET, law="", things=things, for_everybody=True, **wish)
        return as_previewed(request, *({"kind": TargetKind.GUIDE, "guide": guide} for guide in guides))

    return make


@pytest.fixture
def approved_in_grace(previewed_request, officer):
    """A request in production that the officer has approved: for thirty minutes anyone may cancel it."""
    request = previewed_request(production=True)
    give_approval(request, officer)
    request.refresh_from_db()
    return request


@pytest.fixture
def make_recipient(analyst, officer):
    """`make_recipient(**changes)`: another system in the register, which the analyst looks after."""
    return lambda **changes: keep_recipient(
        recipient=None, facts=recipient_facts(analyst, **changes), by=officer
    )


def recipient_facts(owner, **changes):
    """What the register says about a recipient."""
    values = {
        "name": "Mailer",
        "holds": "addresses",
        "told_by": "by a ticket",
        "owner": owner,
        "days": 7,
        "kinds": [Kind.ERASURE],
        "laws": [],
    }
    return RecipientFacts(**(values | changes))


def look_up(request, *, absent=()):
    """Every waiting target of the request is looked up; Pendo knows all but those named."""
    vault = targets_vault(request)
    for target in request.targets.filter(looked_up_at=None):
        visitor_id = target_id(vault, target)
        visitor = Visitor(visitor_id, accounts=("Harbour Ltd",), email="jane@person.example")
        keep_lookup(target, vault, None if visitor_id in absent else visitor)
    complete_preview(request)
    request.refresh_from_db()


def add_target(request, *, kind=TargetKind.VISITOR, name="", guide="", subscription=None, **changes):
    """A target that was looked up, of any sort: without a name, a guide for everybody."""
    vault, where = targets_vault(request), subscription or request.subscriptions.get()
    digest = keyring.lookup_digest(kind, name or guide)
    values = {
        "asked": request.asked.first(),
        "subscription": where,
        "kind": kind,
        "guide": guide,
        "everybody": kind == TargetKind.GUIDE and not name,
        "sealed_id": vault.seal(name, purpose="target id"),
        "digest": digest.value,
        "digest_key": digest.key_number,
        "commitment": commit_to(vault, where, kind=kind, name=name, guide=guide),
        "looked_up_at": clock.now(),
    }
    return request.targets.create(**(values | changes))


def as_previewed(request, *targets):
    """The request waits for its approval with these targets, as `add_target` takes them."""
    request.scans.all().delete()
    request.targets.all().delete()
    for target in targets:
        add_target(request, **target)
    Request.objects.filter(pk=request.pk).update(state=State.PREVIEWED)
    count_anew(request)
    request.refresh_from_db()
    return request


def count_anew(request):
    """The current preview has the counts and the digest of the targets as they stand."""
    preview = current_preview(request)
    pending = request.targets.filter(outcome=Outcome.PENDING)
    preview.found, preview.digest = pending.count(), digest_of(request)
    preview.spared = request.targets.filter(outcome=Outcome.SPARED).count()
    preview.contradicting = pending.filter(contradicts=True).count()
    preview.ready_at = clock.now()
    preview.save()
    return preview


def asked_values(request):
    """What is asked, as it was written, in order."""
    return [thing.value for thing in asked_things(request)]


def give_approval(request, person, **changes):
    """What the person's click on the current preview does."""
    preview = current_preview(request)
    values = {"digest": preview.digest, "count": preview.found} | changes
    return approve(request=request, by=person, **values)


def events_of(request):
    """The events of the request's history, first to last."""
    return [entry.event for entry in entries_of(request.chain)]

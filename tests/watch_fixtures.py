"""What was erased and is there again: a desk whose clock runs ahead, and the watch worked by hand."""

import datetime as dt
from itertools import pairwise

import pytest

from compliance.core import clock
from compliance.execution.findings import open_records, shown_of
from compliance.execution.models import Finding
from compliance.execution.passes import look_again, open_due_passes
from compliance.sandbox.records import Account, Visitor
from compliance.subscriptions.models import LaneKind
from compliance.workflow.models import Request
from compliance.workflow.outcomes import settle
from compliance.workflow.sealing import Vault, target_id, targets_vault
from compliance.workflow.states import AskedKind, Kind, Outcome, State
from compliance.workflow.things import named


@pytest.fixture
def watch(desk, later):
    """The watch over a desk; see `Watch`."""
    return Watch(desk, later)


class Watch:
    """What people and Pendo do between two passes, and the passes themselves."""

    def __init__(self, desk, later):
        self.desk, self.later = desk, later

    def erased(self, *visitors, kind=Kind.ERASURE, **wish):
        """The request that has erased these visitors: ids that the sandbox knows, or whom it is to know."""
        self.add(*(each for each in visitors if not isinstance(each, str)))
        ids = [each if isinstance(each, str) else each.id for each in visitors]
        law = {} if kind == Kind.ERASURE else {"law": "", "channel": None, "identity": None}
        policy = {"policy_reference": "P-1"} if kind == Kind.RETENTION else {}
        return self._carried_out(ids, kind=kind, **(law | policy | wish))

    def erased_account(self, name):
        """The request that has erased this account."""
        self.desk.pendo.accounts.add({name: Account(name, name, 1, 1)})
        asked = named(AskedKind.ACCOUNT, [name])
        return self._carried_out([], things=asked, kind=Kind.OFFBOARDING, law="", channel=None, identity=None)

    def came_back(self, record, *names, email=None):
        """The open finding after visitors of these names were erased and are there again as `record`."""
        self.erased(*(returned(name, email) for name in names))
        self.add(*(record(name, email) for name in names))
        self.passed()
        return Finding.objects.filter(settled_at=None).latest("pk")

    def _carried_out(self, ids, **wish):
        """Sent, confirmed and closed, without the waits in between."""
        request, pendo = self.desk.executing(ids, **wish), self.desk.pendo
        vault = targets_vault(request)
        for target in request.targets.all():
            shelf = pendo.visitors if target.kind == "visitor" else pendo.accounts
            shelf.remove(target_id(vault, target))
            pendo.do_not_process[target.kind].add([target_id(vault, target)])
        keys, where = list(request.targets.values_list("pk", flat=True)), self.desk.subscription
        for old, new in pairwise([Outcome.PENDING, Outcome.ACCEPTED, Outcome.ERASED]):
            settle(keys, request=request, subscription=where, old=old, new=new, why="it went its way")
        request.batches.all().delete()
        Request.objects.filter(pk=request.pk).update(state=State.CLOSED, closed_at=clock.now())
        request.refresh_from_db()
        self.later(hours=2)
        return request

    def add(self, *visitors):
        self.desk.pendo.visitors.add({visitor.id: visitor for visitor in visitors})

    def add_account(self, name):
        """A child account: where there are such, Pendo lists no others."""
        now = ms()
        self.desk.pendo.accounts.add({name: Account(name, name, now, now, parent="Holding")})

    def pass_begins(self):
        """It is another night."""
        self.later(days=1)
        open_due_passes()
        return self.last()

    def passed(self):
        """A pass over the whole list has ended."""
        look_again(subscription=self.desk.subscription, by=self.desk.analyst)
        return self.worked()

    def passed_by_night(self):
        """The next pass that was due has ended."""
        self.pass_begins()
        return self.worked()

    def worked(self):
        self.desk.work(LaneKind.READ)
        return self.last()

    def last(self):
        return self.desk.subscription.watch_passes.order_by("-pk").first()

    def open(self):
        """The open findings: their causes, each with the ids of its records."""
        vault = Vault(self.desk.subscription.data_key)
        return {
            finding.cause: {shown_of(vault, record).id for record in open_records(finding)}
            for finding in Finding.objects.filter(settled_at=None)
        }


def ms(**ago):
    """The moment, or so long before it, in Pendo's milliseconds."""
    return int((clock.now() - dt.timedelta(**ago)).timestamp() * 1000)


def returned(name, email=None):
    """Somebody who visits again."""
    return Visitor(name, email, ms(), ms())


def recreated(name, email=None):
    """Somebody whom an integration has sent anew: metadata, and no visit."""
    return Visitor(name, email, 0, 0, updated=ms())


def never_gone(name, email=None):
    """Somebody whose first visit is older than the erasure."""
    return Visitor(name, email, ms(days=400), ms(days=300), updated=ms())

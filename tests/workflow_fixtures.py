"""Requests on a running sandbox, and the engine worked by hand: no process, no queue, no waiting."""

import contextlib
import dataclasses
import datetime as dt
import warnings

import psycopg
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django_q.models import OrmQ

from compliance.core import clock, keyring
from compliance.execution import dispatch, tasks
from compliance.execution.health import WORKER
from compliance.execution.models import Heartbeat
from compliance.execution.reading import preview_slice
from compliance.execution.receipts import receipt_slice
from compliance.sandbox.bulk_delete import request_deletion
from compliance.sandbox.records import Visitor
from compliance.subscriptions import recognition
from compliance.subscriptions.keys import open_pendo
from compliance.subscriptions.models import Lane, LaneKind, Subscription
from compliance.workflow.models import Asked, Preview, Request, Target
from compliance.workflow.opening import Wish, record_wish
from compliance.workflow.previews import digest_of
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import Kind, State, TargetKind
from tests.request_fixtures import give_approval

#: The first waits are none, later ones long: the engine comes to rest, and `later` moves it on.
BY_HAND = {
    "slice": 20,
    "bulk_interval": 0,
    "slowest_interval": 1e-6,
    "first_interval": 1e-6,
    "fastest_interval": 1e-6,
    "refusal_pause": 0,
    "retry": (0,),
    "ask": (0, 0, 3600),
    "settle_after": 0,
    "receipt": (0, 3600),
    "recheck": (0, 0, 3600),
}
BULK_DELETE = "/api/v1/bulkdelete/visitor"
AGGREGATION = "/api/v1/aggregation"
MOST_TURNS = 40


@pytest.fixture
def by_hand(settings):
    """The engine's timings, changed so that no test waits."""
    settings.TIMINGS = dataclasses.replace(settings.TIMINGS, **BY_HAND)


@pytest.fixture
def later(request):
    """`later(hours=2)`: the application's clock is ahead by so much, and its worker has worked all the while.

    The database's clock isn't ahead.
    """
    uses_a_database = {"db", "transactional_db"} & set(request.fixturenames)
    with contextlib.ExitStack() as travels:

        def later(**ahead):
            moment = clock.now() + dt.timedelta(**ahead)
            travels.enter_context(time_machine.travel(moment, tick=True))
            if uses_a_database:
                Heartbeat.objects.filter(name=WORKER).update(at=moment)

        yield later


@pytest.fixture
def desk(transactional_db, by_hand, sandbox, make_subscription, new_request, settings, request):
    """A subscription on a sandbox whose deletions are completed by hand; see `Desk`."""
    return Desk(sandbox, make_subscription(sandbox), new_request, settings, request.getfixturevalue)


class Desk:
    """One subscription, its sandbox, and the engine."""

    def __init__(self, sandbox, subscription, new_request, settings, person):
        self.sandbox, self.subscription = sandbox, subscription
        self._new_request, self._settings, self._person = new_request, settings, person
        self.analyst, self.officer = person("analyst"), person("officer")
        self.world = sandbox.world
        self.pendo = self.world.subscriptions["demo"]
        self.set(start_after=1e9, done_after=1e9)

    # -- the sandbox ---------------------------------------------------------------------------------------

    def set(self, **settings):
        self.world.settings = dataclasses.replace(self.world.settings, **settings)

    def timings(self, **changes):
        self._settings.TIMINGS = dataclasses.replace(self._settings.TIMINGS, **changes)

    def fault(self, kind, times=1, prefix=BULK_DELETE, **more):
        return self.world.faults.switch_on(kind=kind, times=times, prefix=prefix, **more)

    def well(self):
        self.world.faults.switch_off()

    def begin(self):
        """Everything queued is begun: its ids may be asked for again."""
        with self.world.lock:
            self.pendo.deletions.begin_due(accepted_by=float("inf"))

    def complete(self):
        self.world.complete_all()

    def accepted(self):
        """What the sandbox has accepted: the ids of each of its deletion requests, oldest first."""
        return [list(each.ids) for each in self.pendo.deletions.all.values()]

    def posts(self):
        """How many ids each bulk delete that arrived had, and its status (0: the connection was dropped)."""
        calls = self.world.books.since(0)
        return [(call.ids, call.status) for call in calls if call.route.endswith("bulkdelete/visitor")]

    def poison(self, visitor_id):
        """Every bulk delete with this id is refused, and nothing says why."""
        self.pendo.deletions.waiting["visitor"].add(visitor_id)

    def come_back(self, *ids):
        """The ids are visitors again."""
        self.pendo.visitors.add({each: Visitor(each, None, 1, 1) for each in ids})

    def mark(self, *ids):
        """The ids are on the Do-Not-Process list."""
        self.pendo.do_not_process["visitor"].add(ids)

    def queue(self, *ids):
        """Somebody else has requested their deletion."""
        return request_deletion(world=self.world, subscription=self.pendo, kind="visitor", ids=list(ids))

    def has(self, visitor_id):
        return visitor_id in self.pendo.visitors

    def ids(self, count, start=0):
        """Some ids that the sandbox knows, and none that is a control visitor."""
        controls = self.control_ids()
        known = [each for each in self.pendo.visitors.ids() if each not in controls]
        return known[start : start + count]

    # -- requests ------------------------------------------------------------------------------------------

    def opened(self, ids, subscriptions=None, **wish):
        return self._new_request(visitors=ids, subscriptions=subscriptions or [self.subscription], **wish)

    def previewed(self, ids, **wish):
        """By look-ups alone, where that is all it takes: whatever else the lane does has tests of its own."""
        request = self.opened(ids, **wish)
        if "things" in wish:
            self.read()
        else:
            with open_pendo(self.subscription) as pendo:
                preview_slice(pendo, self.subscription, lambda: True)
        request.refresh_from_db()
        return request

    def approved(self, ids, **wish):
        request = self.previewed(ids, **wish)
        give_approval(request, self.officer)
        request.refresh_from_db()
        return request

    def executing(self, ids, **wish):
        """Its batches stand, and nothing was sent yet."""
        request = self.approved(ids, **wish)
        tasks.move_on()
        request.refresh_from_db()
        return request

    def approved_targets(self, kind, targets, *, subscriptions=None, **wish):
        """A request of that kind with these targets as its approved preview: no look-up was made.

        A target is `visitor(id)`, `account(id)`, `guide_for(id, guide)` or `guide_for_everybody(guide)`.
        """
        subscriptions = subscriptions or [self.subscription]
        request = self._recorded(kind, subscriptions, wish)
        for subscription in subscriptions:
            keep_targets(request, subscription, targets)
        preview = Preview.objects.create(
            request=request,
            number=1,
            ready_at=clock.now(),
            found=request.targets.count(),
            digest=digest_of(request),
        )
        Request.objects.filter(pk=request.pk).update(state=State.PREVIEWED)
        request.refresh_from_db()
        give_approval(request, self.officer)
        request.refresh_from_db()
        if request.state == State.PREVIEWED:
            give_approval(request, self._person("second_officer"))
        Request.objects.filter(pk=request.pk).update(grace_until=preview.ready_at)
        request.refresh_from_db()
        return request

    def _recorded(self, kind, subscriptions, wish):
        values = {
            "kind": kind,
            "received_on": clock.today(),
            "things": [],
            "subscriptions": subscriptions,
            "policy_reference": "P-1" if kind == Kind.RETENTION else "",
        }
        return record_wish(wish=Wish(**(values | wish)), by=self.analyst, state=State.PREVIEWING)

    def executing_targets(self, kind, targets, **wish):
        """As `approved_targets`, and its first batches stand."""
        request = self.approved_targets(kind, targets, **wish)
        tasks.move_on()
        request.refresh_from_db()
        return request

    # -- the engine ----------------------------------------------------------------------------------------

    def lane(self, kind, subscription=None):
        return (subscription or self.subscription).lanes.get(kind=kind)

    def work(self, kind, subscription=None):
        """One slice of a lane."""
        dispatch.work_lane(self.lane(kind, subscription).pk)

    def send(self):
        self.work(LaneKind.BULK)

    def call(self):
        self.work(LaneKind.RESET)

    def read(self):
        self.work(LaneKind.READ)

    def run(self, *subscriptions, most=MOST_TURNS):
        """Both lanes work until nothing is due, or nothing may be done, or nothing is left to hope for.

        Where something stays due whatever is tried, they take `most` turns.
        """
        for _ in range(most):
            tasks.tick()
            due = taken_from_the_queue(subscriptions or [self.subscription])
            for lane in due:
                dispatch.work_lane(lane.pk)
            if not due:
                return

    def kill(self, act, *, when):
        """The process that does `act` is dead from the statement on for which `when(moment, sql)` is true.

        Its transaction is rolled back, and its leases run out. Returns whether it came to that. What a moment
        is, says `Death`.
        """
        [latest] = self.world.books.last(1)
        death = Death(when, marks=lambda: sum(map(left_a_mark, self.world.books.since(latest.number))))
        with warnings.catch_warnings():
            # A process that dies closes nothing, a cursor of PostgreSQL's no more than the rest.
            warnings.filterwarnings("ignore", ".* was deleted while still open", ResourceWarning)
            with connection.execute_wrapper(death), contextlib.suppress(Killed):
                act()
        self.expire()
        return death.dead

    def expire(self):
        """Whoever holds a lane has held it for too long."""
        Lane.objects.update(lease_until=Now() - dt.timedelta(seconds=1))

    def posted(self, *_):
        """Whether a bulk delete has arrived."""
        return bool(self.posts())

    def run_receipts(self):
        """Pendo is asked for receipts, and nobody is looked for yet."""
        with open_pendo(self.subscription) as pendo:
            receipt_slice(pendo, self.subscription, lambda: True)

    def control_ids(self):
        """The control visitors of the subscription."""
        return list(recognition.control_ids(self.subscription))

    def finish(self, later):
        """Pendo completes everything, and the engine comes to its end."""
        for _ in range(3):
            self.run()
            self.complete()
            later(hours=2)
        self.run()

    def paused(self):
        return Subscription.objects.get(pk=self.subscription.pk).paused_reason


class Killed(BaseException):
    """The process is no more."""


#: After these alone the database holds what it held. Neither does a savepoint make anything stand, nor its
#: release: only the commit of the outermost transaction does, with what was not rolled back by then.
LEAVING_NOTHING = ("SELECT", "BEGIN", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


class Death:
    """Lets SQL statements pass until it is time, and none after that, as if the process had been killed.

    Statements are many, and most deaths between two of them leave the same world. Another one begins only
    where something came to stand that dying takes back no more: what was written was committed, or a call has
    left its mark in the sandbox. The moments in between are numbered from 1, and who dies at each of them has
    died every death there is.
    """

    def __init__(self, is_time, marks=lambda: 0):
        self.is_time, self.marks, self.dead = is_time, marks, False
        self.moment, self.commits, self.stood = 1, 0, (0, 0)

    def __call__(self, execute, sql, params, many, context):
        self._look_what_stands()
        self.dead = self.dead or self.is_time(self.moment, sql)
        if self.dead:
            raise Killed
        result = execute(sql, params, many, context)
        if not sql.startswith(LEAVING_NOTHING):
            # At once, where there is no transaction; never, where what was written is rolled back.
            connection.on_commit(self._committed)
        return result

    def _committed(self):
        self.commits += 1

    def _look_what_stands(self):
        stands = (self.commits, self.marks())
        if stands != self.stood:
            self.moment, self.stood = self.moment + 1, stands


def left_a_mark(call):
    """Whether the sandbox may be another since: reading leaves it as it was, unless it met a fault."""
    only_reads = call.method == "GET" or call.route == AGGREGATION
    return bool(call.fault) or not only_reads


def at_moment(number):
    """For `Desk.kill`: the process dies at the moment with this number."""
    return lambda moment, _: moment >= number


class Hook:
    """Does something once: before or after a statement that `fits(sql, params)`, after so many others."""

    def __init__(self, fits, act, *, skip, before):
        self.fits, self.act, self.left, self.before = fits, act, skip + 1, before

    def __call__(self, execute, sql, params, many, context):
        is_time = self._is_time(sql, params)
        if is_time and self.before:
            self.act()
        result = execute(sql, params, many, context)
        if is_time and not self.before:
            self.act()
        return result

    def _is_time(self, sql, params):
        if self.left and self.fits(sql, params):
            self.left -= 1
            return not self.left
        return False


def meanwhile(*, fits, act, skip=0, before=False):
    """What another process does at a certain moment of ours."""
    return connection.execute_wrapper(Hook(fits, act, skip=skip, before=before))


#: SQLite has no connection that a server could end.
on_postgres = pytest.mark.skipif("sqlite3" in settings.DATABASES["default"]["ENGINE"], reason="SQLite")


def end_our_connection():
    """As after a failover: the server has ended it, and we don't know yet."""
    given = connection.get_connection_params()
    names = ("dbname", "host", "port", "user", "password")
    with psycopg.connect(**{name: given.get(name) for name in names}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])


def visitor(name):
    return {"kind": TargetKind.VISITOR, "name": name}


def account(name):
    return {"kind": TargetKind.ACCOUNT, "name": name}


def guide_for(name, guide=""):
    return {"kind": TargetKind.GUIDE, "name": name, "guide": guide}


def guide_for_everybody(guide=""):
    return {"kind": TargetKind.GUIDE, "name": "", "guide": guide, "everybody": True}


def keep_targets(request, subscription, targets):
    """These stand as targets that were looked up and found."""
    vault, now = targets_vault(request), clock.now()
    details = vault.seal("{}", purpose="target details")
    Asked.objects.bulk_create(
        [
            Asked(
                request=request,
                kind=each["kind"],
                sealed_value=b"",
                digest=digest_for(each).value,
                digest_key=digest_for(each).key_number,
            )
            for each in targets
        ],
        ignore_conflicts=True,
    )
    asked = request.asked.first()
    Target.objects.bulk_create(
        Target(
            request=request,
            asked=asked,
            subscription=subscription,
            kind=each["kind"],
            guide=each.get("guide", ""),
            everybody=each.get("everybody", False),
            sealed_id=vault.seal(each["name"], purpose="target id"),
            sealed_details=details,
            looked_up_at=now,
            digest=digest_for(each).value,
            digest_key=digest_for(each).key_number,
            commitment=vault.commit(
                subscription.reference, each["kind"], each.get("guide", ""), each["name"]
            ),
        )
        for each in targets
    )


def digest_for(each):
    """As the look-up digests of targets are made: a guide's for a visitor is the visitor's."""
    if each.get("everybody"):
        return keyring.lookup_digest("guide", each["guide"])
    return keyring.lookup_digest("account" if each["kind"] == TargetKind.ACCOUNT else "visitor", each["name"])


def taken_from_the_queue(subscriptions):
    """The lanes of these subscriptions with a task in the queue; it is gone, as when a worker took it."""
    tasks_of = {}
    for row in OrmQ.objects.all():
        if row.task["func"] == dispatch.RUN_LANE:
            tasks_of.setdefault(row.task["args"][0], []).append(row.pk)
    lanes = list(Lane.objects.filter(subscription__in=subscriptions, pk__in=tasks_of).order_by("pk"))
    OrmQ.objects.filter(pk__in=[row for lane in lanes for row in tasks_of[lane.pk]]).delete()
    return lanes


def outcomes(request):
    """How many targets of the request have each outcome."""
    counted = {}
    for outcome in request.targets.values_list("outcome", flat=True):
        counted[outcome] = counted.get(outcome, 0) + 1
    return counted


def states(request):
    """The states of the request's batches, in order."""
    return list(request.batches.values_list("state", flat=True))


def ids_with(request, outcome):
    """The visitor ids of the request's targets with this outcome."""
    vault = targets_vault(request)
    return {target_id(vault, target) for target in request.targets.filter(outcome=outcome)}

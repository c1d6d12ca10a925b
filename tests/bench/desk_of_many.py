"""A desk with very many requests, and the pages that show them. Import after django.setup()."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.audit.models import Chain, Entry
from compliance.core import clock
from compliance.core.keyset import cursor_beside
from compliance.execution.models import Batch, BatchState, Call
from compliance.people.membership import add_person
from compliance.people.models import Grant
from compliance.people.roles import Role
from compliance.subscriptions.registration import add_subscription
from compliance.workflow import queries
from compliance.workflow.attention import raise_attention
from compliance.workflow.models import Attention, Request
from compliance.workflow.opening import Wish, open_request
from compliance.workflow.sealing import Subject
from compliance.workflow.states import AskedKind, Channel, Identity, Kind, Outcome, State
from compliance.workflow.things import named
from tests.bench.filling import cases, hurry, multiply, say_in_sql, settle_down, top
from tests.request_fixtures import look_up

VISITOR, MAILBOX = "visitor-jane", "jane@person.example"
#: One in five is open, and each open state has as many as any other.
OPEN_STATES = [State.PREVIEWED, State.REJECTED, State.NOTHING_FOUND, State.CONFIRMING, State.EXECUTING]
DAYS = 1_000


class DeskOfMany:
    """Grows, and is looked at by one officer."""

    def __init__(self):
        self.analyst = add_person(name="Ana", email="ana@desk.example", roles=[Role.ANALYST], by=None)
        self.officer = add_person(name="Otto", email="otto@desk.example", roles=[Role.OFFICER], by=None)
        Grant.objects.update(granted_at=clock.now())
        names = ("Main", "Second", "Rare")
        self.subscriptions = [
            add_subscription(name=name, region="us", production=True, by=None) for name in names
        ]
        self.number = 0
        self.known = self.opened()
        self.browser = Client()
        self.browser.force_login(self.officer)

    # -- Rows ----------------------------------------------------------------------------------------------

    def opened(self, visitors=(VISITOR,), by=None):
        """One request made by the verbs, and looked up."""
        wish = Wish(
            law="EU_GDPR",
            received_on=clock.today(),
            channel=Channel.EMAIL,
            identity=Identity.MAILBOX,
            things=named(AskedKind.VISITOR, visitors),
            subscriptions=self.subscriptions[:1],
            subject=Subject("Jane Doe", MAILBOX),
        )
        request = open_request(wish=wish, by=by or self.analyst)
        look_up(request)
        return request

    def grow(self, size):
        """So many requests stand, with all that belongs to them; returns the pages that list them."""
        hurry()
        first, last = self.number + 1, size - 1
        source = self.known
        offset = top(Request) - self.number
        key, today = f"n + {offset}", clock.today().isoformat()
        state = cases(
            ("n % 50 = 0", State.CANCELLED),
            *((f"n % 25 = {place}", each) for place, each in enumerate(OPEN_STATES, start=1)),
            otherwise=State.CLOSED,
        )
        is_open = f"(n % 25 BETWEEN 1 AND {len(OPEN_STATES)})"
        multiply(
            source,
            first,
            last,
            id=key,
            reference=say_in_sql("reference"),
            state=state,
            kind=cases(("n % 3 = 0", list(Kind)[-1]), otherwise=Kind.ERASURE),
            law=cases(("n % 9973 = 1", ""), ("n % 5 = 0", "UK_GDPR"), otherwise="EU_GDPR"),
            received_on=say_in_sql("day", f"-(n % {DAYS})", today),
            send_by=say_in_sql("day", f"20 - (n % {DAYS})", today),
            legal_by=say_in_sql("day", f"42 - (n % {DAYS})", today),
            closed_at=f"CASE WHEN {is_open} THEN NULL ELSE {say_in_sql('moment', 'n', today)} END",
            entered_by_id=self._whoever_entered(),
        )
        self._link(key, first, last)
        for row in (source.asked.get(), source.targets.get(), source.subject_digests.get()):
            asked = {"asked_id": f"{source.asked.get().pk}"} if hasattr(row, "asked_id") else {}
            multiply(row, first, last, request_id=key, digest=say_in_sql("digest"), **asked)
        multiply(source.previews.get(), first, last, request_id=key)
        self._remember(first, last)
        for request in Request.objects.filter(
            pk__in=[offset + n for n in range(first, last, 1 + size // 500)]
        ):
            raise_attention(
                request=request,
                subscription=self.subscriptions[0],
                reason=Attention.Reason.RECEIPT_OVERDUE,
            )
        self.number = last
        settle_down()
        return self.pages()

    def _link(self, key, first, last):
        through = Request.subscriptions.through
        main, second, rare = (subscription.pk for subscription in self.subscriptions)
        which = f"CASE WHEN n % 997 = 1 THEN {rare} WHEN n % 3 = 0 THEN {second} ELSE {main} END"
        multiply(through.objects.get(request=self.known), first, last, request_id=key, subscription_id=which)
        changer, person = Request.changers.through.objects.get(request=self.known), self._whoever_entered()
        multiply(changer, first, last, request_id=key, person_id=person)

    def _whoever_entered(self):
        return f"CASE WHEN n % 101 = 1 THEN {self.officer.pk} ELSE {self.analyst.pk} END"

    def _remember(self, first, last):
        """Each has a chain with an entry."""
        chain = Chain.objects.get(name=self.known.chain)
        offset = top(Chain) - first + 1
        name = f"'request/' || {say_in_sql('reference')}"
        multiply(chain, first, last, id=f"n + {offset}", name=name, length="1")
        entry, today = chain.entries.first(), clock.today().isoformat()
        at = say_in_sql("moment", "n", today)
        multiply(entry, first, last, chain_id=f"n + {offset}", hash=say_in_sql("hash"), at=at)

    def executing(self, *, targets, batches, entries):
        """A request with so many targets that is being sent."""
        request = self.opened([f"one of {targets}"])
        Request.objects.filter(pk=request.pk).update(state=State.EXECUTING)
        request.refresh_from_db()
        batch = Batch.objects.create(request=request, subscription=self.subscriptions[0], number=1)
        Call.objects.create(batch=batch, endpoint="bulk", count=1, digest="0" * 64, lease_token="0")
        outcome = cases(
            ("n % 3 = 0", Outcome.ACCEPTED), ("n % 1000 = 1", Outcome.FAILED), otherwise="pending"
        )
        commitment = digest = say_in_sql("digest")
        multiply(request.targets.get(), 2, targets, outcome=outcome, digest=digest, commitment=commitment)
        offset = top(Batch)
        state = cases((f"n < {batches // 2}", BatchState.ACCEPTED), otherwise=BatchState.READY)
        multiply(batch, 2, batches, id=f"n + {offset}", number="n", state=state)
        multiply(batch.calls.get(), 2, batches, batch_id=f"n + {offset}")
        last = Entry.objects.filter(chain__name=request.chain).order_by("-number").first()
        multiply(last, last.number + 1, entries, number="n", hash=say_in_sql("hash"))
        Chain.objects.filter(name=request.chain).update(length=entries)
        settle_down()
        return request

    # -- Pages ---------------------------------------------------------------------------------------------

    def pages(self):
        """Every list of requests, by name."""
        day = clock.today().isoformat()
        far = {"at": self._middle(queries.open_requests(), ("send_by", "pk"))}
        far_back = {"ended": 1, "at": self._middle(queries.ended_requests(), ("-closed_at", "-pk"))}
        lists = {
            "requests, open": {},
            "requests, open, far inside": far,
            "requests, ended": {"ended": 1},
            "requests, ended, far inside": far_back,
            "requests, nothing found": {"state": State.NOTHING_FOUND},
            "requests, cancelled": {"ended": 1, "state": State.CANCELLED},
            "requests, a kind": {"kind": list(Kind)[-1]},
            "requests, a law": {"law": "UK_GDPR"},
            "requests, law not known (rare)": {"law": "unknown"},
            "requests, ended, a law": {"ended": 1, "law": "UK_GDPR"},
            "requests, a subscription": {"subscription": self.subscriptions[1].pk},
            "requests, a subscription (rare)": {"subscription": self.subscriptions[2].pk},
            "requests, overdue": {"due": "overdue"},
            "requests, past the law's last day": {"due": "late"},
            "requests, due this week": {"due": "week"},
            "requests, need a person": {"waits": "person"},
            "requests, wait for my decision": {"waits": "decision"},
            "requests, entered by me": {"mine": "on"},
            "requests, ended, entered by me": {"ended": 1, "mine": "on"},
            "requests, received today": {"received_from": day, "received_to": day},
            "requests, ended, received today": {"ended": 1, "received_from": day, "received_to": day},
            "requests, a law, sent back, by me": {"law": "EU_GDPR", "state": State.REJECTED, "mine": "on"},
        }
        found = {"home": self.get("/"), "needs a person": self.get("/attention/")}
        found |= {name: self.get("/requests/", values) for name, values in lists.items()}
        for what, text in (("visitor", VISITOR), ("e-mail", MAILBOX), ("reference", self.known.reference)):
            found[f"search by {what}"] = self.post("/search/", {"text": text})
        return found | {"search that finds nothing": self.post("/search/", {"text": "nobody"})}

    def pages_of(self, request):
        """The pages of one request, by name."""
        own = f"/requests/{request.reference}/"
        middle = self._middle(request.targets.order_by("pk"), ("pk",))
        return {
            "request": self.get(own),
            "request, the part that moves": self.get(f"{own}progress/", {"state": request.state}),
            "targets": self.get(f"{own}targets/"),
            "targets, far inside": self.get(f"{own}targets/", {"at": middle}),
            "targets, failed": self.get(f"{own}targets/", {"outcome": Outcome.FAILED}),
            "targets, of a subscription": self.get(
                f"{own}targets/", {"subscription": self.subscriptions[0].pk}
            ),
            "targets, of a kind": self.get(f"{own}targets/", {"kind": "visitor"}),
            "batches": self.get(f"{own}batches/"),
            "batches, ready": self.get(f"{own}batches/", {"state": BatchState.READY}),
            "entries": self.get(f"{own}entries/"),
        }

    def _middle(self, rows, order):
        """The cursor of a page half-way through."""
        return cursor_beside(rows.order_by(*order)[rows.count() // 2], order=order)

    def get(self, url, values=None):
        """Asks for a page."""
        return lambda: self._well(self.browser.get(url, values or {}))

    def post(self, url, values):
        """Asks for a page that answers a form."""
        return lambda: self._well(self.browser.post(url, values))

    def queries(self, ask):
        """How many queries it takes."""
        with CaptureQueriesContext(connection) as caught:
            ask()
        return len(caught)

    def _well(self, answer):
        assert answer.status_code == 200, answer
        return answer

"""Invents visitors, accounts and guides from a number: the same seed makes the same world."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from compliance.sandbox import keys
from compliance.sandbox.deletions import Deletions
from compliance.sandbox.lists import Report, Segment
from compliance.sandbox.odd_ids import COMPANIES, odd_id
from compliance.sandbox.records import Account, AppVisits, Guide, Visitor
from compliance.sandbox.shelf import Marks, Shelf
from compliance.sandbox.trail import Trail
from compliance.sandbox.world import Subscription, World

PLAIN_ID = re.compile(r"[a-z0-9.@-]+")
DAY_MS: Final = 86_400_000
# Of each forty visitors, so many have e-mails as ids, then UUIDs; the last seven have odd ids.
STRETCH: Final = 40
EMAILS_END: Final = 24
UUIDS_END: Final = 33
FAMILY: Final = 20
MASK: Final = (1 << 64) - 1
FIRST_NAMES = (
    "ana",
    "ben",
    "carla",
    "dilek",
    "emil",
    "fatou",
    "goran",
    "hana",
    "ivo",
    "jun",
    "kofi",
    "lena",
    "mei",
)
LAST_NAMES = (
    "berg",
    "costa",
    "diaz",
    "eriksen",
    "fischer",
    "gruber",
    "haddad",
    "ito",
    "jansen",
    "kowalski",
    "lopez",
)
DOMAINS = ("harbour.example", "nordlicht.example", "acme-rail.example", "mail.example", "kestrel.example")
QA_ACCOUNT = "qa-playground"
QA_APP = 5_424_242
GUIDE_STATES = ("public", "staged", "draft", "disabled", "public")
GUIDE_KINDS = ("lightbox", "tooltip", "banner", "poll")


def mixed(seed: int, number: int) -> int:
    """Return 64 bits that look random and depend only on the arguments."""
    bits = ((number + 1) * 0x9E3779B97F4A7C15 ^ (seed + 1) * 0xBF58476D1CE4E5B9) & MASK
    bits = (bits ^ bits >> 29) * 0x94D049BB133111EB & MASK
    return bits ^ bits >> 32


@dataclass(frozen=True, slots=True)
class Invention:
    """What a seed makes; `today` is epoch milliseconds, before which all visits lie."""

    seed: int
    accounts: tuple[str, ...]
    today: int

    def visitor_id(self, number: int) -> str:
        """Return the id of a visitor: six of ten are e-mails, a quarter UUIDs, the rest odd in many ways."""
        stretch, slot = divmod(number, STRETCH)
        if number == 0:
            return f"_PENDO_T_{mixed(self.seed, number):x}"
        if slot < EMAILS_END:
            return self._email(number)
        if slot < UUIDS_END:
            return str(UUID(int=mixed(self.seed, number) << 64 | mixed(self.seed + 1, -number), version=4))
        return odd_id(slot - UUIDS_END, stretch, self._serial(number))

    def visitor(self, record_id: str, number: int) -> Visitor:
        """Return the visitor of this number, whose id was made from it."""
        bits = mixed(self.seed, number)
        last_visit = self.today - bits % (1000 * DAY_MS)
        return Visitor(
            id=record_id,
            email=self._email_of(number, bits),
            first_visit=last_visit - (bits >> 20) % (700 * DAY_MS),
            last_visit=last_visit,
            accounts=self._accounts_of(bits),
            excluded=not bits % 199,
        )

    def account(self, record_id: str, number: int) -> Account:
        """Return the account of this number."""
        bits = mixed(self.seed, -number - 1)
        last_visit = self.today - bits % (90 * DAY_MS)
        return Account(
            id=record_id,
            name=f"{COMPANIES[number % len(COMPANIES)]} {number}",
            first_visit=self.today - 1100 * DAY_MS,
            last_visit=last_visit,
            # Of each twenty accounts, the last is a child of the one before.
            parent=self.accounts[number - 1] if number % FAMILY == FAMILY - 1 else None,
        )

    def _serial(self, number: int) -> int:
        # Never the same for two seeds: what one subscription holds, another doesn't.
        return number * 100 + self.seed % 100

    def _email(self, number: int) -> str:
        first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]
        return f"{first}.{last}{self._serial(number)}@{DOMAINS[number % len(DOMAINS)]}"

    def _email_of(self, number: int, bits: int) -> str | None:
        if number == 0 or not bits % 23:
            return None
        # Some people have two visitors under one e-mail.
        return self._email(number - 1 if not bits % 97 else number)

    def _accounts_of(self, bits: int) -> tuple[str, ...]:
        count = len(self.accounts)
        if not count or not bits % 20:
            return ()
        first = bits >> 8
        if not bits % 12 and count > 1:
            return (self.accounts[first % count], self.accounts[(first + 1) % count])
        return (self.accounts[first % count],)


def account_ids(seed: int, count: int) -> tuple[str, ...]:
    """Return account ids: company names with spaces, slashes and ampersands, numbers, short names."""
    return tuple(_account_id(number, number * 100 + seed % 100) for number in range(count))


def _account_id(number: int, serial: int) -> str:
    company = COMPANIES[number % len(COMPANIES)]
    shapes = (f"{company} {serial}", f"acct-{serial}", f"{company}/north {serial}", str(100_000 + serial))
    return shapes[number % len(shapes)]


def invented_guides(seed: int, count: int, today: int) -> dict[str, Guide]:
    """Return guides by id; every fifth or so is staged."""
    guides = (_guide(mixed(seed, number + 7_000_000), number, today) for number in range(count))
    return {guide.id: guide for guide in guides}


def _guide(bits: int, number: int, today: int) -> Guide:
    return Guide(
        id=f"g{bits:016x}",
        name=f"Guide {number + 1}",
        state=GUIDE_STATES[number % len(GUIDE_STATES)],
        kind=GUIDE_KINDS[number % len(GUIDE_KINDS)],
        created_at=today - (number + 30) * DAY_MS,
        last_updated_at=today - number * DAY_MS,
    )


def fill(
    *, world: World, subscription: Subscription, visitors: int, accounts: int, guides: int, seed: int
) -> None:
    """Afterwards the subscription holds so many invented records, and nothing of before but its keys."""
    today = world.now_ms() // DAY_MS * DAY_MS
    invention = Invention(seed, account_ids(seed, accounts), today)
    numbered = {invention.visitor_id(number): number for number in range(visitors)}
    with world.lock:
        subscription.visitors = Shelf(numbered, invent=invention.visitor)
        numbered_accounts = {record_id: number for number, record_id in enumerate(invention.accounts)}
        subscription.accounts = Shelf(numbered_accounts, invent=invention.account)
        subscription.guides = invented_guides(seed, guides, today)
        subscription.do_not_process = {"visitor": Marks(), "account": Marks()}
        subscription.deletions = Deletions()
        subscription.segments, subscription.reports, subscription.exports = {}, {}, {}
        subscription.apps, subscription.custom_fields = set(), set()
        subscription.resets = []
        subscription.trail = Trail()


def fill_default_world(world: World, *, visitors: int = 3_000) -> None:
    """Afterwards there are `demo` with so many visitors, and `other` with 500 different ones."""
    demo = Subscription("demo", {keys.DEMO_WRITE_KEY: True, keys.DEMO_READ_KEY: False})
    other = Subscription("other", {keys.OTHER_WRITE_KEY: True})
    world.subscriptions = {each.name: each for each in (demo, other)}
    fill(world=world, subscription=demo, visitors=visitors, accounts=60, guides=25, seed=1)
    fill(world=world, subscription=other, visitors=500, accounts=20, guides=10, seed=2)


def add_test_visitors(world: World, subscription: Subscription, *, count: int = 120) -> None:
    """Afterwards nightly tests have left visitors in the subscription, and there are lists of them.

    A shared segment, one that mixes rules about accounts, and a private one; a public report of visitors and
    one of accounts; and a funnel, which is public but can't be read.
    """
    now = world.now_ms()
    with world.lock:
        subscription.add_visitors(*(_test_visitor(number, now) for number in range(count)))
        subscription.accounts.add({QA_ACCOUNT: Account(QA_ACCOUNT, "QA playground", now - DAY_MS, now)})
        segments = (
            Segment("sgQaVisitors", "QA visitors", _is_for_tests),
            Segment("sgQaPlayground", "People of the QA playground", _is_of_qa_account, by_accounts=True),
            Segment("sgQaPrivate", "Dilek's own QA visitors", _is_for_tests, shared=False),
        )
        reports = (
            Report("rpQaVisitors", "Visitors of nightly tests", "visitor", _is_for_tests),
            Report("rpQaAccounts", "Accounts of tests", "account", lambda account: account.id == QA_ACCOUNT),
            Report("rpOnboarding", "Onboarding funnel", "visitor", sort="Funnel"),
            Report("rpPrivate", "Carla's visitors", "visitor", _is_for_tests, public=False),
        )
        subscription.segments = {each.id: each for each in segments}
        subscription.reports = {each.id: each for each in reports}


def _test_visitor(number: int, now: int) -> Visitor:
    last_visit = now - (number % 14) * DAY_MS - number
    name = f"qa-nightly-{number:04}"
    return Visitor(
        id=name if number % 3 else f"{name}@qa.example",
        email=f"{name}@qa.example",
        first_visit=last_visit - DAY_MS,
        last_visit=last_visit,
        accounts=(QA_ACCOUNT,) if number % 4 == 0 else (),
        custom=(("environment", "qa" if number % 5 else "staging"),),
        apps=(AppVisits(QA_APP, last_visit, last_visit + number, ()),) if number % 6 == 0 else (),
    )


def _is_for_tests(visitor: Visitor) -> bool:
    return ("environment", "qa") in visitor.custom


def _is_of_qa_account(visitor: Visitor) -> bool:
    return QA_ACCOUNT in visitor.accounts


def sample_ids(subscription: Subscription, size: int) -> list[str]:
    """Return ids of all shapes to try, the odd ones first."""
    ids = subscription.visitors.sample(size * 4)
    return sorted(ids, key=lambda record_id: PLAIN_ID.fullmatch(record_id) is not None)[:size]

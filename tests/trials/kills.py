"""The kill trial: nothing is lost, nothing is sent twice unasked, whatever dies at whatever moment."""

import json
import random
import time
from dataclasses import dataclass, field

from tests.trials.havoc import Havoc
from tests.trials.site import SANDBOX, TIMINGS, Site
from tests.trials.work import LARGE, People, plan

#: The sandbox allows for as much: of two calls that keep the interval exactly, the second may arrive early.
NETWORK = 0.95
#: So many of the kills wait until a worker has worked since the last one, but not for longer than this.
WAITING_SHARE, MOST_SECONDS = 0.7, 30
READ_SECONDS, TELL_SECONDS = 1, 30


@dataclass(frozen=True)
class Measure:
    """How large a trial is. `patience`: seconds after the last kill in which all has to come to its end."""

    kills: int = 200
    visitors: int = 20_000
    resets: int = 2_000
    large: int = LARGE
    every: float = 4
    patience: float = 900
    #: The share of the interval that two bulk calls may not fall short of.
    network: float = NETWORK
    #: The one id that is always refused is asked together with at most so many: that many have to be halved.
    refused_among: int = LARGE + 1
    #: At these shares of the kills, Pendo leaves a few ids behind.
    left_behind_at: tuple = (0.2, 0.6)
    sandbox: dict = field(default_factory=lambda: SANDBOX)


@dataclass
class Outcome:
    """What a trial came to; it is passed if there is no breach."""

    kills: dict
    seconds: float
    facts: dict
    breaches: list = field(default_factory=list)


def run(folder, database, measure, *, seed, groups=1, say=lambda _: None):
    """A trial from its first process to its last."""
    chance = random.Random(seed)  # noqa: S311 -- the same seed makes the same chances
    visitors = measure.visitors * 3 // 2 + measure.resets + 500
    site = Site(folder, database, groups=groups, visitors=visitors, sandbox=measure.sandbox)
    try:
        site.start()
        trial = Trial(chance, site, measure, say)
        trial.run()
        left = len(site.leftovers())
        verdict = judge(site, trial)
    finally:
        forced = site.stop()
    outcome = Outcome(dict(trial.havoc.kills), trial.seconds, verdict["facts"], verdict["breaches"])
    outcome.facts |= {"faults": sum(trial.havoc.faults.values()), "unanswered": trial.people.unanswered}
    if left or forced:
        outcome.breaches.append(f"{left} processes of dead supervisors lived on, {forced} to the very end")
    return outcome


class Trial:
    """Work, kills and faults, side by side."""

    def __init__(self, chance, site, measure, say):
        self.chance, self.site, self.measure, self.say = chance, site, measure, say
        self.errands = plan(
            chance, site, visitors=measure.visitors, resets=measure.resets, large=measure.large
        )
        self.people, self.havoc = People(site), Havoc(chance, site)
        self.queued_by_others, self.poison = [], ""
        self.seconds = 0.0
        self._last_kill, self._waits = 0.0, False
        self._left_behind = list(measure.left_behind_at)

    @property
    def killed(self):
        return sum(self.havoc.kills.values())

    def run(self):
        """Returns once every request is closed and every kill done, or patience is at its end."""
        self._refuse_one()
        began, ended = time.monotonic(), None
        kill, fault = (ByChance(self.chance, self.measure.every) for _ in range(2))
        read, tell = Regular(READ_SECONDS), Regular(TELL_SECONDS)
        while not (self.killed >= self.measure.kills and all(errand.closed for errand in self.errands)):
            if self.killed < self.measure.kills:
                if kill.due() and self._may_die() and self.havoc.kill():
                    self._last_kill = time.monotonic()
                    self._waits = self.chance.random() < WAITING_SHARE
                    kill.again()
                if fault.due():
                    self.havoc.disturb()
                    fault.again()
                self._leave_behind()
            else:
                ended = ended or time.monotonic()
                if time.monotonic() > ended + self.measure.patience:
                    break
            self.site.look_after()
            self._open_due()
            if read.due():
                self._approve()
                read.again()
            self.seconds = time.monotonic() - began
            if tell.due():
                self._tell()
                tell.again()
            time.sleep(0.05)
        self.people.close()

    def _may_die(self):
        """Mostly once something works again: a slow machine would only ever start. Now and then at once."""
        late = time.monotonic() > self._last_kill + MOST_SECONDS
        return not self._waits or late or self.site.works(within=time.monotonic() - self._last_kill)

    def _leave_behind(self):
        """A few of the next ids stay, although Pendo says that they are deleted."""
        if self._left_behind and self.killed >= self._left_behind[0] * self.measure.kills:
            self._left_behind.pop(0)
            self.site.control("settings", {"leave_behind": 2})

    def _refuse_one(self):
        """One id that every bulk delete is refused for, in whatever company."""
        erasures = [each for each in self.errands if each.kind != "guide_reset"]
        few = [each for each in erasures if len(each.ids) <= self.measure.refused_among]
        errand = self.chance.choice(few or [min(erasures, key=lambda each: len(each.ids))])
        self.poison = self.chance.choice(errand.ids[:-1])
        self.site.control("refuse", {"subscription": "demo", "visitors": [self.poison]})

    def _open_due(self):
        """The next request whose time has come is opened; one that got no answer is opened again."""
        for errand in self.errands:
            if not errand.reference and errand.due * self.measure.kills <= self.killed:
                self.people.open(errand)
                return

    def _approve(self):
        """Whatever waits for its approval gets it; now and then somebody else has one of its ids deleted."""
        states = self.people.states()
        for errand in self.errands:
            request = states.get(errand.reference)
            if request and not errand.approved and request["state"] == "previewed":
                self._interfere(errand)
                self.people.approve(errand, request["preview"])
            errand.closed = bool(request) and request["state"] == "closed"

    def _interfere(self, errand):
        if errand.kind != "guide_reset" and self.chance.random() < 0.3:
            ids = [each for each in errand.ids[:2] if each != self.poison and not each.startswith("nobody-")]
            if ids and not set(ids) & set(self.queued_by_others):
                self.site.control("queue", {"subscription": "demo", "visitors": ids})
                self.queued_by_others += ids

    def _all_closed(self):
        return all(errand.closed for errand in self.errands)

    def _tell(self):
        closed = sum(errand.closed for errand in self.errands)
        of = f"{closed} of {len(self.errands)} requests closed"
        self.say(f"  {self.seconds:4.0f} s: {self.killed} of {self.measure.kills} kills, {of}")


class Regular:
    """Something to be done so often (seconds)."""

    def __init__(self, seconds):
        self.seconds = seconds
        self._at = time.monotonic()

    def due(self):
        return time.monotonic() >= self._at

    def again(self):
        self._at = time.monotonic() + self.seconds


class ByChance(Regular):
    """Something to be done so often on average."""

    def __init__(self, chance, seconds):
        super().__init__(seconds)
        self._chance = chance

    def again(self):
        self._at = time.monotonic() + self._chance.expovariate(1 / self.seconds)


def judge(site, trial):
    """What the database and the sandbox's books say, compared in a process of its own."""
    given = {
        "sandbox": site.sandbox,
        "erased": [each for errand in trial.errands if errand.kind != "guide_reset" for each in errand.ids],
        "by_others": trial.queued_by_others,
        "poison": trial.poison,
        "references": [errand.reference for errand in trial.errands],
        "asked": sum(len(errand.ids) for errand in trial.errands),
        "interval": TIMINGS["bulk_interval"] * trial.measure.network,
        # The age of a call counts from when it was written down, up to a slot before it was sent.
        "wait": TIMINGS["settle_after"] - 2 * TIMINGS["bulk_interval"],
        # So does that of a day of asking.
        "day": TIMINGS["inconclusive_after"] - 2 * TIMINGS["bulk_interval"],
    }
    return site.ask("verdict", given=json.dumps(given))

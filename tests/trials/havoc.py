"""What goes wrong in a kill trial, by chance: processes and database connections die, Pendo misbehaves."""

import time
from collections import Counter

import psutil
import psycopg

#: What is killed, and how often beside the others. Database connections exist on PostgreSQL only.
WEIGHTS = {
    "worker": 40,
    "leader": 8,
    "sentinel": 6,
    "monitor": 8,
    "pusher": 8,
    "group": 8,
    "web": 6,
    "supervisor": 4,
    "connection": 12,
}
BULK = {"method": "POST", "prefix": "/api/v1/bulkdelete/visitor"}
RESETS = {"method": "POST", "prefix": "/api/v1/guide"}
READS = (
    {"prefix": "/api/v1/visitor"},
    {"prefix": "/api/v1/aggregation"},
    {"method": "GET", "prefix": "/api/v1/bulkdelete"},
)
REFUSALS = ("status_429", "status_500", "status_502", "status_503")
LOSSES = ("drop_before", "drop_after", "html", "garbage")
#: One that doesn't run for so long gives way to another.
MOST_SECONDS = 20
#: More at a time would only fend off one call after the other, once nothing is killed any more.
MOST_FAULTS = 3
OTHERS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    ORDER BY pid
"""
#: Longer than a call may take, and shorter than a lost one is waited for.
HANG_SECONDS = 4.0


class Havoc:
    """Kills one process after the other, and switches faults on; counts what it did."""

    def __init__(self, chance, site):
        self.chance, self.site = chance, site
        self.kills = Counter()
        self._next, self._since = None, 0.0
        self.faults = Counter()
        self._on_postgres = site.database.startswith("postgres")

    def kill(self):
        """Whether something is dead that lived: what chance has named, once such a process runs."""
        if self._next is None or time.monotonic() > self._since + MOST_SECONDS:
            weights = {name: WEIGHTS[name] for name in WEIGHTS if name != "connection" or self._on_postgres}
            self._next = self.chance.choices(list(weights), list(weights.values()))[0]
            self._since = time.monotonic()
        what = self._next
        killed = self._end_connection() if what == "connection" else self._kill(what)
        if killed:
            self.kills[what] += 1
            self._next = None
        return killed

    def _kill(self, what):
        running = self.chance.choice(self.site.machines).victims().get(what)
        if not running:
            return False
        victim = self.chance.choice(running)
        try:
            for process in [victim, *(victim.children(recursive=True) if what == "group" else ())]:
                process.kill()
        except psutil.NoSuchProcess:
            return False
        return True

    def _end_connection(self):
        """As after a failover: the server ends a connection, whatever stands in it."""
        with psycopg.connect(self.site.database, autocommit=True) as connection:
            pids = [row[0] for row in connection.execute(OTHERS)]
            if not pids:
                return False
            ended = connection.execute("SELECT pg_terminate_backend(%s)", [self.chance.choice(pids)])
            return bool(ended.fetchone()[0])

    def disturb(self):
        """The next call or calls of some kind meet a fault, unless enough of them wait already."""
        if len(self.site.look("state")["faults"]) >= MOST_FAULTS:
            return
        where = self.chance.choice([BULK, BULK, BULK, RESETS, *READS])
        kinds = [*REFUSALS, *LOSSES, *(["hang"] if where is BULK else [])]
        kind, times = self.chance.choice(kinds), self.chance.choice([1, 1, 2])
        acts = kind != "status_429" and self.chance.random() < 0.5
        self.site.control(
            "faults", {"kind": kind, "times": times, "seconds": HANG_SECONDS, "acts": acts} | where
        )
        self.faults[kind] += 1

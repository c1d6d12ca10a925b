"""`./run bench whole`: a large file, a leaving customer and many guide resets, from the upload to closed.

The whole product runs as it does for `./run`, on SQLite in a throw-away folder, and is used over HTTP by the
demo's people, with the pace of bulk calls lifted. What became of the visitors is read in the sandbox's books.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil

from tests.bench.table import say

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

DAMAGED, UNKNOWN = 200, 7
NEW_KEY = "5a4db0c5-0000-4000-8000-00000000be7c.us"
TIMINGS = (
    '{"bulk_interval": 0, "receipt": [2, 5], "recheck": [2, 5, 10], "ask": [1, 2], "settle_after": 4, '
    '"retry": [1, 2]}'
)


def add_arguments(parser: ArgumentParser) -> None:
    """How much."""
    parser.add_argument("--visitors", type=int, default=2_000_000, help="in the sandbox (default 2,000,000)")
    parser.add_argument("--file", type=int, default=300_000, help="of them in the file (default 300,000)")
    parser.add_argument("--staff", type=int, default=3_000, help="visitors of the customer (default 3,000)")
    parser.add_argument("--resets", type=int, default=2_000, help="guide resets (default 2,000)")


def run(options: Namespace) -> None:
    """Print what happened, and how long it took."""
    with tempfile.TemporaryDirectory(prefix="erasure-desk-bench-") as name:
        folder = Path(name)
        os.environ |= {"DJANGO_SETTINGS_MODULE": "compliance.settings", "DEMO": "1", "VAR_DIR": name}
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'desk.sqlite3'}"
        from tests.e2e.desk import SECRETS, Colleague, start_desk  # noqa: PLC0415 -- reads the settings

        os.environ |= SECRETS
        desk = start_desk(folder, TIMINGS=TIMINGS)
        try:
            fill(desk, options)
            people = [Colleague(desk, f"{who}@demo.example") for who in ("analyst", "officer", "keys")]
            for colleague in people[1:]:
                colleague.prove_who_they_are()
            trial = Trial(desk, *people)
            trial.file(folder / "leavers.csv", options)
            trial.customer(options)
            trial.resets(options)
        finally:
            desk.stop()


def fill(desk, options):
    """So many visitors, quick deletions; a customer whose staff is among them, some of it elsewhere, too."""
    control(desk, "settings", {"min_interval": 0, "start_after": 1, "done_after": 3})
    control(desk, "seed", {"subscription": "demo", "visitors": options.visitors})
    control(desk, "accounts", {"subscription": "demo", "accounts": ["Leaving & Sons", "Staying Ltd"]})
    for start in range(0, options.staff, 1_000):
        rows = [
            {
                "id": f"staff/{number}@leaving.example",
                "email": f"staff/{number}@leaving.example",
                "accounts": ["Leaving & Sons", *(["Staying Ltd"] if number < options.staff // 75 else [])],
            }
            for number in range(start, min(start + 1_000, options.staff))
        ]
        control(desk, "visitors", {"subscription": "demo", "visitors": rows})


def control(desk, what, values):
    """The sandbox is told."""
    httpx.post(f"{desk.sandbox}/{what}", json=values, timeout=600).raise_for_status()


class Trial:
    """An analyst, an officer and a key custodian at work."""

    def __init__(self, desk, analyst, officer, custodian):
        self.desk, self.analyst, self.officer, self.custodian = desk, analyst, officer, custodian
        self.most_memory = 0.0
        for colleague in (analyst, officer, custodian):
            colleague.http.timeout = 300

    # -- the three ways ------------------------------------------------------------------------------------

    def file(self, path, options):
        """A file with damaged lines is uploaded, checked, recorded, approved and carried out."""
        write(path, options)
        began = time.monotonic()
        page = self.analyst.get("/requests/upload/?kind=test_data")
        with path.open("rb") as stream:
            answer = self.analyst.http.post(
                "/requests/upload/",
                data=self.wish(page, kind="test_data"),
                files={"file": (path.name, stream, "text/csv")},
            )
        upload = answer.url.path
        received = time.monotonic()
        self.until(lambda: "Record the request" in self.analyst.get(upload), "the file to be checked")
        checked = time.monotonic()
        text = words(self.analyst.get(upload))
        say(f"a file of {options.file:,} ids among {options.visitors:,} visitors, {DAMAGED} damaged lines:")
        say(f"  received in {received - began:.0f} s, checked in {checked - received:.0f} s")
        say("  the check page: " + cut(text, "What was understood", 300))
        recorded = self.analyst.post(f"{upload}record/", page=upload).text
        path = re.search(r'href="(/requests/ED-[^"/]+/)"', recorded).group(1)
        self.carry_out(path, checked, typed=f"{options.file:,}", meanwhile=self.replace_key)

    def customer(self, options):
        """A customer leaves: its account and its visitors, but those who belong to another one, too."""
        page = self.analyst.get("/requests/new/?kind=offboarding")
        began = time.monotonic()
        values = self.wish(page, kind="offboarding") | {"accounts": "Leaving & Sons", "with_visitors": "go"}
        reference = self.analyst.post("/requests/new/", **values).url.path
        say(f"a customer of {options.staff:,} visitors, {options.staff // 75} of whom belong elsewhere, too:")
        self.carry_out(reference, began)

    def resets(self, options):
        """A guide is shown afresh to many visitors."""
        guide = first_guide(self.desk)
        page = self.analyst.get("/requests/new/?kind=guide_reset")
        began = time.monotonic()
        # Those of the file stand at every so-manieth number: the ones behind them are still there.
        names = list(ids(options, count=options.resets, offset=1))
        values = self.wish(page, kind="guide_reset") | {"guides": guide, "visitors": "\n".join(names)}
        reference = self.analyst.post("/requests/new/", **values).url.path
        say(f"a guide reset for {len(names):,} visitors:")
        self.carry_out(reference, began)
        done = len(httpx.get(f"{self.desk.sandbox}/resets?subscription=demo").json()["resets"])
        say(f"  resets in the sandbox's books: {done:,}")

    # -- how -----------------------------------------------------------------------------------------------

    def wish(self, page, *, kind):
        """The fields that every kind has, as the form offers them."""
        subscription = re.search(r'name="subscriptions" value="(\d+)"', page).group(1)
        received = re.search(r'name="received_on" value="([^"]+)"', page).group(1)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
        return {
            "kind": kind,
            "subscriptions": subscription,
            "received_on": received,
            "csrfmiddlewaretoken": token,
        }

    def replace_key(self):
        """In mid-run, another key is entered, and Pendo refuses the former one from now on."""
        from compliance.sandbox.keys import DEMO_WRITE_KEY  # noqa: PLC0415 -- after the environment

        self.until(lambda: bulk_calls(self.desk) > 0, "the first call")
        control(self.desk, "keys", {"subscription": "demo", "key": NEW_KEY, "writes": True})
        self.custodian.post("/subscriptions/1/key/", key=NEW_KEY)
        sent = bulk_calls(self.desk)
        control(self.desk, "keys", {"subscription": "demo", "key": DEMO_WRITE_KEY, "revoked": True})
        say(f"  after {sent} bulk calls the key was replaced, and the former one revoked")

    def carry_out(self, path, began, typed=None, meanwhile=lambda: None):
        """Previewed, decided about, and closed; each with its time."""
        before = time.monotonic()
        self.until(lambda: "Waiting for approval" in self.analyst.get(path), "the preview")
        previewed = time.monotonic()
        decide = self.officer.get(f"{path}decide/")
        say(f"  previewed in {previewed - before:.0f} s; what the officer saw:")
        say(f"  {cut(words(decide), 'What would', 420)}")
        fields = dict(re.findall(r'name="(approve-(?:digest|count))" value="([^"]+)"', decide))
        number = typed or fields["approve-count"]
        self.officer.post(f"{path}decide/", **fields, **{"approve-typed": number}, approve="1")
        approved = time.monotonic()
        meanwhile()
        self.until(lambda: ">Closed<" in self.officer.get(path), "the request to be closed")
        closed = time.monotonic()
        say(f"  from the approval to closed {closed - approved:.0f} s, in all {closed - began:.0f} s")
        say(f"  {cut(words(self.officer.get(path)), 'The request was closed', 160)}")
        say(f"  memory of the largest process at most {self.most_memory:.0f} MB")

    def until(self, condition, what):
        """Returns once it holds; meanwhile the memory of all processes is looked at."""
        end = time.monotonic() + 1_800
        while not condition():
            if time.monotonic() > end:
                raise SystemExit(f"{what} did not come about in time")
            self.look_at_memory()
            time.sleep(1)

    def look_at_memory(self):
        """The most that one process of the desk holds, the sandbox left out."""
        for process in self.desk.processes():
            try:
                if "sandbox" not in process.cmdline():
                    self.most_memory = max(self.most_memory, process.memory_info().rss / 1e6)
            except psutil.Error:
                continue


def write(path, options):
    """The ids that the sandbox invents, a few that it doesn't know, some twice, and damaged lines."""
    every = options.file // DAMAGED
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write("name;visitor id\r\n")
        for number, name in enumerate(ids(options, count=options.file)):
            quoted = name.replace('"', '""')
            out.write(f'Jane Doe;"{quoted}"\r\n')
            if number % every == 0:
                out.write("Jane Doe, cut off\r\n")
        for number in range(UNKNOWN):
            out.write(f"Jane Doe;nobody-{number}\r\n" * 2)


def ids(options, *, count, offset=0):
    """Ids that the sandbox invents, evenly spread."""
    from compliance.sandbox.seed import Invention, account_ids  # noqa: PLC0415 -- after the environment

    invention = Invention(1, account_ids(1, 60), 0)
    step = options.visitors // options.file
    return (invention.visitor_id(number * step + offset) for number in range(count))


def first_guide(desk):
    """The id of one of the sandbox's guides, asked for as Pendo is."""
    address = desk.sandbox.removesuffix("/_sandbox") + "/api/v1/guide"
    return httpx.get(address, headers={"x-pendo-integration-key": NEW_KEY}).json()[0]["id"]


def bulk_calls(desk):
    """How many bulk calls the sandbox has had."""
    calls = httpx.get(f"{desk.sandbox}/books?since=0", timeout=60).json()["calls"]
    return sum("bulkdelete" in call["route"] and call["method"] == "POST" for call in calls)


def words(page):
    """A page's text."""
    body = page.split("<main", 1)[-1]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def cut(text, start, size):
    """A part of a text."""
    begin = max(text.find(start), 0)
    return text[begin : begin + size]

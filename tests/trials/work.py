"""People at work while everything around them is killed: requests come in, are approved, and are followed.

All of it goes over the REST interface. A call without an answer is made again with the same Idempotency-Key.
"""

import itertools
import uuid
from dataclasses import dataclass, field

import httpx

from tests.trials.site import SUBSCRIPTION

#: Above so many, a request is looked up, and looked for, by scans.
LARGE = 2_800
SMALL = (1, 7, 30, 120, 200)
LARGE_SHARE = 0.7


@dataclass
class Errand:
    """A request to be opened once so large a share of the trial is over."""

    due: float
    kind: str
    ids: list
    guide: str = ""
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    reference: str = ""
    approved: bool = False
    closed: bool = False

    def body(self):
        targets = [{"type": "visitor", "id": each} for each in self.ids]
        if self.guide:
            targets.append({"type": "guide", "id": self.guide})
        law = {"law": "EU_GDPR"} if self.kind == "erasure" else {}
        return {"kind": self.kind, "subscription": SUBSCRIPTION, "targets": targets, **law}


def plan(chance, site, *, visitors, resets, large=LARGE):
    """So many visitors in large and small erasures, so many resets, at chance moments of the first 80 %."""
    there = iter(chance.sample(known := ids_of(site), len(known)))
    guides = [each["id"] for each in guides_of(site)]
    errands = []
    sizes = [*sizes_of(chance, int(visitors * LARGE_SHARE), [large]), *sizes_of(chance, visitors, SMALL)]
    left = visitors
    for size in sizes:
        ids = list(itertools.islice(there, min(size, left)))
        left -= len(ids)
        if ids:
            unknown = [f"nobody-{len(errands)}"]
            kind = chance.choice(["erasure", "test_data"])
            errands.append(Errand(chance.uniform(0, 0.8), kind, [*ids, *unknown]))
    for size in sizes_of(chance, resets, [1, 50, 200, 800]):
        ids = list(itertools.islice(there, size))
        errands.append(Errand(chance.uniform(0, 0.8), "guide_reset", ids, chance.choice(guides)))
    # Something to do from the first kill on.
    errands[0].due = errands[-1].due = 0
    return sorted(errands, key=lambda errand: errand.due)


def sizes_of(chance, total, choices):
    """Sizes that add up to the total."""
    while total > 0:
        size = min(chance.choice(choices), total)
        total -= size
        yield size


def ids_of(site):
    """Whom the sandbox knows, but for anonymous visitors and those whom no path can name in a reset."""
    known = site.look("visitors", subscription="demo")["visitors"]
    return [each for each in known if not each.startswith("_PENDO_T") and each not in (".", "..")]


def guides_of(site):
    from compliance.sandbox.keys import DEMO_WRITE_KEY  # noqa: PLC0415 -- kept beside its only use

    address = site.sandbox.removesuffix("/_sandbox") + "/api/v1/guide"
    return httpx.get(address, headers={"x-pendo-integration-key": DEMO_WRITE_KEY}).json()


class People:
    """An analyst who opens and an officer who approves."""

    def __init__(self, site):
        self.api = httpx.Client(base_url=f"{site.url}/api/v1", timeout=20)
        self.analyst, self.officer = site.tokens["analyst"], site.tokens["officer"]
        #: How often the web server gave no answer, and was asked again.
        self.unanswered = 0

    def open(self, errand):
        if answer := self._call("POST", "/requests", self.analyst, errand.key, errand.body()):
            errand.reference = answer["reference"]

    def states(self):
        """Every request's state by its reference, or nothing where the web server doesn't answer."""
        found, cursor = {}, ""
        while True:
            page = self._call("GET", f"/requests?limit=200&cursor={cursor}", self.analyst)
            if page is None:
                return {}
            found |= {each["reference"]: each for each in page["requests"]}
            cursor = page["next"]
            if not cursor:
                return found

    def approve(self, errand, preview):
        body = {"digest": preview["digest"], "count": preview["count"]}
        path = f"/requests/{errand.reference}/approve"
        errand.approved = bool(self._call("POST", path, self.officer, f"{errand.key}-approve", body))

    def close(self):
        self.api.close()

    def _call(self, method, path, token, key="", body=None):
        """The answer, or None where there was none: the same call may be made again."""
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        try:
            answer = self.api.request(method, path, json=body, headers=headers)
        except httpx.TransportError:
            self.unanswered += 1
            return None
        if answer.is_server_error:
            self.unanswered += 1
            return None
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

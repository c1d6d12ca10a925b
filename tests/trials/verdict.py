"""`python -m tests.trials.verdict`: whether what the database claims is what the sandbox's books say.

Reads from standard input what a trial did, prints facts and breaches as JSON.
"""

import itertools
import json
import os
import sys
from collections import Counter
from datetime import datetime

import httpx

#: After these, Pendo is asked which of the ids are queued already, and the others are sent again at once.
REFUSED_AS_A_WHOLE = (400, 422)


def main():
    os.environ["DJANGO_SETTINGS_MODULE"] = "compliance.settings"
    import django  # noqa: PLC0415 -- the environment comes first

    django.setup()
    verdict = Verdict(json.load(sys.stdin))
    verdict.reach()
    json.dump({"facts": verdict.facts, "breaches": verdict.breaches}, sys.stdout)


class Verdict:
    """What was found."""

    def __init__(self, given):
        self.given = given
        self.facts, self.breaches = {}, []

    def reach(self):
        self.judge_calls()
        self.judge_requests()
        self.judge_targets()
        self.judge_ledger()

    def hold(self, what, *, wrong):
        """A breach unless nothing is wrong."""
        if wrong:
            self.breaches.append(f"{what}: {wrong}")

    def look(self, what, **query):
        answer = httpx.get(f"{self.given['sandbox']}/{what}", params=query, timeout=120)
        answer.raise_for_status()
        return answer.json()

    # -- by the sandbox's books ----------------------------------------------------------------------------

    def judge_calls(self):
        calls = self.look("books", since=0)["calls"]
        bulk = [each for each in calls if each["method"] == "POST" and "bulkdelete" in each["route"]]
        gaps = [later["monotonic"] - former["monotonic"] for former, later in itertools.pairwise(bulk)]
        repeated = self.look("repetitions", subscription="demo")["repetitions"]
        without = [each for each in repeated if not each["asked"]]
        # Asked, too, but for so long without an answer that says something: that is recorded as such.
        recorded = self.recorded_as_inconclusive() if without else []
        in_doubt = [each for each in without if self.in_doubt(each, recorded)]
        unasked = [each for each in without if each not in in_doubt]
        waits = [each["seconds"] for each in repeated if each["status"] not in REFUSED_AS_A_WHOLE]
        self.facts |= {
            "calls": len(bulk),
            "refused": sum((each["status"] or 0) >= 400 for each in bulk),
            "asked": sum(each["method"] == "GET" and "bulkdelete" in each["route"] for each in calls),
            "repeated after asking": sum(len(each["ids"]) for each in repeated if each["asked"]),
            "repeated after a day of doubt": sum(len(each["ids"]) for each in in_doubt),
            "repeated without asking": sum(len(each["ids"]) for each in unasked),
            "smallest gap": round(min(gaps, default=0), 3),
            "shortest wait": round(min(waits, default=0), 1),
        }
        counted = [{**each, "ids": len(each["ids"])} for each in unasked]
        self.hold("sent again without having asked", wrong=counted)
        self.hold("closer than the interval", wrong=[gap for gap in gaps if gap < self.given["interval"]])
        self.hold("sent again too soon", wrong=[wait for wait in waits if wait < self.given["wait"]])

    def recorded_as_inconclusive(self):
        """When which ids were to be sent again although Pendo had said nothing for a day, by the ledger."""
        from compliance.audit.queries import entries_of  # noqa: PLC0415 -- after django.setup
        from compliance.execution.asking import INCONCLUSIVE  # noqa: PLC0415
        from compliance.execution.planning import targets_of  # noqa: PLC0415
        from compliance.workflow.models import Request  # noqa: PLC0415
        from compliance.workflow.sealing import target_id, targets_vault  # noqa: PLC0415

        found = []
        for request in Request.objects.all():
            vault, doubtful = targets_vault(request), False
            for entry in entries_of(request.chain):
                facts = entry.body["facts"]
                doubtful |= INCONCLUSIVE in facts.get("how", facts.get("why", ""))
                # Of a batch that is divided, it stands with its targets, one entry before.
                if doubtful and entry.event in {"batch:released", "batch:split"}:
                    targets = targets_of(request.batches.get(number=facts["batch"]))
                    at = datetime.fromisoformat(entry.body["at"]).timestamp()
                    found.append((at, {target_id(vault, target) for target in targets}))
                    doubtful = False
        return found

    def in_doubt(self, repeated, recorded):
        """Whether all ids of a repetition were asked about for long enough, and the ledger says so."""
        first, then = repeated["at"]
        return repeated["seconds"] >= self.given["day"] and any(
            first < at < then and ids.issuperset(repeated["ids"]) for at, ids in recorded
        )

    # -- by the database -----------------------------------------------------------------------------------

    def judge_requests(self):
        from compliance.execution.models import UNDECIDED, Batch, Call  # noqa: PLC0415 -- after django.setup
        from compliance.subscriptions.models import Subscription  # noqa: PLC0415
        from compliance.workflow.models import Attention, Request, Target  # noqa: PLC0415

        requests = {request.reference: request for request in Request.objects.all()}
        wanted = self.given["references"]
        self.hold("requests not as often as opened", wrong=sorted(set(requests) ^ set(wanted)))
        states = Counter(request.state for request in requests.values())
        self.hold("not closed", wrong={state: n for state, n in states.items() if state != "closed"})
        self.hold("undecided batches", wrong=Batch.objects.filter(state__in=UNDECIDED).count())
        self.hold("unanswered calls", wrong=Call.objects.filter(answered_at=None).count())
        self.hold("paused", wrong=[each.paused_reason for each in Subscription.objects.all() if each.paused])
        self.hold("targets lost or made", wrong=Target.objects.count() - self.given["asked"])
        left = Attention.objects.filter(settled_at=None).values_list("reason", flat=True)
        # Of the one id that Pendo refuses, a person is told.
        self.hold("left to a person", wrong=[reason for reason in left if reason != "batch_refused"])

    def judge_targets(self):
        from compliance.workflow.models import Request  # noqa: PLC0415 -- after django.setup
        from compliance.workflow.sealing import target_id, targets_vault  # noqa: PLC0415
        from compliance.workflow.states import Outcome  # noqa: PLC0415

        there = set(self.look("visitors", subscription="demo")["visitors"])
        deletions = self.look("deletions", subscription="demo")["deletions"]
        deleted = {name for each in deletions if each["status"] == "completed" for name in each["visitors"]}
        reset = {each["visitor"] for each in self.look("resets", subscription="demo")["resets"]}
        true = {
            Outcome.ERASED: lambda name: name not in there and name in deleted,
            Outcome.NOT_FOUND: lambda name: name.startswith("nobody-"),
            Outcome.FAILED: lambda name: name == self.given["poison"] and name in there,
            Outcome.RESET: lambda name: name in reset and name in there,
        }
        counts, untrue = Counter(), Counter()
        for request in Request.objects.all():
            vault = targets_vault(request)
            for target in request.targets.defer("sealed_details").iterator():
                counts[target.outcome] += 1
                name, holds = target_id(vault, target), true.get(Outcome(target.outcome))
                untrue[target.outcome] += not (holds and holds(name))
        self.facts["outcomes"] = dict(sorted(counts.items()))
        self.hold("untrue outcomes", wrong=dict(+untrue))
        wanted = {*self.given["erased"], *self.given["by_others"]}
        named = {name for each in deletions for name in each["visitors"]}
        self.hold("deleted, and never approved", wrong=len(named - wanted))

    def judge_ledger(self):
        from compliance.audit.chain import first_fault  # noqa: PLC0415 -- after django.setup
        from compliance.audit.models import Chain  # noqa: PLC0415
        from compliance.execution.models import Call  # noqa: PLC0415

        intended, answered, entries = Counter(), Counter(), 0
        for chain in Chain.objects.all():
            rows = list(chain.entries.order_by("number"))
            entries += len(rows)
            self.hold(f"{chain.name}", wrong=first_fault([row.text for row in rows]))
            self.hold(f"{chain.name} cut", wrong=len(rows) != chain.length or rows[-1].hash != chain.head)
            for row in rows:
                facts = row.body["facts"]
                if row.event in {"call:intended", "calls:intended"}:
                    intended.update(numbers(facts))
                elif row.event in {"call:answered", "call:unsettled", "calls:answered"}:
                    answered.update(numbers(facts))
        calls = Counter(Call.objects.values_list("pk", flat=True))
        self.facts["ledger entries"] = entries
        self.hold("calls and intentions differ", wrong=len((calls - intended) + (intended - calls)))
        self.hold("intentions and answers differ", wrong=len((answered - intended) + (intended - answered)))


def numbers(facts):
    """The calls that an entry is about."""
    if "call" in facts:
        return [facts["call"]]
    return range(facts["first"], facts["last"] + 1)


if __name__ == "__main__":
    main()

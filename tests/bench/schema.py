"""`./run bench schema`: schemathesis against our own document, on a running server with a worker.

Every check that it has, but one: that what fits the document is accepted. A law, a request's state or a role
say no as well, which no document can tell.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from .running import running_desk, until
from .table import say

if TYPE_CHECKING:
    import argparse

HOOKS = Path(__file__).with_name("schema_hooks.py")
LEFT_OUT = "positive_data_acceptance"
#: The web server refuses an address that is too long, which schemathesis doesn't count among the noes.
CONFIGURATION = """
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 410, 413, 414, 415, 422]
"""
#: How fast a program may call isn't looked at here, and webhooks go to nobody but this machine.
ENVIRONMENT = {
    "TIMINGS": json.dumps({"tick": 0.5}),
    "API_CALLS_A_MINUTE": "1000000",
    "API_REQUESTS_AN_HOUR": "1000000",
    "WEBHOOK_PRIVATE_NETWORKS": "127.0.0.0/8",
}
FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long."""
    parser.add_argument("--seconds", type=int, default=600, help="time for the whole run (600)")
    parser.add_argument("--examples", type=int, default=60, help="at most so many calls of a kind (60)")
    parser.add_argument("--report", type=Path, help="where schemathesis' own report goes, as text")


def run(options: argparse.Namespace) -> None:
    """Prints how many calls were made, what they were answered, and what failed; ends with 1 if any did."""
    with running_desk(**ENVIRONMENT) as desk:
        references, secret = _filled(desk)
        folder = Path(os.environ["VAR_DIR"])
        began = time.monotonic()
        text = _schemathesis(desk, secret, references, options, folder)
        took = time.monotonic() - began
        if options.report:
            options.report.write_text(text)
        report, faults = json.loads((folder / "report.json").read_text()), _faults(desk.log)
        _print(report, took)
        say(f"server: worker {desk.health()['worker']}, faults in its log: {faults}")
        if report["failures"] or report["errors"] or faults:
            say(text[-4000:])
            raise SystemExit(FAILED)


def _schemathesis(
    desk: Any, secret: str, references: list[str], options: argparse.Namespace, folder: Path
) -> str:
    """What it says."""
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{desk.url}/api/v1/openapi.json",
        f"--header=Authorization: Bearer {secret}",
        "--checks=all",
        f"--exclude-checks={LEFT_OUT}",
        "--phases=examples,coverage,fuzzing",
        f"--max-examples={options.examples}",
        f"--max-time={options.seconds}",
        "--continue-on-failure",
        "--suppress-health-check=all",
        "--no-shrink",
        "--report=json",
        f"--report-json-path={folder / 'report.json'}",
    ]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": str(HOOKS),
        "BENCH_REFERENCES": " ".join(references),
    }
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _print(report: dict[str, Any], took: float) -> None:
    calls, cases = report["operations"], report["test_cases"]
    say(
        f"calls in the document: {calls['total']}, tested: {calls['tested']}, with errors: {calls['errored']}"
    )
    say(f"cases made: {cases['generated']:,} in {took:.0f} s (ended by: {report['stop_reason']})")
    say(f"cases that failed a check: {cases['with_failures']}, distinct failures: {cases['unique_failures']}")
    for failure in report["failures"]:
        say(f"  {failure['code']} {failure['title']}: {failure['count']}")
    for error in report["errors"]:
        say(f"  error: {error['title']}: {error['count']}")


def _faults(log: Path) -> int:
    """How often the program itself failed: no such call is answered below 500."""
    return log.read_text().count("a call of the API failed")


# -- What the calls meet -------------------------------------------------------------------------------------


def _filled(desk: Any) -> tuple[list[str], str]:
    """Requests in several states with all that belongs to them; and a token that may do everything."""
    from compliance.people.membership import add_person  # noqa: PLC0415 -- after django.setup
    from compliance.people.models import Grant, Person  # noqa: PLC0415
    from compliance.people.roles import Role  # noqa: PLC0415
    from compliance.people.scopes import Scope  # noqa: PLC0415
    from compliance.people.tokens import make_token  # noqa: PLC0415
    from compliance.subscriptions.models import Subscription  # noqa: PLC0415

    subscription = Subscription.objects.get()
    roles = [Role.ANALYST, Role.OFFICER, Role.LEGAL, Role.QA, Role.QA_LEAD]
    everybody = add_person(name="Any", email="any@demo.example", roles=roles, by=None)
    Grant.objects.update(granted_at=dt.datetime.now(dt.UTC) - dt.timedelta(days=3))
    secret = make_token(person=everybody, name="Bench", scopes=list(Scope), by=None).secret
    analyst = Person.objects.get(email="analyst@demo.example")
    by = make_token(person=analyst, name="Bench", scopes=[Scope.READ, Scope.WRITE], by=None).secret
    references = [_opened(desk, by, subscription.name, number) for number in range(6)]
    _let_things_happen(references, everybody, subscription)
    return references, secret


def _opened(desk: Any, secret: str, subscription: str, number: int) -> str:
    ids = [f"{number}-{place}" for place in range(3)]
    body = {
        "kind": "erasure",
        "law": "EU_GDPR",
        "subscription": subscription,
        "role": "processor" if number == 0 else "controller",
        "targets": [{"type": "visitor", "id": each} for each in [*ids, *_known(desk, number)]],
    }
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": f"bench-{number}"}
    answer = httpx.post(f"{desk.url}/api/v1/requests", json=body, headers=headers, timeout=60)
    answer.raise_for_status()
    reference = str(answer.json()["reference"])
    url = f"{desk.url}/api/v1/requests/{reference}"
    until(lambda: httpx.get(url, headers=headers, timeout=60).json()["state"] != "previewing", seconds=60)
    return reference


def _known(desk: Any, number: int) -> list[str]:
    visitors = httpx.get(f"{desk.sandbox}/visitors?subscription=demo", timeout=60).json()["visitors"]
    return sorted(visitors)[number * 3 : number * 3 + 3]


def _let_things_happen(references: list[str], person: Any, subscription: Any) -> None:
    """A hold, recipients with tasks, what needs somebody, a finding, an approval that is on its way."""
    from compliance.execution.models import Cause, Finding  # noqa: PLC0415 -- after django.setup
    from compliance.people.models import Person  # noqa: PLC0415
    from compliance.workflow.approvals import approve  # noqa: PLC0415
    from compliance.workflow.attention import raise_attention  # noqa: PLC0415
    from compliance.workflow.hold_placing import place_hold  # noqa: PLC0415
    from compliance.workflow.hold_things import Named  # noqa: PLC0415
    from compliance.workflow.models import Attention, Request  # noqa: PLC0415
    from compliance.workflow.previews import current_preview  # noqa: PLC0415
    from compliance.workflow.recipients import keep_recipient  # noqa: PLC0415
    from compliance.workflow.states import HeldKind  # noqa: PLC0415
    from tests.hold_fixtures import hold_terms  # noqa: PLC0415
    from tests.request_fixtures import recipient_facts  # noqa: PLC0415

    officer = Person.objects.get(email="officer@demo.example")
    requests = [Request.objects.get(reference=each) for each in references]
    for request in requests[4:]:
        preview = current_preview(request)
        approve(request=request, digest=preview.digest, count=preview.found, by=officer)
    keep_recipient(recipient=None, facts=recipient_facts(officer), by=officer)
    for name in ("held-one", "held-two"):
        place_hold(terms=hold_terms(person), things=[Named(HeldKind.VISITOR, name)], by=person)
    for request, reason in zip(requests, Attention.Reason, strict=False):
        raise_attention(request=request, subscription=subscription, reason=reason)
    for cause in (Cause.RETURNED, Cause.UNCLEAR):
        Finding.objects.create(subscription=subscription, cause=cause)

"""`manage.py cleanup run RULE`: a clean-up rule from a pipeline."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from compliance.cleanup.choices import Trigger
from compliance.cleanup.models import Rule
from compliance.cleanup.narrowing import Narrowed, read_visitors
from compliance.cleanup.progress import move_on
from compliance.cleanup.queries import phase_of, worker_is_alive
from compliance.cleanup.reporting import Exit, exit_of, told_of
from compliance.cleanup.running import start_run
from compliance.core.errors import Refused

if TYPE_CHECKING:
    from compliance.cleanup.models import Run
    from compliance.cleanup.running import Started

#: Seconds between two looks at a run, and until a worker that isn't seen is spoken of.
LOOK, PATIENCE = 0.3, 5.0
SECONDS = 600.0
NO_WORKER = "No worker is alive: nothing happens until one is started (manage.py up)."
EXITS = "\n".join(f"  {each.value}  {each.meaning}" for each in Exit)


class Command(BaseCommand):
    """Run a rule, wait, and say how it ended: by the exit code, and on standard output."""

    help = "Run a clean-up rule and wait for it. It needs the database alone; a worker does the work."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`run RULE` with its options."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        run = verbs.add_parser(
            "run",
            help="run one rule",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            epilog=f"exit codes:\n{EXITS}",
        )
        run.add_argument("rule", metavar="RULE", help="its name")
        run.add_argument("--dry-run", action="store_true", help="show what it would do; nothing is sent")
        run.add_argument("--visitors", metavar="FILE", type=Path, help="only these, one id a line")
        run.add_argument("--guide", metavar="ID", default="", help="only this guide")
        run.add_argument(
            "--wait",
            choices=["accepted", "confirmed"],
            default="accepted",
            help="until Pendo has accepted all of it (a reset is done then), or all is confirmed",
        )
        run.add_argument(
            "--timeout", metavar="S", type=float, default=SECONDS, help="seconds to wait at most (600)"
        )
        run.add_argument("--json", action="store_true", help="one JSON document on standard output")

    def handle(self, *, rule: str, wait: str, timeout: float, **given: Any) -> None:
        """Start or join the run, wait for it, and exit with its code."""
        try:
            started = self._start(rule, given)
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=Exit.BAD_INPUT) from refusal
        run, code = self._wait(started.run, until_confirmed=wait == "confirmed", seconds=timeout)
        self._report(run, code, joined=started.joined, as_json=given["json"])
        raise SystemExit(code)

    def _start(self, name: str, given: dict[str, Any]) -> Started:
        rule = Rule.objects.filter(name=name, retired_at=None).first()
        if rule is None:
            raise Refused(f"There is no rule {name!r}.")
        narrowed = Narrowed(_visitors_in(given["visitors"]), given["guide"])
        started = start_run(rule=rule, trigger=Trigger.COMMAND, dry_run=given["dry_run"], narrowed=narrowed)
        word = "joined run" if started.joined else "run"
        self._say(f"{word} {started.run.pk} of {rule.name}, request {started.run.request.reference}")
        return started

    def _wait(self, run: Run, *, until_confirmed: bool, seconds: float) -> tuple[Run, Exit]:
        began, said, warned = time.monotonic(), "", False
        while True:
            run = move_on(run)
            if (phase := phase_of(run)) != said:
                said = phase
                self._say(phase)
            if (code := exit_of(run, until_confirmed=until_confirmed)) is not None:
                return run, code
            waited = time.monotonic() - began
            if waited > min(PATIENCE, seconds) and not warned and not worker_is_alive():
                warned = True
                self._say(NO_WORKER)
            if waited >= seconds:
                return run, Exit.PENDING
            time.sleep(min(LOOK, seconds))

    def _report(self, run: Run, code: Exit, *, joined: bool, as_json: bool) -> None:
        told = told_of(run) | {"joined": joined, "exit": code.value, "exit_meaning": code.meaning}
        if as_json:
            self.stdout.write(json.dumps(told, indent=2))
            return
        counts = ", ".join(f"{count} {outcome}" for outcome, count in told["outcomes"].items())
        self.stdout.write(
            f"{run.rule.name}: {code.meaning}. Matched {told['matched']}; {counts or 'no target'}."
        )
        if told["why"]:
            self.stdout.write(told["why"])
        if told["not_matched_lines"]:
            lines = ", ".join(map(str, told["not_matched_lines"]))
            self.stdout.write(f"Named, and not matched: line {lines}.")
        self.stdout.write(told["url"])

    def _say(self, text: str) -> None:
        self.stderr.write(f"[cleanup] {text}", self.style.NOTICE)


def _visitors_in(path: Path | None) -> dict[str, int] | None:
    if path is None:
        return None
    try:
        return read_visitors(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} can't be read as UTF-8 text: {type(error).__name__}.") from error

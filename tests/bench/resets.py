"""`./run bench resets`: guide resets against a leaky bucket whose rate nobody has told the desk.

The whole product runs as it does for `./run`. At 20 and 50 calls a second, and with 20, then 50, then 20 in
one run, each beginning without a remembered rate: the share of what the server allowed that was used (at
least 0.9), and the share of calls refused (below 0.05), by the sandbox's own books. The few look-ups by which
the desk recognises the subscription go into the same bucket, and count as used.
"""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from tests.bench.running import approved_request, books, control, running_desk, until
from tests.bench.table import say

if TYPE_CHECKING:
    import argparse

LEAST_USED, MOST_REFUSED = 0.9, 0.05
#: Calls a second, one after the other, for the same number of resets each.
TRIALS = ((20,), (50,), (20, 50, 20))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much."""
    parser.add_argument("--resets", type=int, default=1_500, help="in each trial (default 1,500)")


def run(options: argparse.Namespace) -> None:
    """Print the table."""
    kept = True
    with running_desk() as desk:
        say(f"{options.resets:,} guide resets against a leaky bucket of unknown rate:")
        for rates in TRIALS:
            used, refused, resets = trial(desk, rates, options.resets)
            kept = kept and used >= LEAST_USED and refused < MOST_REFUSED
            say(
                f"  {' -> '.join(map(str, rates))} a second: {used:.3f} of the allowed used "
                f"({resets:.3f} by resets), {refused:.3f} refused"
            )
    if not kept:
        raise SystemExit(
            f"  NOT as it should be: at least {LEAST_USED} used, less than {MOST_REFUSED} refused"
        )


def trial(desk, rates, resets):
    """The shares that were used by all calls, refused, and used by resets."""
    from compliance.subscriptions.models import Lane  # noqa: PLC0415 -- after django.setup
    from compliance.workflow.states import Kind, State  # noqa: PLC0415
    from tests.workflow_fixtures import guide_for  # noqa: PLC0415

    Lane.objects.update(rate=None, ceiling=None)
    since = max((call["number"] for call in books(desk)), default=0)
    control(desk, "settings", {"rate_per_second": rates[0]})
    request = approved_request(Kind.GUIDE_RESET, [guide_for(f"visitor-{n}") for n in range(resets)])

    def calls():
        return [call for call in books(desk, since) if "bulkdelete" not in call["route"]]

    def reset():
        return [call for call in calls() if call["route"].endswith("/reset")]

    until(reset, seconds=60, every=0.02)
    began, changes = reset()[0]["monotonic"], []
    for earlier, later in itertools.pairwise(rates):
        time.sleep(resets / len(rates) / earlier)
        control(desk, "settings", {"rate_per_second": later})
        changes.append((time.monotonic(), later))

    def closed():
        request.refresh_from_db(fields=["state"])
        return request.state == State.CLOSED

    until(closed, seconds=resets / min(rates) * 3 + 60)
    ended = reset()[-1]["monotonic"]
    within = [call for call in calls() if began <= call["monotonic"] <= ended]
    allowed = allowance(began, ended, rates[0], changes)
    taken = [call for call in within if call["status"] == 200]
    by_resets = [call for call in taken if call["route"].endswith("/reset")]
    assert len(by_resets) == resets, len(by_resets)
    return len(taken) / allowed, 1 - len(taken) / len(within), len(by_resets) / allowed


def allowance(began, ended, rate, changes):
    """How many calls the bucket lets through in the long run; that it is empty at first, left out."""
    allowed, since = 0.0, began
    for moment, later in [*changes, (ended, 0)]:
        allowed += max(0.0, min(moment, ended) - since) * rate
        since, rate = moment, later
    return allowed

"""The kill trial, short: `./run bench kills` is the long one."""

import secrets

from tests.databases import own_database
from tests.trials.kills import Measure, run

SHORT = Measure(
    kills=8,
    visitors=700,
    resets=40,
    large=520,
    every=1.5,
    patience=300,
    refused_among=10,
    # What is left behind without a known receipt waits for all of Pendo's time.
    left_behind_at=(),
    # A busy machine may hold up one call longer than the next; without a pace there would be no gap at all.
    network=0.8,
    sandbox={"min_interval": 0.8, "start_after": 4, "done_after": 6, "merge_window": 2},
)


def test_whatever_is_killed_nothing_is_lost_and_nothing_is_sent_twice_unasked(tmp_path):
    seed = secrets.randbelow(10**6)

    outcome = run(tmp_path, own_database(tmp_path, copied=True), SHORT, seed=seed)

    assert (outcome.breaches, sum(outcome.kills.values())) == ([], 8), f"seed {seed}: {outcome}"

"""Loaded by schemathesis itself: most calls are about rows that there are, none to addresses elsewhere."""

from __future__ import annotations

import os
import random

import schemathesis

REFERENCES = os.environ["BENCH_REFERENCES"].split()
#: Some row of each kind has one of these numbers.
NUMBERS = range(1, 8)
LAWS = ("EU_GDPR", "US_CA", "NO_LAW")
KNOWN = {"reference": REFERENCES, "number": NUMBERS, "code": LAWS}
#: The others stay as they were made up.
SHARE = 0.85
CHANCE = random.Random(1)  # noqa: S311 - nothing is kept secret by it
#: Nothing listens there.
NOWHERE = "https://127.0.0.1:9/hook"


@schemathesis.hook
def before_call(_context, case, _kwargs=None):
    """The call names a row that there is."""
    parameters = case.path_parameters or {}
    for name, known in KNOWN.items():
        if name in parameters and CHANCE.random() < SHARE:
            parameters[name] = CHANCE.choice(known)
    if isinstance(case.body, dict) and isinstance(case.body.get("target_url"), str):
        case.body["target_url"] = NOWHERE

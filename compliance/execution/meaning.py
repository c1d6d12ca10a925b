"""What each end of a bulk delete means for its batch: one table (docs/architecture.md prints it)."""

from __future__ import annotations

import enum

from compliance.connectors.answers import Verdict


class Meaning(enum.Enum):
    """What is done about a batch after a call."""

    SETTLED = "accepted: its receipt is followed"
    ASK_WHICH = "refused as a whole: Pendo is asked which of its targets are queued already"
    ASK_WHETHER = "open: Pendo is asked whether it has it before anything is sent again"
    AGAIN = "not taken: sent again after a wait that grows"
    AGAIN_TOLD = "not taken: sent again after a wait that grows, and a person is told"
    PAUSE = "not taken: the subscription is paused until a working key is entered"


#: A gateway's error or a lost connection says nothing about whether Pendo took the call; a refusal does.
BULK_DELETE: dict[Verdict, Meaning] = {
    Verdict.OK: Meaning.SETTLED,
    Verdict.BAD_REQUEST: Meaning.ASK_WHICH,
    Verdict.UNPROCESSABLE: Meaning.ASK_WHICH,
    Verdict.UNAVAILABLE: Meaning.ASK_WHETHER,
    Verdict.GARBLED: Meaning.ASK_WHETHER,
    Verdict.LOST: Meaning.ASK_WHETHER,
    Verdict.RATE_LIMITED: Meaning.AGAIN,
    Verdict.NOT_SENT: Meaning.AGAIN,
    Verdict.NOT_FOUND: Meaning.AGAIN,
    Verdict.NOT_PAID: Meaning.AGAIN_TOLD,
    Verdict.KEY_REFUSED: Meaning.PAUSE,
}


def table() -> str:
    """The table in Markdown."""
    rows = [
        f"| `{verdict}` | {_STATUS[verdict]} | {meaning.value} |" for verdict, meaning in BULK_DELETE.items()
    ]
    return "\n".join(["| verdict | when | what is done about the batch |", "|---|---|---|", *rows])


_STATUS = {
    Verdict.OK: "200 with a request id",
    Verdict.BAD_REQUEST: "400",
    Verdict.UNPROCESSABLE: "422",
    Verdict.UNAVAILABLE: "408, 5xx",
    Verdict.GARBLED: "another status, or a body that the endpoint doesn't give",
    Verdict.LOST: "sent, and no whole answer came",
    Verdict.RATE_LIMITED: "429",
    Verdict.NOT_SENT: "no connection came about",
    Verdict.NOT_FOUND: "404",
    Verdict.NOT_PAID: "402",
    Verdict.KEY_REFUSED: "401, 403",
}

"""What each end of a call means: one table for each sort of call (docs/architecture.md prints them)."""

from __future__ import annotations

import enum

from compliance.connectors.answers import Verdict


class Meaning(enum.Enum):
    """What is done about a batch after a call, or about the one target of a call that acts on one."""

    SETTLED = "accepted: its receipt is followed"
    ASK_WHICH = "refused as a whole: Pendo is asked which of its targets are queued already"
    ASK_WHETHER = "open: Pendo is asked whether it has it before anything is sent again"
    AGAIN = "not taken: sent again after a wait that grows"
    AGAIN_TOLD = "not taken: sent again after a wait that grows, and a person is told"
    PAUSE = "not taken: the subscription is paused until a working key is entered"
    DONE = "done: reset, or Do Not Process lifted"
    NOT_THERE = "not found: Pendo doesn't know the guide, or the visitor"
    REFUSED = "failed: the guide isn't staged, or Pendo can't read the call"
    REPEAT = "open, and harmless to repeat: sent again after a wait that grows"
    WAIT = "open: uncertain until a person has looked, and never sent again by itself"


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


#: The documented proof of these is the 200 itself (Engage API, p. 44-47, 54): there is nothing to look for.
#: To reset a guide for one visitor twice, or to lift what is lifted, changes nothing more.
FOR_ONE_VISITOR: dict[Verdict, Meaning] = {
    Verdict.OK: Meaning.DONE,
    Verdict.BAD_REQUEST: Meaning.REFUSED,
    Verdict.UNPROCESSABLE: Meaning.REFUSED,
    Verdict.UNAVAILABLE: Meaning.REPEAT,
    Verdict.GARBLED: Meaning.REPEAT,
    Verdict.LOST: Meaning.REPEAT,
    Verdict.RATE_LIMITED: Meaning.AGAIN,
    Verdict.NOT_SENT: Meaning.AGAIN,
    Verdict.NOT_FOUND: Meaning.NOT_THERE,
    Verdict.NOT_PAID: Meaning.AGAIN_TOLD,
    Verdict.KEY_REFUSED: Meaning.PAUSE,
}
#: A reset for everybody wipes data, poll answers too: what has come in since the first would be gone as well.
FOR_EVERYBODY: dict[Verdict, Meaning] = FOR_ONE_VISITOR | dict.fromkeys(
    (Verdict.UNAVAILABLE, Verdict.GARBLED, Verdict.LOST), Meaning.WAIT
)


def table() -> str:
    """What each answer to a bulk delete means, in Markdown."""
    rows = [
        f"| `{verdict}` | {_STATUS[verdict]} | {meaning.value} |" for verdict, meaning in BULK_DELETE.items()
    ]
    return "\n".join(["| verdict | when | what is done about the batch |", "|---|---|---|", *rows])


def one_by_one_table() -> str:
    """What each answer to a guide reset, or to the lifting of Do Not Process, means, in Markdown."""
    rows = [
        f"| `{verdict}` | {_STATUS_OF_ONE.get(verdict, _STATUS[verdict])} "
        f"| {meaning.value} | {_unless_same(FOR_EVERYBODY[verdict], meaning)} |"
        for verdict, meaning in FOR_ONE_VISITOR.items()
    ]
    return "\n".join(["| verdict | when | for one visitor | for everybody |", "|---|---|---|---|", *rows])


def _unless_same(meaning: Meaning, other: Meaning) -> str:
    return "the same" if meaning is other else meaning.value


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
_STATUS_OF_ONE = {
    Verdict.OK: "200, with a body that isn't a page of HTML or half an answer",
    Verdict.GARBLED: "another status, or a 200 with a page of HTML or half an answer",
}

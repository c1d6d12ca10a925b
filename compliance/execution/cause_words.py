"""What a cause means, and what can be done about it, for people."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.workflow.states import Kind

from .models import Cause


@dataclass(frozen=True)
class Words:
    """Why a record is taken for this cause, what it means, what to look at, and what is mostly done."""

    #: What its record shows.
    reason: str
    #: What that means.
    meaning: str
    #: What to look at before anything is done.
    checks: tuple[str, ...]
    #: What to do next, in a sentence.
    next: str
    #: The kind of request that mostly follows; None where nothing is to be done before somebody has looked.
    follows: Kind | None
    #: Whether Pendo Support is to be asked.
    asks_pendo: bool = False


_DO_NOT_PROCESS = (
    "Whether Do Not Process still stands for it in Pendo: whoever it stands for can't be seen there again."
)

CAUSES: dict[str, Words] = {
    Cause.INCOMPLETE: Words(
        reason="Its first visit in Pendo is older than our erasure.",
        meaning=(
            "Pendo had reported the deletion as done, and it was looked for and absent; yet something of the "
            "time before is shown again. It never quite went."
        ),
        checks=(
            "What Pendo shows of it now: only a first visit, or old activity, too.",
            "What Pendo Support says about the receipts of the first deletion.",
        ),
        next="Record a new request for them, and send Pendo Support the text below.",
        follows=Kind.ERASURE,
        asks_pendo=True,
    ),
    Cause.RECREATED: Words(
        reason="It has metadata and not one visit.",
        meaning=(
            "Nobody has visited. An integration, a CSV import or a call to Pendo's metadata API has sent its "
            "data again: Do Not Process keeps visits out, not metadata."
        ),
        checks=(
            "Which integrations write to Pendo: Salesforce, HubSpot, Segment, an import, your own programs.",
            "Whether the person was erased in those systems, too. As long as they aren't, it comes back.",
            "Whether the export there leaves out whoever was erased.",
        ),
        next="Stop what sends the data again, then record a new request for them.",
        follows=Kind.ERASURE,
    ),
    Cause.RETURNED: Words(
        reason="All its visits are later than our erasure.",
        meaning=(
            "Somebody with this id uses the product again. Pendo takes in visits only if Do Not Process was "
            "lifted or circumvented."
        ),
        checks=(
            "Whether the person has come back: a new contract, a new account, a new consent.",
            _DO_NOT_PROCESS,
            "Who lifted it, if nobody asked for a readmission here.",
        ),
        next="Find out whether they are back lawfully. If so, let them in; if not, record a new request.",
        follows=Kind.READMISSION,
    ),
    Cause.SAME_EMAIL: Words(
        reason="Its id was never erased, but its e-mail address was, with another id.",
        meaning=(
            "It may be another account of the same person, or somebody who shares the mailbox. This is "
            "weaker than an id: look before anything is done. Who was there all along isn't listed."
        ),
        checks=(
            "Whether the address belongs to one person, or to an office.",
            "Whether the person's request was about this account, too.",
        ),
        next="Find out whether it is the same person, then record a new request or explain it.",
        follows=None,
    ),
    Cause.UNCLEAR: Words(
        reason="It shows a first visit or a last one, and not both.",
        meaning="From what Pendo shows, nobody can tell whether it never went, or came back.",
        checks=("What Pendo shows of it now, on its own page.", _DO_NOT_PROCESS),
        next="Look at the records in Pendo, then choose a way out.",
        follows=None,
        asks_pendo=True,
    ),
}

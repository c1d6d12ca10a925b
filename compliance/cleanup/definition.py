"""What a rule says: read, refused where it can't be meant, bound by a digest, and put into words."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compliance.core.errors import Refused
from compliance.workflow.ids import problem_of, words_of
from compliance.workflow.opening import MOST_ASKED
from compliance.workflow.patterns import matches, refuse_bad_pattern
from compliance.workflow.sealing import Vault
from compliance.workflow.things import is_guide_id

from .choices import ASKED, ERASING, FOR_EVERYBODY, OF_ONE_GUIDE, RuleAction, Source
from .schedule import refuse_bad_schedule

if TYPE_CHECKING:
    from .models import Rule, Version

#: Where a run couldn't touch more, whatever its rule says.
MOST_A_RUN = 100_000
#: Lines named in one refusal.
MOST_LINES_NAMED = 10
#: What an id that was erased can't do, and for how long.
GAP = (
    "An erased id is on Do Not Process at once: Pendo takes no events of it and shows it no guides. Deleting "
    "takes Pendo up to 21 days, and only then Do Not Process can be lifted"
)
IDS = "ids of a rule"


@dataclass(frozen=True, kw_only=True)
class Definition:
    """All that a version of a rule says, but for its subscription."""

    action: RuleAction
    source: Source | None = None
    value: str = field(default="", repr=False)
    #: Of a list, in order.
    ids: tuple[str, ...] = field(default=(), repr=False)
    guide: str = ""
    pattern: str = ""
    most: int
    share: int
    cron: str = ""
    zone: str = ""
    reused: bool = False


def definition_of(version: Version) -> Definition:
    """What the version says, its ids opened."""
    return Definition(
        action=RuleAction(version.action),
        source=Source(version.source) if version.source else None,
        value=version.value,
        ids=tuple(ids_of(version)),
        guide=version.guide,
        pattern=version.pattern,
        most=version.most,
        share=version.share,
        cron=version.cron,
        zone=version.zone,
        reused=version.reused,
    )


def ids_of(version: Version) -> list[str]:
    """The ids of a list."""
    if version.sealed_ids is None:
        return []
    ids: list[str] = json.loads(Vault(version.rule.data_key).open(version.sealed_ids, purpose=IDS))
    return ids


def digest_of(rule: Rule, said: Definition) -> str:
    """What binds a standing approval to exactly this; ids count by their commitments."""
    vault = Vault(rule.data_key)
    whole = {
        "subscription": rule.subscription.reference,
        "action": said.action.value,
        "source": said.source.value if said.source else "",
        "value": said.value,
        "ids": [vault.commit("id", each).hex() for each in sorted(said.ids)],
        "guide": said.guide,
        "pattern": said.pattern,
        "most": said.most,
        "share": said.share,
        "cron": said.cron,
        "zone": said.zone,
        "reused": said.reused,
    }
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


# -- What can't be meant -------------------------------------------------------------------------------------


class BadField(Refused):
    """A no that belongs to one field of the form."""

    def __init__(self, name: str, text: str) -> None:
        """Name the field."""
        super().__init__(text)
        self.field = name


def refuse_bad_definition(said: Definition) -> None:
    """Raises `BadField` for the first thing that is wrong."""
    _refuse_bad_reuse(said)
    if said.action in OF_ONE_GUIDE and not is_guide_id(said.guide):
        raise BadField("guide", "Give the id of one guide, as in its address in Pendo.")
    if said.action not in OF_ONE_GUIDE and said.guide:
        raise BadField("guide", "Only a rule that resets one guide names it.")
    if said.action in FOR_EVERYBODY:
        if said.source or said.pattern:
            raise BadField("source", "A staged guide is reset for everybody: name no visitors.")
    else:
        _refuse_bad_visitors(said)
    if not 1 <= said.most <= MOST_A_RUN:
        raise BadField("most", f"Say how many one run may touch: 1 to {MOST_A_RUN:,}.")
    if not 1 <= said.share <= 100:  # noqa: PLR2004 -- percent
        raise BadField("share", "Say how large a share of all visitors that may be: 1 to 100 percent.")
    if said.cron or said.zone:
        with naming("cron"):
            refuse_bad_schedule(said.cron, said.zone)


class naming:  # noqa: N801 -- read as words
    """A `Refused` inside belongs to this field."""

    def __init__(self, name: str) -> None:
        """Name the field."""
        self.name = name

    def __enter__(self) -> None:
        """Nothing to be done yet."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Say to which field the refusal belongs."""
        if isinstance(error, Refused):
            raise BadField(self.name, str(error)) from error


def _refuse_bad_reuse(said: Definition) -> None:
    if said.action == RuleAction.ERASE and said.reused:
        raise BadField(
            "action",
            f"{GAP}. Your tests use the ids again: reset guides for them instead, or erase them and have Do "
            "Not Process lifted once they are erased.",
        )
    if said.action == RuleAction.ERASE_AND_LIFT and not said.reused:
        raise BadField("action", "Do Not Process is lifted only for ids that your tests use again.")


def _refuse_bad_visitors(said: Definition) -> None:
    if said.source is None:
        raise BadField("source", "Say which visitors the rule is about.")
    with naming("pattern"):
        refuse_bad_pattern(said.pattern)
    if said.source == Source.LIST:
        _refuse_bad_list(said)
    elif said.ids:
        raise BadField("ids", "Only a rule about exactly these ids lists them.")
    else:
        _refuse_bad_value(said)


def _refuse_bad_list(said: Definition) -> None:
    if said.value:
        raise BadField("value", "A rule about exactly these ids names them, and nothing else.")
    if not said.ids:
        raise BadField("ids", "Name at least one visitor id.")
    if len(said.ids) > MOST_ASKED:
        raise BadField("ids", f"A list holds at most {MOST_ASKED:,} ids. Use a prefix or a segment.")
    uncovered = [number for number, each in enumerate(said.ids, 1) if not matches(said.pattern, each)]
    if uncovered:
        raise BadField("ids", f"The guard pattern doesn't cover {lines_in_words(uncovered)}.")


def _refuse_bad_value(said: Definition) -> None:
    kind = ASKED[said.source]  # type: ignore[index] # there is one
    problem = problem_of(kind, said.value) if said.value.strip() else None
    if not said.value.strip() or said.value != said.value.strip():
        raise BadField("value", "Say which visitors, without a space before or after it.")
    if problem:
        raise BadField("value", f"This {words_of(problem, kind)}.")


def lines_in_words(lines: list[int]) -> str:
    """Lines by their numbers, the first ones and how many more."""
    named = ", ".join(str(line) for line in lines[:MOST_LINES_NAMED])
    more = len(lines) - MOST_LINES_NAMED
    word = "line" if len(lines) == 1 else "lines"
    return f"{word} {named}" + (f" and {more} more" if more > 0 else "")


# -- In words ------------------------------------------------------------------------------------------------


def words_about(version: Version) -> str:
    """What the rule does, in one sentence."""
    where = f"in {version.rule.subscription.name}"
    return f"{_DOES[RuleAction(version.action)].format(guide=version.guide, whom=whom(version))} {where}."


def whom(version: Version) -> str:
    """Whom the rule is about, in words; empty where it names no visitor."""
    if not version.source:
        return ""
    return _WHOM[Source(version.source)].format(value=version.value, count=version.count)


def guard_words(version: Version) -> str:
    """What every run must stay within, in one sentence."""
    share = "" if version.share == 100 else f", and never more than {version.share} % of all visitors"  # noqa: PLR2004 -- percent
    if not version.pattern:
        return f"A run that would reset more than {version.most:,} guides stops before the first call."
    return (
        f"Every id has to match {version.pattern}; at most {version.most:,} a run{share}. A run outside that "
        "stops before the first call."
    )


def schedule_words(version: Version) -> str:
    """When it runs by itself, in words."""
    return f"{version.cron} ({version.zone})" if version.cron else "none: by hand, or from a pipeline"


def reuse_words(version: Version) -> str:
    """What becomes of the ids, in words; empty where a rule only resets."""
    if version.action == RuleAction.ERASE_AND_LIFT:
        return f"{GAP}, which this rule does by itself. Until then tests can't use these ids."
    return f"{GAP}, by an officer." if version.action in ERASING else ""


_DOES = {
    RuleAction.ERASE: "Erases {whom}",
    RuleAction.ERASE_AND_LIFT: "Erases {whom}, and lifts Do Not Process once they are erased,",
    RuleAction.RESET_GUIDE: "Resets the guide {guide} for {whom}",
    RuleAction.RESET_GUIDES: "Resets all guides for {whom}",
    RuleAction.RESET_STAGED: "Resets the staged guide {guide} for everybody",
    RuleAction.RESET_ALL_STAGED: "Resets all staged guides for everybody",
}
_WHOM = {
    Source.LIST: "{count} visitors of a list",
    Source.PREFIX: "visitors whose id begins with {value}",
    Source.SUFFIX: "visitors whose id ends with {value}",
    Source.EMAIL_DOMAIN: "visitors with an e-mail address of {value}",
    Source.METADATA: "visitors whose metadata says {value}",
    Source.SEGMENT: "the visitors in segment {value}",
    Source.REPORT: "the visitors in report {value}",
}

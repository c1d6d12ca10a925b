"""What can be adjusted while the sandbox runs: delays, pace, and the undocumented choices."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from compliance.sandbox.problems import Problem

if TYPE_CHECKING:
    from compliance.sandbox.records import JsonObject

TRUE_WORDS = frozenset({"true", "on", "yes", "1"})
FALSE_WORDS = frozenset({"false", "off", "no", "0", ""})


def _setting(default: float, meaning: str) -> float:
    made: float = field(default=default, metadata={"meaning": meaning})
    return made


def _text(default: str, meaning: str) -> str:
    made: str = field(default=default, metadata={"meaning": meaning})
    return made


def _switch(*, default: bool, meaning: str) -> bool:
    made: bool = field(default=default, metadata={"meaning": meaning})
    return made


@dataclass(frozen=True, slots=True)
class Settings:
    """Seconds are counted from the acceptance of a deletion request."""

    start_after: float = _setting(5.0, "seconds until a deletion request is begun")
    done_after: float = _setting(15.0, "seconds until a deletion request is completed")
    min_interval: float = _setting(1.0, "seconds between two bulk deletes of a subscription; 0 = no limit")
    merge_window: float = _setting(0.0, "seconds in which bulk deletes join one request id; 0 = never")
    rate_per_second: float = _setting(
        0.0, "other calls a second of a subscription (leaky bucket); 0 = no limit"
    )
    leave_behind: float = _setting(
        0.0, "how many of the next ids to be deleted stay although said to be done"
    )
    export_after: float = _setting(2.0, "seconds until an export of a segment is done")
    export_word: str = _text("finished", "the word for an export that is done")
    names_ids: bool = _switch(default=False, meaning="a receipt names its ids (no page documents it)")
    marks_unknown: bool = _switch(
        default=True, meaning="unknown ids in a bulk delete become Do Not Process too"
    )


def as_values(settings: Settings) -> JsonObject:
    """Return the settings by name, ready for JSON."""
    return asdict(settings)


def changed(settings: Settings, values: dict[str, object]) -> Settings:
    """Return settings with these values, understood as forms send them. An unknown name is a `Problem`."""
    known = {each.name: each.type for each in fields(settings)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise Problem(400, f"unknown setting {', '.join(unknown)}; there are {', '.join(known)}")
    understood: dict[str, Any] = {
        name: _understood(name, known[name], given) for name, given in values.items()
    }
    return replace(settings, **understood)


def _understood(name: str, kind: object, value: object) -> float | bool | str:
    if kind == "str":
        return str(value)
    return _as_switch(name, value) if kind == "bool" else _as_number(name, value)


def _as_switch(name: str, value: object) -> bool:
    word = str(value).lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise Problem(400, f"{name} wants true or false")
    return word in TRUE_WORDS


def _as_number(name: str, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise Problem(400, f"{name} wants a number that is not negative")
    return number

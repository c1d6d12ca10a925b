"""Guard patterns: whole ids, letter case counts, and `*` stands for any text, however short."""

from __future__ import annotations

from compliance.core.errors import Refused

ANY = "*"
#: What a pattern has to say besides its stars: one that everybody matches guards nothing.
FEWEST_LETTERS = 3
MOST_LETTERS = 200


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches. Takes time in proportion to both, whatever the pattern."""
    first, *middle = pattern.split(ANY)
    if not middle:
        return text == pattern
    last = middle.pop()
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    place, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def covers(wider: str, pattern: str) -> bool:
    """Whether whatever matches `pattern` matches `wider`, too."""
    # A star is a letter like any other to `wider`, which only a star of its own can take in.
    return matches(wider, pattern)


def refuse_bad_pattern(pattern: str) -> None:
    """Raises `Refused` for a pattern that can't be one, or that guards nothing."""
    if len(pattern) > MOST_LETTERS:
        raise Refused(f"A pattern has at most {MOST_LETTERS} characters.")
    if not pattern.isprintable() or pattern != pattern.strip():
        raise Refused("A pattern holds no line break, and no space at its ends.")
    if len(pattern.replace(ANY, "")) < FEWEST_LETTERS:
        raise Refused(
            f"A pattern names at least {FEWEST_LETTERS} characters besides {ANY}, as in qa-{ANY}: one that "
            "everybody matches guards nothing."
        )

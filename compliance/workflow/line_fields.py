"""Fields for what is named line by line: the same in every form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .ids import ReadIds

MOST_PROBLEMS_SHOWN = 10


class TextLinesField(forms.Field):
    """Things of one sort, one a line. Clean, it is what was understood of them."""

    widget = forms.Textarea(attrs={"class": "ids", "rows": 4, "spellcheck": "false", "autocapitalize": "off"})

    def __init__(self, read: Callable[[str], ReadIds], *, label: str, help_text: str) -> None:
        """Nothing has to stand in it."""
        super().__init__(required=False, label=label, help_text=help_text)
        self.read = read

    def clean(self, value: str | None) -> ReadIds:
        """What was read; each line that can't be such a thing is named with its reason."""
        read = self.read(value or "")
        refuse_bad_lines(read.problems)
        return read


def refuse_bad_lines(problems: Sequence[tuple[int, str]]) -> None:
    """Raises `ValidationError` that names the first lines that are wrong, and says how many more are."""
    if problems:
        lines = [f"Line {number} {reason}." for number, reason in problems[:MOST_PROBLEMS_SHOWN]]
        more = len(problems) - MOST_PROBLEMS_SHOWN
        raise forms.ValidationError([*lines, *([f"{more} more lines like these."] if more > 0 else [])])

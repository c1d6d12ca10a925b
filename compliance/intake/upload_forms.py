"""The forms of an upload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from compliance.core.forms import DeskForm
from compliance.workflow.states import AskedKind, Kind

from .csv_layout import DELIMITERS, Layout
from .forms import WishForm
from .receiving import FIELD

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Kinds of which a file can say all that they ask.
KINDS = tuple(kind for kind in Kind if kind is not Kind.GUIDE_RESET)
USES = [
    ("", "Not used"),
    *((kind.value, kind.label) for kind in (AskedKind.VISITOR, AskedKind.ACCOUNT, AskedKind.EMAIL)),
]
SEPARATORS = [
    ("comma", "Comma"),
    ("semicolon", "Semicolon"),
    ("tab", "Tab"),
    ("none", "Nothing: each line is one value"),
]


class UploadForm(WishForm):
    """How a request came in, and the file with what it asks."""

    file = forms.FileField(
        label="File",
        help_text="A CSV file in UTF-8 with visitor ids, account ids or e-mail addresses: columns in any "
        "order, separated by commas, semicolons or tabs.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
        error_messages={
            "required": "Choose a file.",
            "empty": "This file is empty. Nothing was kept of it; choose another one.",
        },
    )


class ColumnsForm(DeskForm):
    """What the columns of a file hold."""

    delimiter = forms.ChoiceField(label="Between the columns stands", choices=SEPARATORS)
    has_heading = forms.BooleanField(label="The first line is a heading", required=False)

    def __init__(self, layout: Layout, data: Mapping[str, Any] | None = None) -> None:
        """One choice for each column, as the file is read now."""
        now = next(name for name, separator in DELIMITERS.items() if separator == layout.delimiter)
        super().__init__(data, initial={"delimiter": now, "has_heading": layout.has_heading})
        self._layout = layout
        for number, use in enumerate(layout.uses):
            self.fields[f"use_{number}"] = forms.ChoiceField(
                label=_label(layout, number),
                required=False,
                choices=USES,
                initial=use.value if use else "",
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    @property
    def columns(self) -> list[forms.BoundField]:
        """The choices for the columns."""
        return [self[f"use_{number}"] for number in range(self._layout.width)]

    @property
    def delimiter_said(self) -> str:
        """The separator that was chosen. Only for a valid form."""
        return DELIMITERS[self.cleaned_data["delimiter"]]

    @property
    def uses(self) -> list[AskedKind | None] | None:
        """What each column is used as; None where other separators make other columns. For a valid form."""
        if self.delimiter_said != self._layout.delimiter:
            return None
        values = [self.cleaned_data[f"use_{number}"] for number in range(self._layout.width)]
        return [AskedKind(value) if value else None for value in values]

    def clean(self) -> dict[str, Any]:
        """At least one column is used."""
        cleaned = super().clean() or {}
        if not self.errors and self.uses is not None and not any(self.uses):
            raise forms.ValidationError("Say of at least one column what it holds.")
        return cleaned


def _label(layout: Layout, number: int) -> str:
    name, place = layout.names[number], f"Column {number + 1}"
    if layout.has_heading:
        return name or place
    return f"{place}, such as {name}" if name else place


def typed_into(form: forms.Form) -> dict[str, Any]:
    """What was typed into the form, right or wrong, but for its file."""
    return {
        name: field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name, field in form.fields.items()
        if name != FIELD
    }

"""What is to be taken away."""

from __future__ import annotations

from typing import Any

from django import forms

from compliance.core import clock
from compliance.core.forms import DeskForm
from compliance.workflow.models import Request

from .models import FileFormat, What

MOST_REFERENCES = 10_000
MOST_NAMED = 20


class Lines(forms.Textarea):
    """A text, or several values of the same name: the ticked rows of a list."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        """One a line."""
        return "\n".join(data.getlist(name)) if name in data else None


def _day(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, help_text="Only for a period.", widget=widget)


class ExportForm(DeskForm):
    """Which entries, and how they are written."""

    what = forms.ChoiceField(
        label="What", choices=What.choices, widget=forms.RadioSelect, initial=What.RECORDED
    )
    begin = _day("First day")
    end = _day("Last day")
    references = forms.CharField(
        label="References",
        required=False,
        help_text="Only for chosen requests: one a line.",
        widget=Lines(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off"}),
    )
    file_format = forms.ChoiceField(
        label="Format", choices=FileFormat.choices, widget=forms.RadioSelect, initial=FileFormat.CSV
    )

    def clean_references(self) -> list[Request]:
        """The requests; references that nothing has are named."""
        wanted = list(dict.fromkeys(self.cleaned_data["references"].upper().split()))
        if len(wanted) > MOST_REFERENCES:
            raise forms.ValidationError(
                f"These are {len(wanted)} references; one export takes up to {MOST_REFERENCES}. Split them."
            )
        found = {request.reference: request for request in Request.objects.filter(reference__in=wanted)}
        unknown = [reference for reference in wanted if reference not in found]
        if unknown:
            more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
            raise forms.ValidationError(
                f"No request has the reference {', '.join(unknown[:MOST_NAMED])}{more}. Correct or remove it."
            )
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        """Chosen requests, or a period: never both, and never neither."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("what") == What.CHOSEN:
            self._need_references(values)
        else:
            self._need_period(values)
        return values

    def _need_references(self, values: dict[str, Any]) -> None:
        values["begin"] = values["end"] = None
        if values.get("references") == []:
            self.add_error("references", "Name at least one request: tick it in the list, or paste it here.")

    def _need_period(self, values: dict[str, Any]) -> None:
        values["references"] = []
        begin, end = values.get("begin"), values.get("end")
        for name in ("begin", "end"):
            if name not in self.errors and not values.get(name):
                self.add_error(name, "Choose the day.")
        if begin and end and end < begin:
            self.add_error("end", "This is before the first day. Choose a later one.")
        if begin and begin > clock.today():
            self.add_error("begin", "This day is still to come: nothing was recorded yet.")

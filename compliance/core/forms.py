"""Forms that look like the rest, and tell a screen reader which error belongs to which field."""

from __future__ import annotations

from typing import Any

from django import forms


class DayField(forms.DateField):
    """A day, chosen in the browser's own way."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DeskForm(forms.Form):
    """Adds Bootstrap's classes to the widgets. Render its fields with includes/field.html."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Style every widget once."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            widget.attrs["class"] = f"{widget.attrs.get('class', '')} {_class_of(widget)}".strip()

    @property
    def refusal(self) -> str:
        """What is wrong with the form as a whole."""
        return " ".join(str(error) for error in self.non_field_errors())


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    return "form-control"

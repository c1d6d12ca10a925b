"""The forms around a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from compliance.core.forms import DeskForm

if TYPE_CHECKING:
    from .typed import Typed


class ApproveForm(DeskForm):
    """Yes to exactly this preview."""

    digest = forms.CharField(widget=forms.HiddenInput)
    count = forms.IntegerField(widget=forms.HiddenInput)
    typed = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    reason = forms.CharField(
        label="Remark", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, typed: Typed | None, **kwargs: Any) -> None:
        """What has to be typed is asked for; where nothing has to be, there is no such field."""
        super().__init__(*args, **kwargs)
        self.to_type = typed
        if typed is None:
            del self.fields["typed"]
        else:
            field = self.fields["typed"]
            field.label = f"To approve, type {typed.name}"
            field.error_messages["required"] = f"Type {typed.name}, as it stands above."

    def clean_typed(self) -> str:
        """What was typed, if it is what had to be."""
        value: str = self.cleaned_data["typed"]
        if self.to_type and not self.to_type.is_met_by(value):
            raise forms.ValidationError(
                f"This isn't {self.to_type.name}, as it stands above. Look again at what you approve."
            )
        return value


class ReasonForm(DeskForm):
    """A no, or an end, with its reason."""

    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        help_text="Whoever entered the request reads this. It is kept under seal.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Give a reason: whoever entered the request has to know what to do."},
    )

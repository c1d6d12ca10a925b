"""The forms around a decision."""

from __future__ import annotations

from django import forms

from compliance.core.forms import DeskForm


class ApproveForm(DeskForm):
    """Yes to exactly this preview."""

    digest = forms.CharField(widget=forms.HiddenInput)
    count = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Remark", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReasonForm(DeskForm):
    """A no, or an end, with its reason."""

    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        help_text="Whoever entered the request reads this. It is kept under seal.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Give a reason: whoever entered the request has to know what to do."},
    )


class PauseForm(DeskForm):
    """A stop, with its reason if there is one to give."""

    reason = forms.CharField(label="Reason", required=False, max_length=1000)

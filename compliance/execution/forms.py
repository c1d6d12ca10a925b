"""The forms about what was erased and is there again."""

from __future__ import annotations

from django import forms

from compliance.core.forms import DeskForm


class WayOutForm(DeskForm):
    """Why records may be there."""

    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        help_text="Kept under seal with the finding. As little about the person as possible.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why: whoever reads this later wants to know."},
    )

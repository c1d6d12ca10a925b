"""The forms of decisions that are told to the person concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from compliance.core.forms import DayField, DeskForm

if TYPE_CHECKING:
    from .extending import Offer

#: Nothing is chosen to begin with: what stands in the ledger was said by somebody.
CHOOSE = ("", "Choose…")


class ExtensionForm(DeskForm):
    """On what ground more time is taken, and why for this request."""

    ground = forms.ChoiceField(label="Ground", error_messages={"required": "Choose a ground of the law."})
    reason = forms.CharField(
        label="Reason, specific to this request",
        max_length=2000,
        help_text="It stands in the notice to the person; kept under seal here. Holidays, staff and workload "
        "are no reason.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Give a reason that is about this request."},
    )
    until = DayField(
        label="New date",
        help_text="The law names no length: by this day the person has the answer.",
        error_messages={"required": "Name the new date."},
    )

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        """Offer the law's grounds; ask for a day only where the law names no length."""
        super().__init__(*args, **kwargs)
        grounds = offer.law.extension.grounds if offer.law.extension else ()
        choices = [CHOOSE, *((each.code, each.meaning) for each in grounds)]
        self.fields["ground"].choices = choices  # type: ignore[attr-defined] # a ChoiceField
        if offer.extended:
            del self.fields["until"]

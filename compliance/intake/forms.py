"""The form by which a colleague records a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.core.forms import DeskForm
from compliance.laws.calendars import CALENDARS
from compliance.subscriptions.models import Subscription
from compliance.workflow.deadlines import refuse_bad_receipt, selectable_laws
from compliance.workflow.opening import MOST_ASKED, Wish
from compliance.workflow.sealing import Subject
from compliance.workflow.states import BY_HAND, AskedKind, Channel, Identity
from compliance.workflow.things import named

from .ids import ReadIds, read_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance.workflow.things import Thing

MOST_PROBLEMS_SHOWN = 10
#: Nothing is chosen to begin with: what stands in the ledger was said by somebody.
CHOOSE = ("", "Choose…")


class WhereForm(DeskForm):
    """In which subscriptions."""

    subscriptions = forms.ModelMultipleChoiceField(
        Subscription.objects.none(),
        label="Pendo subscriptions to search",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one subscription."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """All production subscriptions are chosen to begin with; where there is none, all of them."""
        super().__init__(*args, **kwargs)
        everything = Subscription.objects.all()
        production = everything.filter(production=True)
        field = self.fields["subscriptions"]
        field.queryset = everything  # type: ignore[attr-defined] # a ModelMultipleChoiceField
        field.initial = list((production or everything).values_list("pk", flat=True))
        if not everything:
            field.help_text = "There is none yet: an administrator has to add one first."


class AskedForm(WhereForm):
    """What is asked: visitor ids, and where."""

    visitors = forms.CharField(
        label="Visitor ids",
        help_text=f"One a line, up to {MOST_ASKED}. Letter case counts: to Pendo, Anna and anna are two.",
        widget=forms.Textarea(
            attrs={"class": "ids", "rows": 10, "spellcheck": "false", "autocapitalize": "off"}
        ),
        error_messages={"required": "Name at least one visitor id."},
    )

    @property
    def read(self) -> ReadIds:
        """What was understood of the lines."""
        return read_ids(str(self.data.get("visitors", "")))

    def clean_visitors(self) -> list[str]:
        """The ids; each line that can't be one is named with its reason."""
        read = self.read
        if read.problems:
            lines = [f"Line {number} {reason}." for number, reason in read.problems[:MOST_PROBLEMS_SHOWN]]
            more = len(read.problems) - MOST_PROBLEMS_SHOWN
            raise forms.ValidationError([*lines, *([f"{more} more lines like these."] if more > 0 else [])])
        if not read.ids:
            raise forms.ValidationError("Name at least one visitor id.")
        if len(read.ids) > MOST_ASKED:
            raise forms.ValidationError(
                f"These are {len(read.ids)} ids; one request takes up to {MOST_ASKED}. Split them."
            )
        return read.ids


class WishForm(WhereForm):
    """How a request came in: all of it but the things asked."""

    law = forms.ChoiceField(
        label="Law",
        required=False,
        help_text="Not yet known: of each clock, the strictest of the laws runs.",
    )
    calendar = forms.ChoiceField(
        label="Public holidays of",
        required=False,
        help_text="Moves a last day that falls on a holiday, where the law does so. Not chosen: none moves.",
    )
    received_on = forms.DateField(
        label="Received on",
        help_text="The day it reached the company, by any channel. It may lie before today.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    channel = forms.ChoiceField(
        label="Came by",
        choices=[CHOOSE, *((channel.value, channel.label) for channel in BY_HAND)],
        error_messages={"required": "Say how it came."},
    )
    identity = forms.ChoiceField(
        label="How do we know who it is?",
        choices=[CHOOSE, *Identity.choices],
        error_messages={"required": "Say how you know that it is this person."},
    )
    subject_name = forms.CharField(label="Name of the person", required=False, max_length=200)
    subject_email = forms.EmailField(label="E-mail of the person", required=False)
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=4000,
        help_text="Kept under seal with the request. As little about the person as possible.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the laws of today and their holidays."""
        super().__init__(*args, **kwargs)
        laws = selectable_laws()
        codes = {code for law in laws for code in law.calendars}
        calendars = sorted((CALENDARS[code].name, code) for code in codes)
        self._offer("law", [("", "Not yet known"), *((law.code, law.name) for law in laws)])
        self._offer("calendar", [("", "Not chosen"), *((code, name) for name, code in calendars)])
        self.fields["received_on"].initial = clock.today

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined] # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """A receipt in the future, or long ago, is a slip of the keyboard."""
        cleaned = super().clean() or {}
        received_on = cleaned.get("received_on")
        if received_on:
            try:
                refuse_bad_receipt(received_on)
            except Refused as refusal:
                self.add_error("received_on", str(refusal))
        return cleaned

    def wish(self, things: Sequence[Thing]) -> Wish:
        """What the request says, asking for these things. Only for a valid form."""
        values = self.cleaned_data
        return Wish(
            law=values["law"],
            calendar=values["calendar"],
            received_on=values["received_on"],
            channel=Channel(values["channel"]),
            identity=Identity(values["identity"]),
            subject=Subject(name=values["subject_name"], email=values["subject_email"]),
            note=values["note"],
            things=things,
            subscriptions=list(values["subscriptions"]),
        )


class RequestForm(AskedForm, WishForm):
    """A request with the things asked."""

    @property
    def things(self) -> list[Thing]:
        """What is asked. Only for a valid form."""
        return named(AskedKind.VISITOR, self.cleaned_data["visitors"])

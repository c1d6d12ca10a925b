"""The forms around a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from compliance.core.forms import DayField, DeskForm
from compliance.laws.calendars import CALENDARS

from .enabled_laws import selectable_laws
from .models import AccessAnswer
from .policy import NAMES, PRODUCTION, Numbers
from .policy_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .policy import Place
    from .typed import Typed


class ApproveForm(DeskForm):
    """Yes to exactly this preview."""

    digest = forms.CharField(widget=forms.HiddenInput)
    count = forms.IntegerField(widget=forms.HiddenInput)
    typed = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    access = forms.ChoiceField(
        label="The message asks for access, too, and what is erased can't be shown any more",
        choices=[("", "Choose…"), *AccessAnswer.choices],
        error_messages={"required": "Confirm that access was given, or that it isn't due."},
    )
    reason = forms.CharField(
        label="Remark", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, typed: Typed | None, access_asked: bool, **kwargs: Any) -> None:
        """What has to be typed, or said about access, is asked for; else there is no such field."""
        super().__init__(*args, **kwargs)
        if not access_asked:
            del self.fields["access"]
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


def _number(name: str) -> forms.IntegerField:
    words = WORDS[name]
    label = f"{words.label} ({words.unit})"
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=words.least,
        max_value=words.most,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), words.bounds),
    )


def _people(name: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=WORDS[name].label,
        required=False,
        choices=[("", "Nothing said here"), ("True", "Wants two people"), ("False", "One person is enough")],
        coerce=lambda value: value == "True",
        empty_value=None,
    )


class PolicyForm(DeskForm):
    """What one line of the policy says. An empty field says nothing: then a more general line counts."""

    two_people_over = _number("two_people_over")
    two_people_for_accounts = _people("two_people_for_accounts")
    two_people_for_wipes = _people("two_people_for_wipes")
    grace_minutes = _number("grace_minutes")
    canary_over = _number("canary_over")
    canary_size = _number("canary_size")

    def __init__(self, *args: Any, place: Place, fallbacks: Mapping[str, str], **kwargs: Any) -> None:
        """Say beside each field what holds where it is left empty."""
        super().__init__(*args, **kwargs)
        if place.sort == PRODUCTION:
            del self.fields["two_people_for_wipes"]
        for name, field in self.fields.items():
            field.help_text = f"{WORDS[name].help} Left empty: {fallbacks[name]}.".strip()

    def numbers(self) -> Numbers:
        """What the line is to say. Only for a valid form."""
        return Numbers(**{name: self.cleaned_data.get(name) for name in NAMES})


class LawForm(DeskForm):
    """Under which law a request is, and whose holidays count."""

    law = forms.ChoiceField(label="Law", error_messages={"required": "Choose a law."})
    calendar = forms.ChoiceField(
        label="Public holidays of",
        required=False,
        help_text="Moves a last day that falls on a holiday, where the law does so. Not chosen: none moves.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the laws of today and their holidays."""
        super().__init__(*args, **kwargs)
        laws, calendars = law_choices()
        self.fields["law"].choices = [("", "Choose…"), *laws]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["calendar"].choices = [("", "Not chosen"), *calendars]  # type: ignore[attr-defined]


def law_choices() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The laws that a request may be opened under today, and the calendars that count under them."""
    laws = selectable_laws()
    codes = {code for law in laws for code in law.calendars}
    calendars = sorted((CALENDARS[code].name, code) for code in codes)
    return [(law.code, law.name) for law in laws], [(code, name) for name, code in calendars]


class IdentityForm(DeskForm):
    """When the person was asked to prove who they are, and when they did."""

    asked_on = DayField(
        label="Proof asked for on", error_messages={"required": "Say on which day the person was asked."}
    )
    proven_on = DayField(label="Proof came on", required=False, help_text="Left empty: not yet.")


class ElsewhereForm(DeskForm):
    """Which case of another system handles the correspondence, and the day that it sets."""

    case = forms.CharField(
        label="Number of the case there",
        max_length=80,
        help_text="Letters, digits and . _ : / # -. It is kept in clear: put nothing about a person into it.",
        error_messages={"required": "Give the number of the case."},
    )
    due_on = DayField(
        label="Due there on",
        help_text="Lists sort by it where it is earlier than our own day to order by.",
        error_messages={"required": "Say by when the other system wants it."},
    )


class PauseForm(DeskForm):
    """A stop, with its reason if there is one to give."""

    reason = forms.CharField(label="Reason", required=False, max_length=1000)

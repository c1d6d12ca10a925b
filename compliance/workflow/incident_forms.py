"""The forms about a wrong deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.timezone import localtime

from compliance.core import clock
from compliance.core.forms import DeskForm

from .incidents import AUTHORITY, MOST_NAMED, PERSONS, reportable_targets
from .models import Risk
from .rows import name_of
from .sealing import targets_vault

if TYPE_CHECKING:
    import datetime as dt

    from .models import Request, Target

ALL, SOME = "all", "some"
YES_NO = [("yes", "Yes"), ("no", "No")]


class MomentField(forms.DateTimeField):
    """A day and a time, chosen in the browser's own way, at the controller's establishment."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _now() -> dt.datetime:
    return localtime(clock.now()).replace(second=0, microsecond=0)


class ReportForm(DeskForm):
    """What was wrong, since when it is known, and who was meant."""

    happened = forms.CharField(
        label="What happened?",
        max_length=4000,
        help_text="How it came about, and how it was noticed. Kept under seal with the incident.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say what happened: whoever decides about it reads this."},
    )
    aware_at = MomentField(
        label="Known since",
        initial=_now,
        help_text="When the first person here knew, not when it is reported. The 72 hours run from it.",
        error_messages={"required": "Say since when it is known."},
    )
    which = forms.ChoiceField(
        label="Who was wrongly named?",
        choices=[(ALL, "All that this request names"), (SOME, "Only those ticked below")],
        initial=ALL,
        widget=forms.RadioSelect,
    )
    targets = forms.MultipleChoiceField(
        label="Those wrongly named", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        """Offer the targets of the request, where they are few enough to be ticked."""
        super().__init__(*args, **kwargs)
        targets = list(reportable_targets(request)[: MOST_NAMED + 1])
        self.by_key: dict[str, Target] = {str(target.pk): target for target in targets}
        if not 1 < len(targets) <= MOST_NAMED:
            del self.fields["which"], self.fields["targets"]
            return
        vault = targets_vault(request)
        self.fields["targets"].choices = [  # type: ignore[attr-defined] # a MultipleChoiceField
            (
                key,
                f"{name_of(vault, target)}, {target.subscription.name}: {target.get_outcome_display()}",
            )
            for key, target in self.by_key.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Who says "some" ticks some."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("which") == SOME and not values.get("targets"):
            self.add_error("which" if "targets" in self.errors else "targets", "Tick who was wrongly named.")
        return values

    @property
    def chosen(self) -> list[Target]:
        """The targets that were ticked; none where all are meant. Only for a valid form."""
        if self.cleaned_data.get("which") != SOME:
            return []
        return [self.by_key[key] for key in self.cleaned_data["targets"]]


class AssessmentForm(DeskForm):
    """How many, what, and what it means for them."""

    persons = forms.IntegerField(
        label="Number of people concerned",
        min_value=0,
        max_value=10_000_000,
        help_text="Approximately, if nobody knows.",
        error_messages={"required": "Give a number, if only approximately."},
    )
    categories = forms.CharField(
        label="Categories",
        max_length=2000,
        help_text="What kinds of people, and of data: such as customers; events, survey answers.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what kinds of people and data are concerned."},
    )
    risk = forms.ChoiceField(
        label="Risk to their rights and freedoms",
        choices=Risk.choices,
        widget=forms.RadioSelect,
        help_text="Of a risk the authority is notified (Art. 33 GDPR), of a high one the people, too.",
        error_messages={"required": "Say which risk there is."},
    )


class DecisionForm(DeskForm):
    """Whom to notify, and why."""

    tell_authority = forms.TypedChoiceField(
        label="Notify the authority?",
        choices=YES_NO,
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Decide."},
    )
    tell_persons = forms.TypedChoiceField(
        label="Notify the people concerned?",
        choices=YES_NO,
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Decide."},
    )
    reason = forms.CharField(
        label="Why",
        max_length=4000,
        help_text="Documented whichever way you decide. Kept under seal.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Give the reason."},
    )


class NotifiedForm(DeskForm):
    """That somebody was notified."""

    whom = forms.ChoiceField(
        label="Who was notified", choices=[(AUTHORITY, "The authority"), (PERSONS, "Everybody concerned")]
    )
    at = MomentField(label="When", initial=_now, error_messages={"required": "Say when."})

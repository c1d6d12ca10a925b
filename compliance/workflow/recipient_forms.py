"""The forms of the register of recipients, and of their tasks."""

from __future__ import annotations

from typing import Any

from django import forms

from compliance.core.forms import DeskForm
from compliance.subscriptions.forms import PersonChoice

from .enabled_laws import laws_ever_enabled
from .kinds import KINDS_WITH_RECIPIENTS
from .models import Told
from .recipients import LONGEST_DAYS, RecipientFacts, possible_owners
from .words import KINDS


class OwnerChoice(PersonChoice):
    """Somebody who may do the tasks of telling others."""

    def __init__(self, **kwargs: Any) -> None:
        """One has to be chosen."""
        super().__init__(**kwargs)
        self.queryset, self.required, self.empty_label = possible_owners(), True, "Choose…"


class RecipientForm(DeskForm):
    """What the register says about another system."""

    name = forms.CharField(
        max_length=80,
        help_text="What your company calls the system. It stands in the ledger and in answers to people.",
        error_messages={"required": "Give it a name."},
    )
    holds = forms.CharField(
        label="What is held there",
        max_length=400,
        help_text="In words that a person who asks may read: name, e-mail address, support conversations.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what is held there."},
    )
    told_by = forms.CharField(
        label="How it is told",
        max_length=400,
        help_text="What its owner has to do, step by step, and what shows that it was done.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say how it is told."},
    )
    owner = OwnerChoice(
        label="Owner",
        help_text="Gets a task for each request, and the reminders. An analyst or a privacy officer.",
        error_messages={"required": "Choose who sees to it."},
    )
    days = forms.IntegerField(
        label="Days it may take",
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=7,
        help_text="From the beginning of the erasure until the evidence is there. It is due the day before "
        "the answer at the latest.",
    )
    kinds = forms.MultipleChoiceField(
        label="Concerns requests of this kind",
        choices=[(kind.value, KINDS[kind].name) for kind in KINDS_WITH_RECIPIENTS],
        initial=[KINDS_WITH_RECIPIENTS[0].value],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one kind."},
    )
    laws = forms.MultipleChoiceField(
        label="Concerns requests under these laws",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: every law. A request whose law isn't known yet concerns all.",
    )
    active = forms.BooleanField(
        label="Active",
        required=False,
        initial=True,
        help_text="Not active, it gets no further task. Open tasks stay.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the laws that requests may be under."""
        super().__init__(*args, **kwargs)
        laws = [(law.code, law.name) for law in laws_ever_enabled()]
        self.fields["laws"].choices = laws  # type: ignore[attr-defined] # a MultipleChoiceField

    @property
    def facts(self) -> RecipientFacts:
        """What was said. Only for a valid form."""
        return RecipientFacts(**self.cleaned_data)


class TaskForm(DeskForm):
    """How the task of telling a recipient ended."""

    told = forms.ChoiceField(
        label="How did it end?",
        choices=Told.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say how it ended."},
    )
    evidence = forms.CharField(
        label="Evidence, or the reasons",
        max_length=4000,
        help_text="Told: what shows it, such as a ticket's number or an answer with its date. Not told: the "
        "facts, in detail. Kept under seal.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say what shows that it was told, or why it isn't."},
    )


class HandOverForm(DeskForm):
    """Who looks after a task from now on."""

    owner = OwnerChoice(label="Hand over to", error_messages={"required": "Choose somebody."})

"""What lists are filtered by. Sent by GET, so nothing personal can be asked here: that is the search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.utils.formats import date_format
from django.utils.functional import cached_property

from compliance.core.forms import DeskForm
from compliance.execution.models import BatchState
from compliance.people.access import Act, can
from compliance.subscriptions.models import Subscription
from compliance.subscriptions.reach import reached_subscriptions
from compliance.workflow.enabled_laws import laws_ever_enabled
from compliance.workflow.models import Attention, Recipient
from compliance.workflow.states import ENDED, CompanyRole, Kind, Outcome, State

if TYPE_CHECKING:
    from django.http import QueryDict

    from compliance.people.models import Person

ANY = ("", "Any")
#: A reason that no request has: what it erased, the watch has found.
THERE_AGAIN = ("there_again", "What was erased is there again")
#: In place of a law's code, which is empty while the law isn't known.
UNKNOWN_LAW = "unknown"
TARGET_KINDS = (("visitor", "Visitor"), ("account", "Account"), ("guide", "Guide"))


class Chip(NamedTuple):
    """One thing that a list is filtered by, in words, and the address's query without it."""

    words: str
    without: str


class FilterForm(DeskForm):
    """A filter: every field may be left empty, and one that can't be understood filters nothing."""

    #: Which half of a list is shown; kept by "Reset", and no chip.
    tab = ""

    def __init__(self, data: QueryDict) -> None:
        """Nothing has to be chosen."""
        super().__init__(data)
        for field in self.fields.values():
            field.required = False

    @cached_property
    def values(self) -> dict[str, Any]:
        """What was chosen and understood."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def query(self) -> str:
        """The filter as an address holds it, whole."""
        return self._query_without("")

    @property
    def reset(self) -> str:
        """The same half of the list, unfiltered."""
        return f"{self.tab}=1" if self.values.get(self.tab) else ""

    @property
    def chips(self) -> list[Chip]:
        """What the list is filtered by, in the order of the form."""
        return [
            Chip(self._words(name, value), self._query_without(name))
            for name, value in self.values.items()
            if name != self.tab
        ]

    def _query_without(self, left_out: str) -> str:
        return urlencode({name: self.data[name] for name in self.values if name != left_out})

    def _words(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.BooleanField):
            return str(field.label)
        if isinstance(field, forms.DateField):
            value = date_format(value, "j M Y")
        elif not isinstance(field, forms.ModelChoiceField):
            value = dict(field.choices)[value]  # type: ignore[attr-defined] # a ChoiceField
        return f"{field.label}: {value}"


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class RequestFilter(FilterForm):
    """Which requests are listed."""

    tab = "ended"
    ended = forms.ChoiceField(choices=[("1", "Ended")], widget=forms.HiddenInput)
    state = forms.ChoiceField(label="State")
    kind = forms.ChoiceField(label="Kind", choices=[ANY, *Kind.choices])
    law = forms.ChoiceField(label="Law")
    role = forms.ChoiceField(
        label="We are",
        choices=[
            ANY,
            (CompanyRole.CONTROLLER.value, "Controller"),
            (CompanyRole.PROCESSOR.value, "Processor"),
        ],
    )
    subscription = forms.ModelChoiceField(
        Subscription.objects.order_by("name"), label="Subscription", empty_label="Any"
    )
    due = forms.ChoiceField(
        label="Order by",
        choices=[
            ANY,
            ("overdue", "Overdue"),
            ("late", "Past the law's last day"),
            ("week", "In the next 7 days"),
        ],
        help_text="What is ordered counts only once the law's last day has passed.",
    )
    waits = forms.ChoiceField(label="Waits for")
    mine = forms.BooleanField(label="Entered by me")
    received_from = _day("Received from")
    received_to = _day("Received to")

    def __init__(self, data: QueryDict, *, person: Person) -> None:
        """The states are those of the half that is shown; what waits is asked of open requests only."""
        super().__init__(data)
        ended = data.get("ended") == "1"
        self._choose("state", [(each.value, each.label) for each in State if (each in ENDED) == ended])
        reached = reached_subscriptions(person, Act.READ_REQUESTS).order_by("name")
        self.fields["subscription"].queryset = reached  # type: ignore[attr-defined] # a ModelChoiceField
        laws = [(law.code, law.name) for law in laws_ever_enabled()]
        self._choose("law", [*laws, (UNKNOWN_LAW, "Not yet known")])
        decides = [("decision", "My decision")] if can(person, Act.APPROVE) else []
        self._choose("waits", [("person", "A person"), *decides])
        if ended:
            del self.fields["due"], self.fields["waits"]

    def clean(self) -> dict[str, Any]:
        """A range of days that ends before it begins is said to."""
        values: dict[str, Any] = super().clean() or {}
        begin, end = values.get("received_from"), values.get("received_to")
        if begin and end and end < begin:
            self.add_error("received_to", "This is before the first day. Choose a later one.")
        return values

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [ANY, *choices]  # type: ignore[attr-defined] # a ChoiceField


class TargetFilter(FilterForm):
    """Which targets of a request are listed."""

    outcome = forms.ChoiceField(label="Outcome", choices=[ANY, *Outcome.choices])
    subscription = forms.ModelChoiceField(
        Subscription.objects.order_by("name"), label="Subscription", empty_label="Any"
    )
    kind = forms.ChoiceField(label="Kind", choices=[ANY, *TARGET_KINDS])


class BatchFilter(FilterForm):
    """Which batches of a request are listed."""

    state = forms.ChoiceField(label="State", choices=[ANY, *BatchState.choices])


class AttentionFilter(FilterForm):
    """Which of the things that need a person are listed."""

    reason = forms.ChoiceField(label="Reason", choices=[ANY, *Attention.Reason.choices, THERE_AGAIN])

    @property
    def findings(self) -> bool:
        """Whether findings of the watch are listed."""
        return self.values.get("reason") in {None, THERE_AGAIN[0]}


class TaskFilter(FilterForm):
    """Which tasks of telling another system are listed."""

    tab = "done"
    done = forms.ChoiceField(choices=[("1", "Done")], widget=forms.HiddenInput)
    recipient = forms.ModelChoiceField(
        Recipient.objects.order_by("name"), label="Recipient", empty_label="Any"
    )
    due = forms.ChoiceField(
        label="Due", choices=[ANY, ("overdue", "Overdue"), ("week", "In the next 7 days")]
    )
    mine = forms.BooleanField(label="Mine")

    def __init__(self, data: QueryDict) -> None:
        """Nothing that is done is due."""
        super().__init__(data)
        if data.get("done") == "1":
            del self.fields["due"]

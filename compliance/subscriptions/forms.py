"""Forms about subscriptions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from compliance.connectors.pendo import REGIONS
from compliance.core import clock
from compliance.core.forms import DeskForm
from compliance.people.models import Person

from .care import LONGEST_ROTATION_DAYS
from .models import Subscription
from .pendo_clicks import MAKE_A_KEY, MAKE_A_READING_KEY
from .registration import MOST_NAME_CHARACTERS
from .stopping import MOST_REASON_CHARACTERS


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # generic only in its stubs
    """Somebody who works here, by name; or nobody."""

    def __init__(self, **kwargs: Any) -> None:
        """Active people."""
        people = Person.objects.filter(is_active=True).order_by("name", "pk")
        super().__init__(people, required=False, empty_label="nobody", **kwargs)

    def label_from_instance(self, obj: Person) -> str:
        """The name; a person's own text is the reference."""
        return obj.name


class WithinForm(DeskForm):
    """For which subscriptions a role is given."""

    within = forms.ModelMultipleChoiceField(
        Subscription.objects.order_by("name"),
        label="Only for these subscriptions",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: for all of them, also those to come. A limited role reaches requests that "
        "lie wholly in its subscriptions. Legal and administrator are for all.",
    )

    @property
    def chosen(self) -> list[Subscription]:
        """The subscriptions; empty for all of them. Only for a valid form."""
        return list(self.cleaned_data["within"])


class AddSubscriptionForm(DeskForm):
    """A new subscription, still without its key."""

    name = forms.CharField(
        max_length=MOST_NAME_CHARACTERS,
        help_text="What your company calls it. It stands on every page and in the ledger, so name no person.",
        error_messages={"required": "Give it a name."},
    )
    region = forms.ChoiceField(
        choices=[(code, region.label) for code, region in REGIONS.items()],
        help_text="The address at which you log in to Pendo tells the region. Keys work only in their own.",
    )
    production = forms.BooleanField(
        label="Production",
        required=False,
        initial=True,
        help_text="Holds data of real people: deletions wait for a grace period and keep stricter rules.",
    )
    url = forms.CharField(
        label="Another address",
        required=False,
        empty_value="",
        help_text="Only for a sandbox: calls go there instead of the region's host.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer another address only where settings allow one."""
        super().__init__(*args, **kwargs)
        if not settings.PENDO_ALLOW_CUSTOM_URL:
            del self.fields["url"]


class KeyForm(DeskForm):
    """A Pendo key. Its value is never put into a page."""

    key = forms.CharField(
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
        ),
        help_text=MAKE_A_KEY,
        error_messages={"required": "Paste the key here."},
    )
    made_on = forms.DateField(
        label="Made on",
        required=False,
        initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The day it was made in Pendo. Its age counts from that day, not from today. Leave it "
        "empty if nobody can find out: then it counts as made today at the latest.",
    )


class ReadingKeyForm(KeyForm):
    """A Pendo key for look-ups."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say how such a key is made."""
        super().__init__(*args, **kwargs)
        self.fields["key"].help_text = MAKE_A_READING_KEY


class ProposeKeyForm(KeyForm):
    """A key of another Pendo subscription, on purpose."""

    on_purpose = forms.BooleanField(
        label="The subscription itself was moved or made anew in Pendo. This is no mistake.",
        error_messages={"required": "Tick this only if it is so. Otherwise enter a key of the right one."},
    )


class CareForm(DeskForm):
    """Who looks after a key, and for how long it may be used."""

    owner = PersonChoice(help_text="Is reminded to replace the key in time.")
    deputy = PersonChoice(help_text="Is reminded, too, and stands in.")
    made_on = forms.DateField(
        label="Made on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The day it was made in Pendo. Empty: nobody knows.",
    )
    rotation_days = forms.IntegerField(
        label="Days a key may be used",
        min_value=1,
        max_value=LONGEST_ROTATION_DAYS,
        help_text="For all keys of this subscription. Reminders come 30, 14, 7, 1 and 0 days before the end, "
        "then every day with the privacy officers in copy.",
    )


class EmailFieldForm(DeskForm):
    """Where e-mail addresses stand: chosen from what Pendo shows, or typed where it can't be asked."""

    field = forms.CharField(
        label="Field for e-mail addresses",
        max_length=80,
        help_text="Its group and its name in Pendo's metadata, with a dot between them.",
        error_messages={"required": "Name the field, such as agent.email."},
    )

    def __init__(self, *args: Any, fields: list[str], now: str, **kwargs: Any) -> None:
        """Offer these fields, and the one that is in use."""
        super().__init__(*args, initial={"field": now}, **kwargs)
        if fields:
            offered = fields if now in fields else [now, *fields]
            self.fields["field"].widget = forms.Select(
                attrs={"class": "form-select"}, choices=[(name, name) for name in offered]
            )


class StopForm(DeskForm):
    """Stopping all sending."""

    reason = forms.CharField(
        label="Reason",
        max_length=MOST_REASON_CHARACTERS,
        help_text="Officers read it before they let it go on. It is kept under seal.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Give a reason: an officer has to know when it may go on."},
    )

"""The form of a webhook."""

from __future__ import annotations

from typing import Any

from django import forms

from compliance.connectors.targets import LONGEST_URL
from compliance.core.forms import DeskForm
from compliance.subscriptions.forms import PersonChoice

from .endpoints import MOST_DESCRIPTION_CHARACTERS, EndpointFacts
from .event_types import EventType


class WebhookForm(DeskForm):
    """Where which events are sent, and who looks after it."""

    url = forms.CharField(
        label="Address",
        max_length=LONGEST_URL,
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
        ),
        help_text="Begins with https:// and can be reached from the internet. It is kept under seal: later "
        "only its host is shown.",
        error_messages={"required": "Give the address of the receiver."},
    )
    types = forms.MultipleChoiceField(
        label="Events",
        choices=[(each.value, f"{each.value}: {each.label}") for each in EventType],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one event."},
    )
    description = forms.CharField(
        required=False,
        max_length=MOST_DESCRIPTION_CHARACTERS,
        help_text="What it is for, such as “Tickets”. Name no person.",
    )
    owner = PersonChoice(help_text="Gets a mail when the receiver doesn't take what is sent.")

    def __init__(self, *args: Any, changing: bool = False, **kwargs: Any) -> None:
        """An owner is wanted; of a webhook that is there, the address may stay as it is."""
        super().__init__(*args, **kwargs)
        owner, url = self.fields["owner"], self.fields["url"]
        owner.required, owner.empty_label = True, "Choose…"  # type: ignore[attr-defined] # a ModelChoiceField
        owner.error_messages["required"] = "Choose who looks after it."
        if changing:
            url.required, url.label = False, "Another address"
            url.help_text = "Leave it empty to keep the present one, which is shown to nobody."

    @property
    def facts(self) -> EndpointFacts:
        """What was said. Only for a valid form."""
        said = self.cleaned_data
        types = [EventType(value) for value in said["types"]]
        return EndpointFacts(types, said["owner"], said["description"])

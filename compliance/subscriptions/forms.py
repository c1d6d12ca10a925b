"""Forms about subscriptions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from compliance.connectors.pendo import REGIONS
from compliance.core.forms import DeskForm

from .registration import MOST_NAME_CHARACTERS


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
        help_text="In Pendo, an administrator makes it under Settings > Integrations > Integration Keys, "
        "with write access. Pendo shows it once, when it is made.",
        error_messages={"required": "Paste the key here."},
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

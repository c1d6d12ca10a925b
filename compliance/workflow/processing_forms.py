"""The forms about the company as processor, and of the register of customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from compliance.core import clock
from compliance.core.forms import DayField, DeskForm

from .customers import CustomerFacts
from .processing import LONGEST_DAYS, accounts_found

if TYPE_CHECKING:
    from .models import Request
    from .processing import FoundAccount

OTHER = ""


class CustomerForm(DeskForm):
    """What the register says about a customer."""

    name = forms.CharField(
        max_length=120,
        help_text="The name of a company. It stands in change records, so name no person.",
        error_messages={"required": "Give it a name."},
    )
    account_id = forms.CharField(
        label="Account id in Pendo",
        required=False,
        max_length=200,
        help_text="By it the customer is found in previews. Letter case counts.",
    )
    contact = forms.EmailField(
        label="Address for requests",
        required=False,
        help_text="A mailbox of the company's, such as privacy@customer.example.",
    )
    days = forms.IntegerField(
        label="Days that the contract gives",
        min_value=1,
        max_value=LONGEST_DAYS,
        help_text="After the receipt of a person's request.",
        error_messages={"required": "Say how many days the contract gives."},
    )
    active = forms.BooleanField(label="Active", required=False, initial=True)

    @property
    def facts(self) -> CustomerFacts:
        """What was said. Only for a valid form."""
        return CustomerFacts(**self.cleaned_data)


class ProcessorForm(DeskForm):
    """Which customer a request is of: one of those found, or another."""

    account = forms.ChoiceField(label="Found by the preview", required=False, widget=forms.RadioSelect)
    name = forms.CharField(
        label="Name of the customer",
        required=False,
        max_length=120,
        help_text="As in the register, or another one. Left empty: that of the account chosen above.",
    )
    days = forms.IntegerField(
        label="Days that the contract gives",
        required=False,
        min_value=1,
        max_value=LONGEST_DAYS,
        help_text="After receipt. Left empty: those of the register.",
    )

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        """Offer the accounts that the preview met."""
        super().__init__(*args, **kwargs)
        found = accounts_found(request)
        if not found:
            del self.fields["account"]
            return
        choices = [(each.account, _words(each)) for each in found]
        self.fields["account"].choices = [*choices, (OTHER, "Another one, named below")]  # type: ignore[attr-defined]

    @property
    def named(self) -> dict[str, Any]:
        """The customer as `processing.name_customer` takes it. Only for a valid form."""
        values = self.cleaned_data
        account = values.get("account", "")
        return {"name": values["name"], "account": account, "days": values["days"]}


def _words(found: FoundAccount) -> str:
    count = f"{found.account}: {found.count:,} of those found"
    return (
        f"{count}; in the register: {found.customer}, {found.customer.days} days" if found.customer else count
    )


class InstructionForm(DeskForm):
    """Who of the customer instructed, when, and what shows it."""

    who = forms.CharField(
        label="Who gave the instruction",
        max_length=200,
        help_text="Name and function at the customer. Kept under seal.",
        error_messages={"required": "Say who gave it."},
    )
    instructed_on = DayField(
        label="Given on", initial=clock.today, error_messages={"required": "Say on which day it was given."}
    )
    evidence = forms.CharField(
        label="What shows it",
        max_length=4000,
        help_text="The text of the instruction, or where it is kept. Kept under seal.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what shows it."},
    )

"""The forms of decisions that are told to the person concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from compliance.core.forms import DayField, DeskForm

from .models import AppealKind, AppealResult, RefusalScope
from .refusing import Case
from .states import BY_HAND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance.laws.law import Law, Reason

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


class RefusalForm(DeskForm):
    """What is refused, and why: the reasons are those of the request's law."""

    scope = forms.ChoiceField(
        label="What is refused",
        choices=[
            (RefusalScope.WHOLE, "The whole request: it ends, and nothing is sent"),
            (RefusalScope.TARGETS, "The targets ticked below: they stay, the rest goes on"),
            (RefusalScope.NAMED, "Other data, named in words: it stays, everything else goes on"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say what is refused."},
    )
    what = forms.CharField(
        label="The data that stays, in words",
        required=False,
        max_length=400,
        help_text="Only for the third choice: for example, invoices of the last ten years.",
    )
    code = forms.ChoiceField(label="Reason", error_messages={"required": "Choose a reason of the law."})
    facts = forms.CharField(
        label="The facts",
        max_length=4000,
        help_text="Why the reason fits this case. It stands in the letter; kept under seal here.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Write the facts: a reason without them is no basis."},
    )
    statute = forms.CharField(
        label="Provision that wants it kept", required=False, max_length=300, help_text="Statute and section."
    )
    kept_until = DayField(label="Kept until", required=False, help_text="Then the data goes after all.")
    evidence = forms.CharField(
        label="Where the evidence is kept",
        required=False,
        max_length=300,
        help_text="Such as the number of a ticket.",
    )

    def __init__(self, *args: Any, law: Law, **kwargs: Any) -> None:
        """Offer the law's reasons, each with what it wants beside it."""
        super().__init__(*args, **kwargs)
        reasons = [(each.code, _with_needs(each)) for each in law.refusal_reasons]
        self.fields["code"].choices = [CHOOSE, *reasons]  # type: ignore[attr-defined] # a ChoiceField

    @property
    def case(self) -> Case:
        """Why the right is refused. Only for a valid form."""
        names = ("code", "facts", "statute", "evidence", "kept_until", "what")
        return Case(**{name: self.cleaned_data[name] for name in names})


class WordForm(DeskForm):
    """Why a proposal is declined."""

    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=1000,
        help_text="Whoever proposed it reads this. It is kept under seal.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class WithdrawalForm(DeskForm):
    """That the person takes the request back, and how it came."""

    withdrawn_on = DayField(label="Withdrawn on", error_messages={"required": "Say on which day it came."})
    channel = forms.ChoiceField(
        label="Came by",
        choices=[CHOOSE, *((channel.value, channel.label) for channel in BY_HAND)],
        error_messages={"required": "Say how it came."},
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=1000,
        help_text="Kept under seal. As little about the person as possible.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AppealForm(DeskForm):
    """An appeal or complaint that has come in."""

    kind = forms.ChoiceField(label="What came", error_messages={"required": "Say what came."})
    received_on = DayField(
        label="Received on", error_messages={"required": "Say on which day it reached the company."}
    )
    channel = forms.ChoiceField(
        label="Came by",
        choices=[CHOOSE, *((channel.value, channel.label) for channel in BY_HAND)],
        error_messages={"required": "Say how it came."},
    )
    text = forms.CharField(
        label="What the person says",
        max_length=4000,
        help_text="Kept under seal. As little about the person as possible.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what the person says."},
    )

    def __init__(self, *args: Any, kinds: Sequence[AppealKind], **kwargs: Any) -> None:
        """Offer what the law lets the person address to the company."""
        super().__init__(*args, **kwargs)
        choices = [(kind.value, kind.label) for kind in kinds]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined] # a ChoiceField


class LongerForm(DeskForm):
    """Why the answer to an appeal takes longer."""

    reason = forms.CharField(
        label="Reason",
        max_length=4000,
        help_text="Specific to this appeal. It stands in the notice to the person; kept under seal here.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write the reason: the person reads it."},
    )


class AppealDecisionForm(DeskForm):
    """What becomes of an appeal or complaint."""

    result = forms.ChoiceField(
        label="Decision",
        choices=[
            (AppealResult.UPHELD, "Our answer stands"),
            (AppealResult.OVERTURNED, "Granted: a request that asks the same is opened, to be approved anew"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two."},
    )
    reason = forms.CharField(
        label="Reasons",
        max_length=4000,
        help_text="They stand in the answer to the person; kept under seal here.",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Write the reasons: the person reads them."},
    )


def _with_needs(reason: Reason) -> str:
    wants = f" (wants {', '.join(need.value for need in reason.needs)})" if reason.needs else ""
    return f"{reason.meaning}, {reason.provision}{wants}"

"""The forms around a hold."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms

from compliance.core import clock
from compliance.core.forms import DayField, DeskForm
from compliance.people.models import Person
from compliance.people.roles import Role
from compliance.subscriptions.forms import PersonChoice
from compliance.subscriptions.models import Subscription

from .hold_placing import HoldTerms
from .hold_reasons import WORDS, HoldReason
from .hold_things import MOST_HELD, Named, read_held, read_table, text_in
from .line_fields import TextLinesField, refuse_bad_lines
from .states import HeldKind

if TYPE_CHECKING:
    from django.forms import BoundField
    from django.http import QueryDict

#: A first review lies so far ahead, unless somebody says otherwise.
FIRST_REVIEW = dt.timedelta(days=90)
CHOOSE = ("", "Choose…")
LINES = {
    "visitors": HeldKind.VISITOR,
    "emails": HeldKind.EMAIL,
    "accounts": HeldKind.ACCOUNT,
    "domains": HeldKind.DOMAIN,
}


def _lines(kind: HeldKind, label: str, help_text: str) -> TextLinesField:
    return TextLinesField(partial(read_held, kind), label=label, help_text=help_text)


class OwnerField(PersonChoice):
    """Somebody who holds the role Legal, by name."""

    def __init__(self) -> None:
        """Somebody has to be chosen; whoever holds the role is offered by the form."""
        super().__init__(label="Owner")
        self.required, self.empty_label = True, CHOOSE[1]


class ReviewForm(DeskForm):
    """Who looks after a hold, and until when."""

    owner = OwnerField()
    review_on = DayField(
        label="Review by",
        help_text="Within a year. Its owner and everybody in legal are reminded: before it, on it, and every "
        "week after it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer whoever holds the role Legal."""
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = Person.objects.holding([Role.LEGAL]).order_by("name", "pk")


class TermsForm(ReviewForm):
    """Why something is held, and where."""

    reason = forms.ChoiceField(
        label="Reason",
        choices=[CHOOSE, *((each.value, f"{each.label} ({each.value})") for each in HoldReason)],
    )
    matter = forms.CharField(
        label="Matter",
        max_length=200,
        help_text="Its name or number. Kept under seal, for legal's eyes only.",
    )
    subscriptions = forms.ModelMultipleChoiceField(
        Subscription.objects.none(),
        label="Only in these subscriptions",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: in all of them, and in those that are added later.",
    )
    suspends = forms.BooleanField(
        label="Have Do Not Process set in Pendo meanwhile",
        required=False,
        help_text="For the visitors whom it keeps back, and nobody else: Pendo collects nothing more about "
        "them. What isn't collected can't be recovered; what Pendo has stays. Lifted with the hold, unless "
        "the erasure goes on.",
    )
    field_order = ("reason", "matter", "owner", "review_on", "subscriptions", "suspends")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer today's subscriptions."""
        super().__init__(*args, **kwargs)
        subscriptions: Any = self.fields["subscriptions"]
        subscriptions.queryset = Subscription.objects.order_by("name")
        self.fields["review_on"].initial = lambda: clock.today() + FIRST_REVIEW
        self.reasons = [(each, WORDS[each]) for each in HoldReason]

    @property
    def terms(self) -> HoldTerms:
        """What it says. Only for a valid form."""
        values = self.cleaned_data
        return HoldTerms(
            reason=HoldReason(values["reason"]),
            matter=values["matter"],
            owner=values["owner"],
            review_on=values["review_on"],
            subscriptions=list(values["subscriptions"]),
            suspends=values["suspends"],
        )


class PlaceForm(TermsForm):
    """A hold, and what it names."""

    visitors = _lines(HeldKind.VISITOR, "Visitor ids", "One a line. Letter case counts.")
    emails = _lines(
        HeldKind.EMAIL,
        "E-mail addresses",
        "One a line. Whoever has it in Pendo, or has it as visitor id; with any +tag, too.",
    )
    accounts = _lines(
        HeldKind.ACCOUNT, "Account ids", "One a line. The account, and every visitor who belongs to it."
    )
    domains = _lines(
        HeldKind.DOMAIN, "E-mail domains", "One a line, such as example.com: what lies below it is held, too."
    )
    table = forms.CharField(
        label="Or a list of all kinds",
        required=False,
        strip=False,
        help_text="As CSV: visitor, email, account or domain, a comma, then the thing itself.",
        widget=forms.Textarea(attrs={"class": "ids", "rows": 4, "spellcheck": "false"}),
    )
    file = forms.FileField(
        label="The same list from a file",
        required=False,
        allow_empty_file=True,
        help_text=f"CSV in UTF-8, up to {MOST_HELD:,} lines. It is read into the list above, where bad lines "
        "can be mended.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )

    def __init__(self, data: QueryDict | None = None, files: Any = None, **kwargs: Any) -> None:
        """What a file lists is read as if it had been typed behind the list: nothing of it is lost."""
        self._unread = ""
        received = files.get("file") if files else None
        if data is not None and received:
            data = data.copy()
            text, self._unread = text_in(received.read())
            data["table"] = "\n".join(filter(None, [data.get("table", "").rstrip(), text]))
        super().__init__(data, files, **kwargs)

    @property
    def lines(self) -> list[BoundField]:
        """The fields for what is named."""
        return [self[name] for name in (*LINES, "table", "file")]

    def clean_file(self) -> None:
        """It could be read."""
        if self._unread:
            raise forms.ValidationError(self._unread)

    def clean_table(self) -> list[Named]:
        """What stands in the table; each line that is wrong is named with its reason."""
        table = read_table(self.cleaned_data["table"])
        refuse_bad_lines(table.problems)
        return table.things

    @property
    def things(self) -> list[Named]:
        """What is named. Only for a valid form."""
        read = [(kind, self.cleaned_data[name].ids) for name, kind in LINES.items()]
        return [*(Named(kind, value) for kind, ids in read for value in ids), *self.cleaned_data["table"]]

    def clean(self) -> dict[str, Any]:
        """Something is named."""
        cleaned = super().clean() or {}
        if not {*LINES, "table"} & self.errors.keys() and not self.things:
            self.add_error("visitors", "Name at least one visitor id, e-mail address, account id or domain.")
        return cleaned


class LiftForm(DeskForm):
    """Why a hold is wanted no more."""

    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        help_text="Kept under seal, for legal's eyes only.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why it is lifted: the data may be deleted from now on."},
    )


class LiftSuspendingForm(LiftForm):
    """As `LiftForm`, for a hold because of which Do Not Process is set."""

    leave = forms.TypedChoiceField(
        label="Do Not Process, which is set because of it",
        choices=[
            ("no", "Is lifted, too: Pendo collects their data again."),
            (
                "yes",
                "Is left, for the erasure goes on; this hold's page can still lift it.",
            ),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Say what becomes of Do Not Process."},
    )


class SuspendForm(DeskForm):
    """Legal's express word."""

    sure = forms.BooleanField(
        label="Have it set: what isn't collected meanwhile can't be recovered.",
        error_messages={"required": "Tick it to have Do Not Process set."},
    )

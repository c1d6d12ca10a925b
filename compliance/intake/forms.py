"""The form by which a colleague records a request: of each kind, the fields that `kinds.TRAITS` gives it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.core.forms import DayField, DeskForm
from compliance.subscriptions.models import Subscription
from compliance.workflow.deadlines import refuse_bad_receipt
from compliance.workflow.forms import law_choices
from compliance.workflow.ids import read_lines
from compliance.workflow.kinds import traits_of
from compliance.workflow.line_fields import TextLinesField
from compliance.workflow.offerings import offered_by, want_offerings
from compliance.workflow.opening import MOST_ASKED, Wish
from compliance.workflow.sealing import Subject
from compliance.workflow.sources import FEWEST_CHARACTERS
from compliance.workflow.states import (
    BY_HAND,
    SOURCES,
    AskedKind,
    Channel,
    CompanyRole,
    Identity,
    Kind,
)
from compliance.workflow.things import Terms, Thing, named
from compliance.workflow.words import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.forms import BoundField

    from compliance.workflow.ids import ReadIds
    from compliance.workflow.offerings import Offered

#: Nothing is chosen to begin with: what stands in the ledger was said by somebody.
CHOOSE = ("", "Choose…")
#: Of a field in which seldom more than one line stands.
FEW_LINES = 2
GO, STAY = "go", "stay"
#: The field for what may be named, line by line, in the order of the form.
LINES = {
    AskedKind.GUIDE: "guides",
    AskedKind.VISITOR: "visitors",
    AskedKind.EMAIL: "emails",
    AskedKind.ACCOUNT: "accounts",
    AskedKind.PREFIX: "prefixes",
    AskedKind.SUFFIX: "suffixes",
    AskedKind.EMAIL_DOMAIN: "domains",
    AskedKind.METADATA: "metadata",
    AskedKind.SEGMENT: "segments",
    AskedKind.REPORT: "reports",
}
#: The field for the lists that Pendo has offered.
OFFERED = {AskedKind.SEGMENT: "offered_segments", AskedKind.REPORT: "offered_reports"}
#: How an empty form names what it wants.
NAMES = {
    AskedKind.GUIDE: "guide id",
    AskedKind.VISITOR: "visitor id",
    AskedKind.EMAIL: "e-mail address",
    AskedKind.ACCOUNT: "account id",
}


class LinesField(TextLinesField):
    """Things of one kind that may be asked, one a line."""

    def __init__(self, kind: AskedKind, *, label: str, help_text: str) -> None:
        """Nothing has to stand in it: another field may hold what is asked."""
        super().__init__(partial(read_lines, kind), label=label, help_text=help_text)
        self.kind = kind


class WhereForm(DeskForm):
    """In which subscriptions, and how far what is named reaches there."""

    subscriptions = forms.ModelMultipleChoiceField(
        Subscription.objects.none(),
        label="Pendo subscriptions to search",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one subscription."},
    )
    with_visitors = forms.ChoiceField(
        label="The visitors of these accounts",
        required=False,
        initial=GO,
        choices=[
            (GO, "go, too: all but those who belong to another account as well, unless they are ticked"),
            (STAY, "stay: only the accounts go"),
        ],
        widget=forms.RadioSelect,
        help_text="The preview lists and counts them before anything is decided.",
    )
    seen_before = DayField(
        label="Spare whoever was seen on or after",
        required=False,
        help_text="Looked at again just before sending. Left empty: nobody is spared for it.",
    )
    for_everybody = forms.BooleanField(
        label="Reset for everybody",
        required=False,
        help_text="Everybody sees these guides again, and what anybody has seen, clicked and answered in "
        "them is gone, poll answers included. It can't be undone. Pendo does so for staged guides only.",
    )

    def __init__(
        self,
        *args: Any,
        kind: Kind = Kind.ERASURE,
        offered: QuerySet[Subscription] | None = None,
        **kwargs: Any,
    ) -> None:
        """Only the fields of the kind, and of the subscriptions offered those that it is mostly about chosen.

        Without a word all are offered; which ones somebody may choose, the verb knows, too.
        """
        super().__init__(*args, **kwargs)
        self.kind, self.traits = kind, traits_of(kind)
        self._keep("with_visitors", when=AskedKind.ACCOUNT in self.traits.asks)
        self._keep("seen_before", when=self.traits.has_policy)
        self._keep("for_everybody", when=AskedKind.GUIDE in self.traits.asks)
        self._offer_subscriptions(Subscription.objects.all() if offered is None else offered)

    def _keep(self, *names: str, when: bool) -> None:
        if not when:
            for name in names:
                del self.fields[name]

    def _offer_subscriptions(self, offered: QuerySet[Subscription]) -> None:
        mostly = offered.filter(production=not self.traits.for_tests)
        field = self.fields["subscriptions"]
        field.queryset = offered  # type: ignore[attr-defined] # a ModelMultipleChoiceField
        field.initial = list((mostly or offered).values_list("pk", flat=True))
        if not offered:
            field.help_text = "There is none yet: an administrator has to add one first."

    def clean_seen_before(self) -> Any:
        """A day to come would spare nobody."""
        day = self.cleaned_data["seen_before"]
        if day and day > clock.today():
            raise forms.ValidationError("This day lies in the future: nobody would be spared.")
        return day

    @property
    def terms(self) -> Terms:
        """How far what is named reaches. Only for a valid form."""
        return Terms(
            with_visitors=self.cleaned_data.get("with_visitors") != STAY,
            seen_before=self.cleaned_data.get("seen_before"),
            for_everybody=self.cleaned_data.get("for_everybody", False),
        )


class AskedForm(WhereForm):
    """What is asked, and where."""

    guides = LinesField(
        AskedKind.GUIDE,
        label="Guide ids",
        help_text="One a line. Left empty: all guides of the visitors named below.",
    )
    visitors = LinesField(
        AskedKind.VISITOR,
        label="Visitor ids",
        help_text=f"One a line, up to {MOST_ASKED:,}. Letter case counts: to Pendo, Anna and anna are two.",
    )
    emails = LinesField(
        AskedKind.EMAIL,
        label="E-mail addresses",
        help_text="One a line, for people whose visitor id nobody knows. Every visitor with exactly this "
        "address is found; other letter case and +tags are shown, and taken only if somebody ticks them.",
    )
    accounts = LinesField(AskedKind.ACCOUNT, label="Account ids", help_text="One a line. Letter case counts.")
    prefixes = LinesField(
        AskedKind.PREFIX,
        label="Ids begin with",
        help_text=f"One a line, at least {FEWEST_CHARACTERS} characters, such as qa-. Letter case counts.",
    )
    suffixes = LinesField(
        AskedKind.SUFFIX,
        label="Ids end with",
        help_text=f"One a line, at least {FEWEST_CHARACTERS} characters, such as -tmp. Letter case counts.",
    )
    domains = LinesField(
        AskedKind.EMAIL_DOMAIN,
        label="E-mail domains",
        help_text="One a line, such as qa.example.com: of the e-mail address, or of an id that is one. "
        "Domains below it aren't meant.",
    )
    metadata = LinesField(
        AskedKind.METADATA,
        label="Metadata",
        help_text="One a line: group.field=value, such as custom.environment=qa. The value exactly so.",
    )
    offered_segments = forms.MultipleChoiceField(
        label="Shared segments", required=False, widget=forms.CheckboxSelectMultiple
    )
    segments = LinesField(
        AskedKind.SEGMENT,
        label="Other segments, by their ids",
        help_text="One a line, from the segment's address in Pendo. It has to be shared with everyone.",
    )
    offered_reports = forms.MultipleChoiceField(
        label="Public reports", required=False, widget=forms.CheckboxSelectMultiple
    )
    reports = LinesField(
        AskedKind.REPORT,
        label="Other reports, by their ids",
        help_text="One a line, from the report's address in Pendo. It has to be public, and a list of "
        "visitors or accounts.",
    )
    staged = forms.BooleanField(
        label="All staged guides",
        required=False,
        help_text="Instead of guides named by their ids.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Only what the kind asks for."""
        super().__init__(*args, **kwargs)
        for kind, name in LINES.items():
            self._keep(name, when=kind in self.traits.asks)
        self._keep("staged", when=AskedKind.STAGED in self.traits.asks)
        self._keep(*OFFERED.values(), when=bool(self.traits.asks & SOURCES))
        self._offer_lists()
        for kind in SOURCES & self.traits.asks:
            self.fields[LINES[kind]].widget.attrs["rows"] = FEW_LINES
        self.fields[LINES[self.traits.first]].widget.attrs["rows"] = 8

    def _offer_lists(self) -> None:
        """What Pendo has shown of each subscription; what is old is read again meanwhile."""
        self.offered: list[Offered] = []
        if not self.traits.asks & SOURCES:
            return
        subscriptions = list(Subscription.objects.order_by("name"))
        want_offerings(subscriptions)
        self.offered = offered_by(subscriptions)
        for kind, name in OFFERED.items():
            choices: dict[str, str] = {}
            for each in self.offered:
                for offer in each.readable:
                    if offer.kind is kind:
                        about = f", a list of {offer.about}" if offer.about else ""
                        choices.setdefault(offer.id, f"{offer.name}{about} ({each.subscription.name})")
            self.fields[name].choices = list(choices.items())  # type: ignore[attr-defined] # a choice

    @property
    def sources(self) -> list[BoundField]:
        """The fields for what names visitors without naming any."""
        names = [
            name
            for kind in LINES
            if kind in SOURCES & self.traits.asks
            for name in (OFFERED.get(kind), LINES[kind])
            if name and (name not in OFFERED.values() or self.fields[name].choices)  # type: ignore[attr-defined]
        ]
        return [self[name] for name in names]

    @property
    def sources_open(self) -> bool:
        """Whether one of them holds something, or is wrong."""
        return any(field.errors or field.value() for field in self.sources)

    @property
    def lines(self) -> list[BoundField]:
        """The fields for what is named, first what this kind is mostly about."""
        kinds = [kind for kind in LINES if kind in self.traits.asks - SOURCES]
        return [self[LINES[kind]] for kind in sorted(kinds, key=lambda kind: kind is not self.traits.first)]

    @property
    def reads(self) -> dict[AskedKind, ReadIds]:
        """What was understood, by what it is. Only for a valid form."""
        return {kind: self.cleaned_data[name] for kind, name in LINES.items() if name in self.cleaned_data}

    @property
    def things(self) -> list[Thing]:
        """What is asked. Only for a valid form."""
        lines = [thing for kind, read in self.reads.items() for thing in named(kind, read.ids)]
        for kind, name in OFFERED.items():
            lines += named(kind, self.cleaned_data.get(name, ()))
        return [*lines, *([Thing(AskedKind.STAGED, "")] if self.cleaned_data.get("staged") else [])]

    def clean(self) -> dict[str, Any]:
        """Something is named, and not too much."""
        cleaned = super().clean() or {}
        kinds = [field.field.kind for field in self.lines]  # type: ignore[attr-defined] # LinesFields
        names, field = [NAMES[kind] for kind in kinds], LINES[kinds[0]]
        if any(name in self.errors for name in LINES.values()):
            return cleaned
        if not self.things:
            words = ", or a pattern, segment or report" if self.sources else ""
            self.add_error(field, f"Name at least one {one_of(names)}{words}.")
        elif len(self.things) > MOST_ASKED:
            self.add_error(
                field, f"These are {len(self.things)} ids; one request takes up to {MOST_ASKED}. Split them."
            )
        return cleaned


class WishForm(WhereForm):
    """How a request came in: all of it but the things asked."""

    law = forms.ChoiceField(
        label="Law",
        required=False,
        help_text="Not yet known: of each clock, the strictest of the laws runs.",
    )
    calendar = forms.ChoiceField(
        label="Public holidays of",
        required=False,
        help_text="Moves a last day that falls on a holiday, where the law does so. Not chosen: none moves.",
    )
    received_on = DayField(
        label="Received on",
        help_text="The day it reached the company, by any channel. It may lie before today.",
    )
    send_by = DayField(
        label="To be sent by",
        required=False,
        help_text="The last day on which it should go to Pendo. Left empty: 30 days after its receipt.",
    )
    company_role = forms.ChoiceField(
        label="Our role",
        required=False,
        choices=CompanyRole.choices,
        initial=CompanyRole.CONTROLLER,
        help_text="Processor: a customer's employee wrote to us. Then that customer has to instruct us.",
    )
    channel = forms.ChoiceField(
        label="Came by",
        choices=[CHOOSE, *((channel.value, channel.label) for channel in BY_HAND)],
        error_messages={"required": "Say how it came."},
    )
    identity = forms.ChoiceField(
        label="How do we know who it is?",
        choices=[CHOOSE, *Identity.choices],
        error_messages={"required": "Say how you know that it is this person."},
    )
    subject_name = forms.CharField(label="Name of the person", required=False, max_length=200)
    subject_email = forms.EmailField(label="E-mail of the person", required=False)
    access_asked = forms.BooleanField(
        label="The message asks for access to the data, too",
        required=False,
        help_text="Access comes first: whoever approves the erasure has to confirm that it was given.",
    )
    policy_reference = forms.CharField(
        label="Policy",
        max_length=80,
        help_text="Its name or number in the company, and its paragraph. It stands in the ledger.",
        error_messages={"required": "Name the policy that this carries out."},
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=4000,
        help_text="Kept under seal with the request. As little about the person as possible.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why this is wanted: who decides about it reads it."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the laws of today and their holidays, where the kind has a law."""
        super().__init__(*args, **kwargs)
        law = (
            *("law", "calendar", "company_role", "channel", "identity"),
            *("subject_name", "subject_email", "access_asked"),
        )
        self._keep(*law, when=self.traits.has_law)
        self._keep("send_by", when=not self.traits.has_law)
        self._keep("policy_reference", when=self.traits.has_policy)
        self.fields["received_on"].initial = clock.today
        if self.traits.has_law:
            self._offer_laws()
        if self.traits.has_reason:
            self.fields["note"].required, self.fields["note"].label = True, "Reason"

    def _offer_laws(self) -> None:
        laws, calendars = law_choices()
        self._offer("law", [("", "Not yet known"), *laws])
        self._offer("calendar", [("", "Not chosen"), *calendars])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined] # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """A receipt in the future, or long ago, is a slip of the keyboard."""
        cleaned = super().clean() or {}
        received_on, send_by = cleaned.get("received_on"), cleaned.get("send_by")
        if received_on:
            try:
                refuse_bad_receipt(received_on)
            except Refused as refusal:
                self.add_error("received_on", str(refusal))
        if received_on and send_by and send_by < received_on:
            self.add_error("send_by", "This day lies before its receipt.")
        return cleaned

    def wish(self, things: Sequence[Thing]) -> Wish:
        """What the request says, asking for these things. Only for a valid form."""
        values, terms = self.cleaned_data, self.terms
        return Wish(
            kind=self.kind,
            law=values.get("law", ""),
            calendar=values.get("calendar", ""),
            received_on=values["received_on"],
            send_by=values.get("send_by"),
            channel=Channel(values["channel"]) if self.traits.has_law else None,
            identity=Identity(values["identity"]) if self.traits.has_law else None,
            subject=Subject(name=values.get("subject_name", ""), email=values.get("subject_email", "")),
            company_role=CompanyRole(values.get("company_role") or CompanyRole.CONTROLLER),
            policy_reference=values.get("policy_reference", ""),
            note=values["note"],
            with_visitors=terms.with_visitors,
            seen_before=terms.seen_before,
            for_everybody=terms.for_everybody,
            access_asked=values.get("access_asked", False),
            things=things,
            subscriptions=list(values["subscriptions"]),
        )


class RequestForm(AskedForm, WishForm):
    """A request with the things asked."""

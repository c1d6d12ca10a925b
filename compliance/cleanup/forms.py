"""The forms of clean-up rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings

from compliance.core.forms import DayField, DeskForm
from compliance.people.access import MAY, Act
from compliance.people.models import Person
from compliance.subscriptions.forms import PersonChoice
from compliance.subscriptions.models import Subscription
from compliance.workflow.ids import as_asked, read_lines
from compliance.workflow.line_fields import TextLinesField
from compliance.workflow.offerings import offered_by, want_offerings
from compliance.workflow.states import AskedKind

from .choices import ASKED, FOR_EVERYBODY, RuleAction, Source
from .definition import GAP, MOST_A_RUN, Definition, ids_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from .models import Rule, Version

CHOOSE = ("", "Choose…")
#: They say whom they mean by one text.
VALUED = frozenset(Source) - {Source.LIST}
YES, NO = "yes", "no"


def _read_ids(text: str) -> Any:
    return read_lines(AskedKind.VISITOR, text)


class RunnerChoice(PersonChoice):
    """Somebody who may run rules."""

    def __init__(self, **kwargs: Any) -> None:
        """One has to be chosen; who may is offered by the form."""
        super().__init__(**kwargs)
        self.required, self.empty_label = True, CHOOSE[1]


class RuleForm(DeskForm):
    """What a rule says."""

    name = forms.CharField(
        label="Name",
        max_length=40,
        help_text="Small letters, digits and hyphens, such as nightly-qa: pipelines call it by its name.",
        error_messages={"required": "Give it a name."},
    )
    subscription = forms.ModelChoiceField(
        Subscription.objects.none(),
        label="Subscription",
        empty_label=CHOOSE[1],
        help_text="It can't be changed later: write another rule for another subscription.",
        error_messages={"required": "Choose a subscription."},
    )
    owner = RunnerChoice(
        label="Owner",
        help_text="Its schedule runs it in their name, and mail about it goes to them.",
        error_messages={"required": "Choose who looks after it."},
    )
    reused = forms.ChoiceField(
        label="Do your tests use the same ids again?",
        choices=[(NO, "No: each run makes new ones"), (YES, "Yes")],
        widget=forms.RadioSelect,
        help_text=f"{GAP}. Where ids are used again, reset guides instead, or have that lifted by the rule.",
        error_messages={"required": "Say whether the same ids are used again: it decides what can be done."},
    )
    action = forms.ChoiceField(
        label="What it does",
        choices=[CHOOSE, *RuleAction.choices],
        error_messages={"required": "Choose what it does."},
    )
    guide = forms.CharField(
        label="Guide",
        max_length=200,
        required=False,
        help_text="Its id, as in its address in Pendo. Only for a rule about one guide.",
    )
    source = forms.ChoiceField(
        label="For which visitors",
        required=False,
        help_text="Left empty only where a staged guide is reset for everybody.",
    )
    value = forms.CharField(
        label="Which",
        max_length=1024,
        required=False,
        strip=False,
        help_text=(
            "A prefix such as qa-, a suffix, a domain such as qa.example.com, a metadata field with its "
            "value such as custom.environment=qa, or the id of a shared segment or public report, which are "
            "offered as you type."
        ),
        widget=forms.TextInput(attrs={"list": "offered"}),
    )
    ids = TextLinesField(_read_ids, label="Visitor ids", help_text="One a line. Only for exactly these ids.")
    pattern = forms.CharField(
        label="Guard pattern",
        max_length=200,
        required=False,
        help_text=(
            "Every id that is touched has to match it as a whole; * stands for any text, letter case counts: "
            "qa-*. One that doesn't stops the whole run."
        ),
    )
    most = forms.IntegerField(
        label="Most a run",
        initial=5_000,
        help_text=f"More than so many stop the run before the first call. Up to {MOST_A_RUN:,}.",
        error_messages={"required": "Say how many one run may touch."},
    )
    share = forms.IntegerField(
        label="Never more than (% of all visitors)",
        initial=10,
        help_text="A larger share stops the run, too. 100: no such limit.",
        error_messages={"required": "Say how large a share of all visitors that may be."},
    )
    cron = forms.CharField(
        label="Schedule",
        max_length=100,
        required=False,
        help_text="A cron expression, such as 30 2 * * 1-5 (at 02:30, Monday to Friday). Empty: none.",
    )
    zone = forms.CharField(label="Time zone of the schedule", max_length=60, required=False)

    def __init__(
        self,
        *args: Any,
        rule: Rule | None = None,
        subscriptions: QuerySet[Subscription],
        **kwargs: Any,
    ) -> None:
        """Offer what may be chosen now; name and subscription of a rule that stands don't change.

        What is old of Pendo's lists is read again meanwhile.
        """
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["subscription"].queryset = subscriptions.order_by("name")
        roles = MAY[Act.RUN_RULES]
        fields["owner"].queryset = Person.objects.holding(roles).order_by("name", "pk")
        fields["source"].choices = [CHOOSE, *((each.value, each.label) for each in Source)]
        fields["zone"].initial = settings.TIME_ZONE
        if rule:
            del fields["name"], fields["subscription"]
        its_own = [rule.subscription] if rule else list(fields["subscription"].queryset)
        want_offerings(its_own)
        self.offered = offered_by(its_own)

    @property
    def said(self) -> Definition:
        """What it says. Only for a valid form."""
        values = self.cleaned_data
        action, cron = RuleAction(values["action"]), " ".join(values["cron"].split())
        everybody = action in FOR_EVERYBODY
        source = Source(values["source"]) if values["source"] and not everybody else None
        return Definition(
            action=action,
            source=source,
            value=as_asked(ASKED[source], values["value"].strip()) if source in VALUED else "",
            ids=tuple(values["ids"].ids) if source is Source.LIST else (),
            guide=values["guide"],
            pattern="" if everybody else values["pattern"],
            most=values["most"],
            share=values["share"],
            cron=cron,
            zone=values["zone"] if cron else "",
            reused=values["reused"] == YES,
        )


def initial_of(version: Version) -> dict[str, Any]:
    """What a form shows of a version that stands."""
    return {
        "owner": version.rule.owner,
        "reused": YES if version.reused else NO,
        "action": version.action,
        "guide": version.guide,
        "source": version.source,
        "value": version.value,
        "ids": "\n".join(ids_of(version)),
        "pattern": version.pattern,
        "most": version.most,
        "share": version.share,
        "cron": version.cron,
        "zone": version.zone or settings.TIME_ZONE,
    }


class StandingForm(DeskForm):
    """A standing approval of exactly what is shown."""

    digest = forms.CharField(widget=forms.HiddenInput)
    ends_on = DayField(label="Until", error_messages={"required": "Say until when it counts."})


class AllowanceForm(DeskForm):
    """Which ids are test data in a production subscription."""

    subscription = forms.ModelChoiceField(
        Subscription.objects.filter(production=True).order_by("name"),
        label="Production subscription",
        empty_label=CHOOSE[1],
        error_messages={"required": "Choose a subscription."},
    )
    pattern = forms.CharField(
        label="Pattern",
        max_length=200,
        help_text="Whole ids; * stands for any text, letter case counts: qa-*@test.example.com.",
        error_messages={"required": "Give a pattern."},
    )
    most = forms.IntegerField(
        label="Most a run",
        help_text="A rule that may touch more gets no standing approval here.",
        error_messages={"required": "Say how many one run may touch."},
    )

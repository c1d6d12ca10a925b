"""Clean-up rules on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.core.errors import Refused
from compliance.core.keyset import page_of
from compliance.people.access import Act, can, may, signed_in
from compliance.subscriptions.reach import (
    in_reach,
    reached_row_or_404,
    reached_subscriptions,
    reaches_subscription,
)
from compliance.workflow.reach import visible_to

from . import allowances as test_ids
from . import definition, queries, writing
from .approving import (
    act_for,
    current_standing,
    give_standing_approval,
    longest_day,
    refuse_as_approver,
    why_never,
    withdraw_standing_approval,
)
from .choices import Trigger
from .definition import BadField
from .forms import AllowanceForm, RuleForm, StandingForm, initial_of
from .models import Allowance, Rule, Run
from .reach import rules_for
from .running import start_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from compliance.core.forms import DeskForm
    from compliance.people.models import Person

    from .models import Version


# -- Rules ---------------------------------------------------------------------------------------------------


@require_safe
@may(Act.READ_RULES)
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule that is used, with its last run, its next one, and whether it may run by itself."""
    person = signed_in(request)
    found = rules_for(person).filter(retired_at=None)
    context = {
        "rows": queries.rule_rows(found),
        "may_write": can(person, Act.WRITE_RULES),
        "may_see_test_ids": can(person, Act.READ_TEST_PATTERNS),
    }
    return render(request, "cleanup/rules.html", context)


@require_safe
@may(Act.READ_RULES)
def rule(request: HttpRequest, name: str) -> HttpResponse:
    """One rule: what it says, whether it may run by itself, and its runs."""
    person, found = signed_in(request), _found(request, name, Act.READ_RULES)
    version, page = (
        found.version,
        page_of(queries.runs_of(found), order=("-pk",), cursor=request.GET.get("at", "")),
    )
    standing = current_standing(version)
    context = {
        "rule": found,
        "version": version,
        **_words(version),
        "standing": standing,
        "ends_soon": standing is not None and standing.days_left <= queries.SOON,
        "never": why_never(version),
        "former": queries.last_ended(found),
        "page": page,
        "runs": [(each, queries.phase_of(each)) for each in page.rows],
        "worker_alive": queries.worker_is_alive(),
        "may": _may(found, person),
    }
    return render(request, "cleanup/rule.html", context)


@require_http_methods(["GET", "POST"])
@may(Act.WRITE_RULES)
def new(request: HttpRequest) -> HttpResponse:
    """A form for a new rule."""
    person = signed_in(request)
    form = RuleForm(
        request.POST if request.method == "POST" else None,
        subscriptions=reached_subscriptions(person, Act.WRITE_RULES),
        initial={"owner": person},
    )

    def write() -> Rule:
        values = form.cleaned_data
        return writing.write_rule(
            name=values["name"],
            subscription=values["subscription"],
            said=form.said,
            owner=values["owner"],
            by=person,
        )

    if form.is_valid() and _done(form, write):
        messages.success(request, "Written. Show what it would do; then have somebody else approve it.")
        return redirect("cleanup_rule", form.cleaned_data["name"])
    return _form_page(request, form, None)


@require_http_methods(["GET", "POST"])
@may(Act.WRITE_RULES)
def change(request: HttpRequest, name: str) -> HttpResponse:
    """What a rule is to say from now on."""
    person, found = signed_in(request), _found(request, name, Act.WRITE_RULES)
    form = RuleForm(
        request.POST if request.method == "POST" else None,
        rule=found,
        subscriptions=reached_subscriptions(person, Act.WRITE_RULES),
        initial=initial_of(found.version),
    )

    def keep() -> None:
        writing.change_rule(rule=found, said=form.said, by=person)
        writing.hand_over(rule=found, owner=form.cleaned_data["owner"], by=person)

    if form.is_valid() and _done(form, keep):
        messages.success(request, "Kept.")
        return redirect("cleanup_rule", name)
    return _form_page(request, form, found)


@require_POST
@may(Act.WRITE_RULES)
def pause(request: HttpRequest, name: str) -> HttpResponse:
    """Its schedule doesn't start it."""
    found, person = _found(request, name, Act.WRITE_RULES), signed_in(request)
    return _told(request, found, lambda: writing.pause_rule(rule=found, by=person), "The schedule is paused.")


@require_POST
@may(Act.WRITE_RULES)
def resume(request: HttpRequest, name: str) -> HttpResponse:
    """Its schedule starts it again."""
    found, person = _found(request, name, Act.WRITE_RULES), signed_in(request)
    return _told(request, found, lambda: writing.resume_rule(rule=found, by=person), "The schedule goes on.")


@require_POST
@may(Act.WRITE_RULES)
def retire(request: HttpRequest, name: str) -> HttpResponse:
    """It is used no more."""
    found, person = _found(request, name, Act.WRITE_RULES), signed_in(request)
    return _told(request, found, lambda: writing.retire_rule(rule=found, by=person), "The rule is retired.")


# -- Standing approvals --------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@may(Act.APPROVE_RESETTING_RULES, fresh=True)
def approve(request: HttpRequest, name: str) -> HttpResponse:
    """Exactly what is approved, and until when."""
    person, found = signed_in(request), _found(request, name, Act.READ_RULES)
    version = found.version
    try:
        refuse_as_approver(found, person)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("cleanup_rule", name)
    last = longest_day(version)
    initial = {"digest": version.digest, "ends_on": last}
    form = StandingForm(request.POST if request.method == "POST" else None, initial=initial)

    def give() -> None:
        give_standing_approval(rule=found, by=person, **form.cleaned_data)

    if form.is_valid() and _done(form, give):
        messages.success(request, f"The rule runs by itself until {form.cleaned_data['ends_on']:%d %b %Y}.")
        return redirect("cleanup_rule", name)
    context = {
        "rule": found,
        "version": version,
        **_words(version),
        "ids": definition.ids_of(version),
        "never": why_never(version),
        "last": last,
        "last_shown": queries.runs_of(found).filter(version=version, dry_run=True).first(),
        "form": form,
    }
    return render(request, "cleanup/approve.html", context, status=422 if form.errors else 200)


@require_POST
@may(Act.WITHDRAW_STANDING)
def withdraw(request: HttpRequest, name: str) -> HttpResponse:
    """From now on each run is approved by itself."""
    found, person = _found(request, name, Act.READ_RULES), signed_in(request)
    return _told(
        request,
        found,
        lambda: withdraw_standing_approval(rule=found, by=person),
        "Withdrawn: from now on each run waits for an approval.",
    )


# -- Runs ----------------------------------------------------------------------------------------------------


@require_POST
@may(Act.RUN_RULES)
def start(request: HttpRequest, name: str) -> HttpResponse:
    """A run, or a dry run; one that is under way is joined."""
    found, person = _found(request, name, Act.RUN_RULES), signed_in(request)
    try:
        started = start_run(rule=found, trigger=Trigger.PERSON, by=person, dry_run="dry" in request.POST)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("cleanup_rule", name)
    if started.joined:
        messages.info(request, "It is under way already: this is that run.")
    return redirect("cleanup_run", started.run.pk)


@require_safe
@may(Act.READ_RULES)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: whom it matched, what became of them, and why it stopped where it did."""
    person = signed_in(request)
    rows = Run.objects.select_related(
        "rule__subscription", "version__rule", "request", "started_by", "lifting"
    )
    found = get_object_or_404(rows.filter(rule__in=rules_for(person)), pk=pk)
    fresh, gone = queries.differences(found)
    context = {
        "run": found,
        **_words(found.version),
        "phase": queries.phase_of(found),
        "reason": queries.reason_of(found),
        "held_up": queries.what_it_waits_for(found),
        "waits": queries.waits_for_approval(found),
        "outcomes": queries.outcome_words(found),
        "matched": queries.whom_it_matched(found),
        "fresh": fresh,
        "gone": gone,
        "unmatched_lines": queries.unmatched_lines(found),
        "most_shown": queries.MOST_SHOWN,
        "worker_alive": queries.worker_is_alive(),
        "may_read_request": visible_to(person).filter(pk=found.request_id).exists(),
        "may_run": reaches_subscription(person, Act.RUN_RULES, found.rule.subscription)
        and not found.rule.retired_at,
    }
    return render(request, "cleanup/run.html", context)


# -- Test ids in production ----------------------------------------------------------------------------------


@require_safe
@may(Act.READ_TEST_PATTERNS)
def allowances(request: HttpRequest) -> HttpResponse:
    """The patterns of test ids that officers have set for production subscriptions."""
    return _allowances_page(request, AllowanceForm())


@require_POST
@may(Act.SET_TEST_PATTERNS, fresh=True)
def allowance_set(request: HttpRequest) -> HttpResponse:
    """One more pattern, or another number for one."""
    form, person = AllowanceForm(request.POST), signed_in(request)
    if form.is_valid() and _done(form, lambda: test_ids.set_allowance(**form.cleaned_data, by=person)):
        messages.success(request, "Set: rules within it may have a standing approval.")
        return redirect("cleanup_allowances")
    return _allowances_page(request, form)


@require_POST
@may(Act.SET_TEST_PATTERNS, fresh=True)
def allowance_end(request: HttpRequest, pk: int) -> HttpResponse:
    """A pattern counts no more."""
    found = reached_row_or_404(request, Allowance.objects.select_related("subscription"), pk)
    try:
        test_ids.end_allowance(allowance=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Ended, and with it each standing approval that needed it.")
    return redirect("cleanup_allowances")


# -- Shared --------------------------------------------------------------------------------------------------


def _found(request: HttpRequest, name: str, act: Act) -> Rule:
    """The rule of that name, if whoever is logged in may do this with it."""
    rows = rules_for(signed_in(request), act).select_related("subscription", "owner")
    return get_object_or_404(rows, name=name)


def _words(version: Version) -> dict[str, str]:
    return {
        "about": definition.words_about(version),
        "guard": definition.guard_words(version),
        "schedule": definition.schedule_words(version),
        "reuse": definition.reuse_words(version),
    }


def _may(found: Rule, person: Person) -> dict[str, bool]:
    """What this person may do with the rule now: each is a button."""
    used = found.retired_at is None
    writes = used and reaches_subscription(person, Act.WRITE_RULES, found.subscription)
    stands = used and current_standing(found.version) is not None
    approves = used and reaches_subscription(person, act_for(found.version), found.subscription)
    return {
        "write": writes,
        "run": used and reaches_subscription(person, Act.RUN_RULES, found.subscription),
        "approve": approves and not stands and not why_never(found.version) and _may_approve(found, person),
        "withdraw": stands and (approves or writes),
        "pause": writes and found.next_run_at is not None,
        "resume": writes and found.paused_at is not None,
    }


def _may_approve(found: Rule, person: Person) -> bool:
    try:
        refuse_as_approver(found, person)
    except Refused:
        return False
    return True


def _done(form: DeskForm, verb: Callable[[], object]) -> bool:
    """Whether the verb did it; its no stands in the form, beside the field that it is about."""
    try:
        verb()
    except BadField as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _told(request: HttpRequest, found: Rule, verb: Callable[[], object], words: str) -> HttpResponse:
    try:
        verb()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, words)
    return redirect("cleanup_rule", found.name)


def _form_page(request: HttpRequest, form: RuleForm, found: Rule | None) -> HttpResponse:
    context = {"form": form, "rule": found, "standing": found and current_standing(found.version)}
    return render(request, "cleanup/rule_form.html", context, status=422 if form.errors else 200)


def _allowances_page(request: HttpRequest, form: AllowanceForm) -> HttpResponse:
    person = signed_in(request)
    context = {
        "rows": in_reach(queries.allowances(), person, Act.READ_TEST_PATTERNS),
        "form": form,
        "may_set": can(person, Act.SET_TEST_PATTERNS),
    }
    return render(request, "cleanup/allowances.html", context, status=422 if form.errors else 200)

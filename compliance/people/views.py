"""The people who work here, and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.core.errors import Refused

from . import absence, membership
from .access import Act, can, may, signed_in
from .forms import AbsenceForm, GiveRoleForm
from .models import Absence, Grant, Person
from .queries import (
    people_with_roles,
    proposals,
    roles_over_time,
    roles_to_give,
    standing_absences,
    stood_in_for,
)
from .roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


@require_GET
@may(Act.MANAGE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with their roles, and the roles that wait for a second person."""
    administrators = Person.objects.holding([Role.ADMINISTRATOR]).count()
    return render(
        request,
        "people/list.html",
        {"people": people_with_roles(), "proposals": proposals(), "alone": administrators == 1},
    )


@require_GET
@may(Act.MANAGE_PEOPLE)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person, with the roles held, proposed and ended."""
    found = get_object_or_404(Person, pk=pk)
    return person_page(request, found, GiveRoleForm(roles=roles_to_give(found)), AbsenceForm(person=found))


@require_POST
@may(Act.MANAGE_PEOPLE, fresh=True)
def end_role(request: HttpRequest, pk: int) -> HttpResponse:
    """A role is taken from the person."""
    found, role = get_object_or_404(Person, pk=pk), role_in(request)
    _tell(
        request,
        lambda: membership.revoke_role(person=found, role=role, by=signed_in(request)),
        f"{found.name} no longer holds the role {role.label}.",
    )
    return redirect("person", pk)


@require_POST
@may(Act.MANAGE_PEOPLE, fresh=True)
def deactivate_person(request: HttpRequest, pk: int) -> HttpResponse:
    """The person can't log in any more."""
    found = get_object_or_404(Person, pk=pk)
    _tell(
        request,
        lambda: membership.deactivate(person=found, by=signed_in(request)),
        f"{found.name} is deactivated: logged out everywhere, and can't log in again.",
    )
    return redirect("person", pk)


@require_POST
@may(Act.MANAGE_PEOPLE, fresh=True)
def reactivate_person(request: HttpRequest, pk: int) -> HttpResponse:
    """The person may log in again."""
    found = get_object_or_404(Person, pk=pk)
    _tell(
        request,
        lambda: membership.reactivate(person=found, by=signed_in(request)),
        f"{found.name} is active again. The link to set a new password goes by mail; roles are given anew.",
    )
    return redirect("person", pk)


@require_http_methods(["GET", "POST"])
@may(Act.BE_HERE)
def own_absence(request: HttpRequest) -> HttpResponse:
    """When one is away oneself, and who stands in."""
    person = signed_in(request)
    form = AbsenceForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_valid() and _marked(request, person, form):
        return redirect("absence")
    context = {"form": form, "absences": standing_absences(person), "stands_in_for": stood_in_for(person)}
    return render(request, "people/absence.html", context, status=422 if form.is_bound else 200)


@require_POST
@may(Act.MANAGE_PEOPLE, fresh=True)
def person_absence(request: HttpRequest, pk: int) -> HttpResponse:
    """When a colleague is away who can't say so."""
    found = get_object_or_404(Person, pk=pk)
    form = AbsenceForm(request.POST, person=found)
    if form.is_valid() and _marked(request, found, form):
        return redirect("person", pk)
    return person_page(request, found, GiveRoleForm(roles=roles_to_give(found)), form)


@require_POST
@may(Act.BE_HERE)
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Back sooner, or not going."""
    found, by = get_object_or_404(Absence.objects.select_related("person"), pk=pk), signed_in(request)
    _tell(request, lambda: absence.end_absence(absence=found, by=by), "The absence is ended.")
    return redirect("absence") if found.person == by else _back_to(found.person, by)


@require_POST
@may(Act.MANAGE_PEOPLE, fresh=True)
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person's yes to a proposed role."""
    proposal = get_object_or_404(Grant.objects.select_related("person"), pk=pk)
    _tell(
        request,
        lambda: membership.confirm_role(grant=proposal, by=signed_in(request)),
        f"{proposal.person.name} holds the role {proposal.get_role_display()} now.",
    )
    return redirect("people")


@require_POST
@may(Act.MANAGE_PEOPLE, fresh=True)
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person's no, or the proposer's second thought."""
    proposal = get_object_or_404(Grant.objects.select_related("person"), pk=pk)
    _tell(
        request,
        lambda: membership.decline_role(grant=proposal, by=signed_in(request)),
        f"{proposal.person.name} won't get the role {proposal.get_role_display()}.",
    )
    return redirect("people")


def person_page(
    request: HttpRequest, found: Person, giving: GiveRoleForm, leaving: AbsenceForm
) -> HttpResponse:
    """Everything about one person, with these forms as they were sent."""
    context = {
        "person": found,
        "grants": roles_over_time(found),
        "proposals": proposals().filter(person=found),
        "second_factor": is_mfa_enabled(found),
        "form": giving,
        "absences": standing_absences(found),
        "absence_form": leaving,
    }
    status = 422 if giving.is_bound or leaving.is_bound else 200
    return render(request, "people/person.html", context, status=status)


def _marked(request: HttpRequest, person: Person, form: AbsenceForm) -> bool:
    try:
        marked = absence.mark_absent(person=person, by=signed_in(request), **form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"Marked as absent. {marked.deputy.name} stands in, and gets mail to say so.")
    for sentence in absence.shortcomings(marked):
        messages.warning(request, sentence)
    return True


def _back_to(person: Person, by: Person) -> HttpResponse:
    return redirect("person", person.pk) if can(by, Act.MANAGE_PEOPLE) else redirect("absence")


def role_in(request: HttpRequest) -> Role:
    """The role that a form names. Raises `BadRequest` where there is none such."""
    try:
        return Role(request.POST.get("role", ""))
    except ValueError as error:
        raise BadRequest("There is no such role.") from error


def _tell(request: HttpRequest, verb: Callable[[], object], done: str) -> None:
    """Either the verb is done and said so, or its refusal is shown."""
    try:
        verb()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)

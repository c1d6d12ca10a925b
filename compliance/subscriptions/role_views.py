"""Adding people and giving them roles: for all subscriptions, or for some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from compliance.core.errors import Refused
from compliance.people.access import Act, may, signed_in
from compliance.people.forms import AbsenceForm, AddPersonForm, GiveRoleForm
from compliance.people.models import Person
from compliance.people.roles import TWO_PERSON_ROLES, Role
from compliance.people.views import person_page, role_in

from . import limits
from .forms import WithinForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "POST"])
@may(Act.MANAGE_PEOPLE, fresh=True)
def add(request: HttpRequest) -> HttpResponse:
    """A form for a new person."""
    sent = request.POST if request.method == "POST" else None
    form, within = AddPersonForm(sent), WithinForm(sent)
    added = form.is_valid() and within.is_valid() and _added(request, form, within)
    if added:
        return redirect("person", added.pk)
    context = {"form": form, "within": within}
    return render(request, "people/add.html", context, status=422 if form.is_bound else 200)


@require_POST
@may(Act.MANAGE_PEOPLE, fresh=True)
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """One more role, at once or proposed."""
    found, role = get_object_or_404(Person, pk=pk), role_in(request)
    form, within = GiveRoleForm(request.POST, roles=Role), WithinForm(request.POST)
    if not (form.is_valid() and within.is_valid()):
        return person_page(request, found, form, AbsenceForm(person=found))
    try:
        limits.give_role(
            person=found,
            role=role,
            within=within.chosen,
            ends_on=form.cleaned_data["ends_on"],
            by=signed_in(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        waits = f"The role {role.label} waits for another administrator."
        given = f"{found.name} holds the role {role.label} now."
        messages.success(request, waits if role in TWO_PERSON_ROLES else given)
    return redirect("person", pk)


def _added(request: HttpRequest, form: AddPersonForm, within: WithinForm) -> Person | None:
    try:
        new = limits.add_person(**form.cleaned_data, within=within.chosen, by=signed_in(request))
    except Refused as refusal:
        form.add_error("email", str(refusal))
        return None
    messages.success(request, f"{new.name} is added. The link to set a password goes by mail.")
    if TWO_PERSON_ROLES.intersection(form.cleaned_data["roles"]):
        messages.warning(request, "A role waits for another administrator.")
    return new

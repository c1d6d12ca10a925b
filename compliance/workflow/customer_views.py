"""The register of customers on whose behalf data is processed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from compliance.core.errors import Refused
from compliance.core.keyset import page_of
from compliance.people.access import Act, can, may, signed_in

from .customers import keep_customer
from .models import Customer
from .processing_forms import CustomerForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_GET
@may(Act.READ_CUSTOMERS)
def customers(request: HttpRequest) -> HttpResponse:
    """All of them, the latest first."""
    context = {
        "page": page_of(Customer.objects.all(), order=("-pk",), cursor=request.GET.get("at", "")),
        "may_change": can(signed_in(request), Act.CHANGE_CUSTOMERS),
    }
    return render(request, "workflow/customers.html", context)


@require_http_methods(["GET", "POST"])
@may(Act.CHANGE_CUSTOMERS)
def add(request: HttpRequest) -> HttpResponse:
    """One more."""
    return _form_page(request, None)


@require_http_methods(["GET", "POST"])
@may(Act.CHANGE_CUSTOMERS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What the register says about one."""
    return _form_page(request, get_object_or_404(Customer, pk=pk))


def _form_page(request: HttpRequest, customer: Customer | None) -> HttpResponse:
    initial = {name: getattr(customer, name) for name in CustomerForm.base_fields} if customer else None
    form = CustomerForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = keep_customer(customer=customer, facts=form.facts, by=signed_in(request))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Kept: {kept.name}.")
            return redirect("customers")
    context = {"form": form, "customer": customer}
    return render(request, "workflow/customer.html", context, status=422 if form.errors else 200)

"""The list of tasks: which other systems are to be told of which request, by whom, by when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_safe

from compliance.core import clock
from compliance.core.keyset import counted, page_of
from compliance.people.access import Act, may, signed_in
from compliance.workflow.models import RecipientTask
from compliance.workflow.reach import within_reach

from .filters import SOON
from .forms import TaskFilter

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from compliance.people.models import Person


@require_safe
@may(Act.READ_REQUESTS)
def tasks(request: HttpRequest) -> HttpResponse:
    """The open tasks by day, or those that are done, as far as the filter leaves them."""
    chosen = TaskFilter(request.GET)
    rows = tasks_among(chosen.values, signed_in(request))
    done = "done" in chosen.values
    order = ("-done_at", "-pk") if done else ("due_on", "pk")
    context = {
        "filter": chosen,
        "done": done,
        "count": counted(rows.order_by(*order)),
        "page": page_of(rows, order=order, cursor=request.GET.get("at", "")),
    }
    return render(request, "dashboard/tasks.html", context)


def tasks_among(values: dict[str, Any], person: Person) -> QuerySet[RecipientTask]:
    """The tasks that the filter's `values` leave."""
    rows = within_reach(RecipientTask.objects.filter(done_at__isnull="done" not in values), person)
    if "recipient" in values:
        rows = rows.filter(recipient=values["recipient"])
    if "mine" in values:
        rows = rows.filter(owner=person)
    return _due(rows, values.get("due", "")).select_related("request", "recipient", "owner")


def _due(rows: QuerySet[RecipientTask], due: str) -> QuerySet[RecipientTask]:
    today = clock.today()
    if due == "overdue":
        return rows.filter(due_on__lt=today)
    if due == "week":
        return rows.filter(due_on__gte=today, due_on__lte=today + SOON)
    return rows

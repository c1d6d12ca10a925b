"""Ready texts about a request, to be copied into a letter or an e-mail: nothing is sent from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.template.loader import render_to_string

from compliance.core import clock

from .kinds import traits_of
from .processing import customer_of, processing_of
from .recipients import concerned
from .sealing import subject_of

if TYPE_CHECKING:
    from .models import Request


class ReadyText(NamedTuple):
    """One text: its anchor on the page, what it is for, to whom it goes, and what it says."""

    name: str
    title: str
    to: str
    text: str


def texts_of(request: Request) -> list[ReadyText]:
    """The texts that fit the request as it stands; none where another system writes the letters."""
    if request.elsewhere_case:
        return []
    if not traits_of(request.kind).has_law:
        return []
    return [*_processor_texts(request), _recipients_text(request)]


def _processor_texts(request: Request) -> list[ReadyText]:
    """To the person, that it was forwarded; to the customer, what is asked of it."""
    processing = processing_of(request)
    if processing is None:
        return []
    customer = customer_of(processing)
    context = {"processing": processing, "customer": customer, "subject": subject_of(request)}
    forwarded = _rendered("forwarded", request, **context)
    instruct = _rendered("customer", request, **context)
    contact = processing.customer.contact if processing.customer else ""
    to = f"{customer.name}, {contact}" if contact else customer.name
    return [
        ReadyText("forwarded", "We process your data for somebody else", "the person", forwarded),
        ReadyText("customer", "A person of yours asks for erasure: please instruct us", to, instruct),
    ]


def _recipients_text(request: Request) -> ReadyText:
    tasks = list(request.recipient_tasks.select_related("recipient"))
    context = {"tasks": tasks, "to_come": [] if tasks else concerned(request)}
    text = _rendered("recipients", request, **context)
    return ReadyText("recipients", "Who are the recipients? (Art. 19 GDPR)", "the person", text)


def _rendered(name: str, request: Request, **context: object) -> str:
    values = {"request": request, "today": clock.today(), **context}
    return render_to_string(f"workflow/texts/{name}.txt", values).strip() + "\n"

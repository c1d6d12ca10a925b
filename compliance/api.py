"""The REST interface: joins each room's `api.py`, and says every no as a problem document."""

from __future__ import annotations

import logging
import re
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.shortcuts import render
from django.urls import URLPattern, include, path, re_path
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from compliance.core import problems
from compliance.core.errors import Refused
from compliance.core.problems import CallRefused, FieldProblem, ProblemDocument, problem_answer
from compliance.core.reference import reference_of
from compliance.notifications.message_document import schemas_of_messages, webhooks_sent
from compliance.workflow.problems import FORGOTTEN, problem_of
from compliance.workflow.sealing import Forgotten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest, HttpResponse
    from django.urls import URLResolver
    from ninja.openapi.schema import OpenAPISchema

logger = logging.getLogger(__name__)

ABOUT = """\
Deletion requests by program: the same rules as on screen, and the same history.

Show a token as `Authorization: Bearer edt_…`. A POST takes an `Idempotency-Key`, but for
those that harm nothing when repeated. Every no is a problem
document (RFC 9457) whose `type` tells causes apart. Lists come in pages: give `next` as `cursor` until it is
null. Dates are days at the company's establishment, moments are in UTC.
"""


#: Said by the web server, which doesn't pass such a call on.
ADDRESS_TOO_LONG = {
    "description": "The address is too long.",
    "content": {"text/html": {"schema": {"type": "string"}}},
}


class DeskAPI(NinjaAPI):
    """Ninja's interface with a document that tells scopes and problems, too."""

    def get_openapi_schema(self, **of: Any) -> OpenAPISchema:
        """The document."""
        document = super().get_openapi_schema(**of)
        schemas = document["components"]["schemas"]
        schemas.update(_schemas_of_problems())
        for calls in document["paths"].values():
            for call in calls.values():
                scope = call.pop("x-scope")
                needs = f"Needs the scope `{scope}`." if scope else "Any working token opens it."
                call["description"] += f"\n\n{needs}"
                if any(each["in"] == "query" for each in call.get("parameters", ())):
                    call["responses"]["414"] = ADDRESS_TOO_LONG
        schemas.update(schemas_of_messages())
        document["webhooks"] = webhooks_sent()
        return document

    def get_openapi_operation_id(self, operation: Any) -> str:
        """The function's own name with its room's: stable as long as both are."""
        return str(operation.view_func.__name__)


api = DeskAPI(title="Erasure Desk", version="1", description=ABOUT, docs_url=None, urls_namespace="api")
for address, router in (
    ("/requests", "compliance.intake.api.router"),
    ("/requests", "compliance.workflow.request_api.router"),
    ("/requests", "compliance.workflow.decision_api.router"),
    ("/requests", "compliance.workflow.processing_api.router"),
    ("/requests", "compliance.workflow.hold_api.on_requests"),
    ("/requests", "compliance.execution.work_api.on_requests"),
    ("/requests", "compliance.execution.incident_api.on_requests"),
    ("/appeals", "compliance.workflow.decision_api.appeals"),
    ("/holds", "compliance.workflow.hold_api.router"),
    ("/attention", "compliance.execution.work_api.attention"),
    ("/tasks", "compliance.execution.work_api.tasks"),
    ("/incidents", "compliance.execution.incident_api.router"),
    ("", "compliance.execution.watch_api.router"),
    ("/subscriptions", "compliance.subscriptions.api.router"),
    ("/sending", "compliance.subscriptions.api.sending"),
    ("", "compliance.workflow.desk_api.router"),
    ("/audit", "compliance.evidence.api.router"),
    ("/cleanup", "compliance.cleanup.api.router"),
    ("/hooks", "compliance.notifications.api.hooks"),
    ("/events", "compliance.notifications.api.events"),
    ("/me", "compliance.people.api.router"),
):
    api.add_router(address, router)


#: What only whoever looks at a page can do.
RELOAD = re.compile(r" Reload the page[^.]*\.$")


# -- How it says no ----------------------------------------------------------------------------------------


@api.exception_handler(CallRefused)
def call_refused(request: HttpRequest, refusal: CallRefused) -> HttpResponse:
    """A no of the door."""
    answer = problem_answer(refusal.problem, refusal.detail, refusal.errors)
    if refusal.problem.status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    if refusal.retry_after is not None:
        answer["Retry-After"] = str(refusal.retry_after)
    return answer


@api.exception_handler(Refused)
def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A no of a verb."""
    return problem_answer(problem_of(refusal), RELOAD.sub("", str(refusal)))


@api.exception_handler(Forgotten)
def forgotten(request: HttpRequest, _: Forgotten) -> HttpResponse:
    """The key that sealed it was destroyed."""
    return problem_answer(FORGOTTEN, "The identifiers of this request were destroyed, as they have to be.")


@api.exception_handler(AuthenticationError)
def not_authenticated(request: HttpRequest, _: AuthenticationError) -> HttpResponse:
    """No token, or none that there is."""
    detail = "Send a token as Authorization: Bearer edt_…; this one isn't known, if there was one."
    answer = problem_answer(problems.NOT_AUTHENTICATED, detail)
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(HttpError)
def malformed(request: HttpRequest, _: HttpError) -> HttpResponse:
    """Ninja raises no other one than for a body that it can't read."""
    return problem_answer(problems.MALFORMED, "The body can't be read as JSON.")


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Each wrong field by its place; what stands in it is not repeated."""
    errors = [
        FieldProblem(pointer=_pointer(each), detail=each["msg"].removeprefix("Value error, "))
        for each in error.errors
    ]
    return problem_answer(problems.INVALID, "Mend these fields.", errors)


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, _: RequestDataTooBig) -> HttpResponse:
    """Not even read."""
    return problem_answer(problems.TOO_LARGE, "Split it into several requests, or upload a file on screen.")


@api.exception_handler(OperationalError)
def busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    """Another writer held the database for too long, or it can't be reached."""
    logger.warning("a call of the API was put off: %s", type(error).__name__)
    answer = problem_answer(problems.BUSY, "Nothing was done. Send the same call again in a moment.")
    answer["Retry-After"] = "5"
    return answer


@api.exception_handler(Exception)
def our_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of the program: its trace is logged, its caller gets none of it."""
    logger.error("a call of the API failed", exc_info=error)
    return problem_answer(problems.OUR_FAULT, "Nothing was done. The fault is logged: ask whoever runs this.")


def _pointer(error: dict[str, Any]) -> str:
    source, *places = error["loc"]
    if error["type"] == "extra_forbidden":
        # Somebody else's word for a field may be anything, even a name: only where it stands is said.
        places = places[:-1]
    if source == "body":
        # The first one is our own name for the body as a whole.
        return "".join(f"/{place}" for place in places[1:])
    return ".".join(map(str, places))


def _schemas_of_problems() -> dict[str, Any]:
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), ProblemDocument.__name__: schema}


# -- Addresses ---------------------------------------------------------------------------------------------


def served(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, where another method and another body than JSON are problems, too, and nothing is stored."""

    @csrf_exempt  # No cookie opens anything here.
    @wraps(view)
    def serving(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = _not_json(request) or view(request, *args, **kwargs)
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            answer = _not_allowed(answer)
        patch_cache_control(answer, private=True, no_store=True)
        return answer

    return serving


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """What the document says, for people. As open as the document is."""
    reference = reference_of(api.get_openapi_schema())
    context = {"reference": reference, "paragraphs": reference.about.strip().split("\n\n")}
    return render(request, "api/docs.html", context)


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Any other address."""
    return problem_answer(problems.NOT_FOUND, "See /api/v1/docs for what there is.")


def _not_json(request: HttpRequest) -> HttpResponse | None:
    if request.method == "POST" and request.content_type not in {"application/json", ""}:
        return problem_answer(problems.NOT_JSON, "Send the body as application/json.")
    return None


def _not_allowed(answer: HttpResponse) -> HttpResponse:
    problem = problem_answer(problems.METHOD_NOT_ALLOWED, f"Methods: {answer['Allow']}.")
    problem["Allow"] = answer["Allow"]
    return problem


def _served(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern]:
    return [
        path(str(pattern.pattern), _view_of(pattern), name=pattern.name)
        for pattern in patterns
        if isinstance(pattern, URLPattern)
    ]


def _view_of(pattern: URLPattern) -> Callable[..., HttpResponse]:
    # Ninja's root is there so that its address can be looked up, and answers with a page.
    return nothing_here if pattern.name == "api-root" else served(pattern.callback)


_patterns, _app_name, _namespace = api.urls
urlpatterns = [
    path("v1/docs", docs, name="api_docs"),
    path("v1/", include((_served(_patterns), _app_name), namespace=_namespace)),
    re_path("", nothing_here, name="api_nothing"),
]

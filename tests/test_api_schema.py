"""The API keeps to its own document, whatever is sent: schemathesis makes calls of it, right and wrong."""

import functools
import zlib
from collections import Counter

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from pydantic import BaseModel
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test

from compliance.api import api
from compliance.people.roles import Role

pytestmark = pytest.mark.django_db
load_all_checks()

#: What the form of a body can't say is refused as well: laws, receipts in the future, a person's own request.
SAYS_NO_FOR_OTHER_REASONS = {"positive_data_acceptance"}
#: Made-up laws, subscriptions and dates would only ever be refused.
ELSEWHERE = {
    "law",
    "calendar",
    "subscription",
    "subscriptions",
    "received_at",
    "subject",
    "policy_reference",
    "seen_before",
}
#: Each call is made so often with good and bad data; `./run bench schema` makes many more.
EXAMPLES = 2


CALLS = [(path, method) for path, calls in api.get_openapi_schema()["paths"].items() for method in calls]


@functools.cache
def document():
    """As it is served, to whatever makes calls by way of the application as a server runs it."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.fixture(autouse=True)
def one_connection():
    """Calls are made inside the test's transaction, so the end of a call must not end its connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def secret(program_of, make_person):
    """A token that may do everything that a person's may."""
    return program_of(make_person(Role.ANALYST, Role.OFFICER, Role.LEGAL)).secret


@pytest.fixture
def references(previewed_request, new_request, silent_subscription):
    """Requests in several states, that calls meet."""
    silent_subscription(production=True)
    return [new_request().reference, previewed_request().reference]


def one_of(choices, case):
    """The same one each time that hypothesis makes the same call."""
    return choices[zlib.crc32(repr((case.body, case.query)).encode()) % len(choices)]


@pytest.mark.parametrize(("path", "method"), CALLS)
def test_every_call_keeps_to_the_document(path, method, secret, request):
    # Not by schemathesis' own decorator: it makes the examples of all calls in every process of pytest, and
    # with this pytest its tests share one name, by which xdist runs only one of them.
    test = build_operation_test(
        config=document().config,
        operation=document()[path][method],
        test_func=keeps_to_the_document,
        given_kwargs={},
        feedback=FeedbackSources(),
        explicit_settings=hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
    test(secret=secret, request=request)


def keeps_to_the_document(case, secret, request):
    if "reference" in case.path_parameters:
        references = request.getfixturevalue("references")
        case.path_parameters["reference"] = one_of([*references, case.path_parameters["reference"]], case)

    if case.operation.label == "POST /api/v1/requests" and case.meta.generation.mode.is_positive:
        known = {name: value for name, value in case.body.items() if name not in ELSEWHERE}
        case.body = known | {"kind": "erasure"}

    if case.operation.label == "POST /api/v1/hooks" and case.meta.generation.mode.is_positive:
        # Nobody's name is looked up.
        case.body["target_url"] = "https://8.8.8.8/hook"

    case.call_and_validate(
        headers={"Authorization": f"Bearer {secret}"},
        excluded_checks=[CHECKS.get_one(name) for name in SAYS_NO_FOR_OTHER_REASONS],
    )


def test_no_two_forms_share_a_name():
    # The document would describe the answers of both by the form of one.
    names = Counter(each.__name__ for each in forms(BaseModel))

    assert [name for name, count in names.items() if count > 1] == []


def forms(base):
    for form in base.__subclasses__():
        if form.__module__.startswith("compliance."):
            yield form
        yield from forms(form)

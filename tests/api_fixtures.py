"""Programs with tokens, and requests in the states that they meet."""

import json
import re
import uuid
from functools import cache

import jsonschema_rs
import pytest
from django.test import Client

from compliance.api import api
from compliance.people.scopes import NEVER_FOR_A_SERVICE, Scope
from compliance.people.tokens import make_token

EVERY_SCOPE = list(Scope)
#: A parameter in one of Django's routes.
IN_ROUTE = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.fixture
def program_of(db):
    """`program_of(person, scopes=...)`: a program with a working token of the person; see `Program`."""

    def make(person, scopes=EVERY_SCOPE):
        if person.is_service and scopes is EVERY_SCOPE:
            scopes = [scope for scope in Scope if scope not in NEVER_FOR_A_SERVICE]
        made = make_token(person=person, name=f"Test {uuid.uuid4()}", scopes=scopes, by=None)
        return Program(made.secret, made.token)

    return make


class Program:
    """Calls the API as an HTTP client does: a header, JSON in, JSON out."""

    def __init__(self, secret=None, token=None):
        self.secret, self.token = secret, token
        self._client = Client(raise_request_exception=True)

    def get(self, path, **query):
        return kept_to_document(self._client.get(f"/api/v1{path}", query, headers=self._headers()))

    def post(self, path, body=None, *, key="new", content_type="application/json"):
        """With a fresh idempotency key, unless one is given; None leaves it out."""
        key = str(uuid.uuid4()) if key == "new" else key
        sent = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        headers = self._headers() | ({"Idempotency-Key": key} if key is not None else {})
        answer = self._client.post(f"/api/v1{path}", sent, content_type=content_type, headers=headers)
        return kept_to_document(answer)

    def delete(self, path):
        return kept_to_document(self._client.delete(f"/api/v1{path}", headers=self._headers()))

    def opened(self, **body):
        """The reference of a new request."""
        answer = self.post("/requests", body)
        assert answer.status_code == 201, answer.content
        return answer.json()["reference"]

    def _headers(self):
        return {"Authorization": f"Bearer {self.secret}"} if self.secret else {}


@cache
def document():
    return api.get_openapi_schema()


def kept_to_document(answer):
    """The answer, which is one of those that the document names for the call, in the form that it says."""
    call = answer.wsgi_request
    route = IN_ROUTE.sub(r"{\1}", f"/{call.resolver_match.route}")
    documented = document()["paths"][route][call.method.lower()]["responses"][answer.status_code]
    if answer.status_code == 204:
        assert not answer.content
        return answer
    content = documented["content"][answer["Content-Type"].partition(";")[0]]
    if answer.streaming:
        return answer
    form_of(json.dumps(content["schema"])).validate(answer.json())
    return answer


@cache
def form_of(schema):
    """What checks an answer against this schema of the document, which is written as JSON.

    It is kept: to make it from all parts of the document takes as long as a call, and most answers share one.
    """
    whole = {**json.loads(schema), "components": document()["components"]}
    return jsonschema_rs.validator_for(whole, validate_formats=True)


def kind_of_problem(answer):
    """The problem's own word, from a well-formed problem document."""
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "errors"}
    assert body["status"] == answer.status_code
    return body["type"].removeprefix("urn:erasure-desk:problem:")


def wrong_fields(answer):
    """The pointers of what is wrong, in order."""
    assert answer.status_code == 422, answer.content
    return [error["pointer"] for error in answer.json()["errors"]]

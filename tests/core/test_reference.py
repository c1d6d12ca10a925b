"""The page of the REST interface, from its document."""

import re

import pytest

from compliance.api import api
from compliance.core.reference import reference_of
from compliance.core.templatetags.marked import marked

ANCHOR = re.compile(r'href="#([^"]+)"')


@pytest.fixture(scope="module")
def document():
    return api.get_openapi_schema()


@pytest.fixture(scope="module")
def reference(document):
    return reference_of(document)


def test_every_call_is_there_once_with_its_scope(document, reference):
    calls = [call for group in reference.groups for call in group.calls]

    documented = {(method.upper(), path) for path, each in document["paths"].items() for method in each}
    assert {(call.method, call.path) for call in calls} == documented
    assert len(calls) == len(documented)
    assert {call.anchor for call in calls if not call.scope} == {"me"}
    assert {call.anchor for call in calls if call.method == "POST" and not call.keyed} == {"hooks_subscribe"}


def test_a_call_names_the_forms_of_what_it_takes_and_answers_and_its_own_noes(reference):
    (call,) = [
        each for group in reference.groups for each in group.calls if each.anchor == "requests_approve"
    ]

    assert (call.body.form, [(each.status, each.kind.form) for each in call.answers]) == (
        "ApproveIn",
        [("200", "Approved")],
    )
    assert "set-has-changed" in [cause.code for cause in call.own_causes]
    assert "not-authenticated" not in [cause.code for cause in call.own_causes]
    assert "not-authenticated" in [cause.code for cause in reference.of_all]
    assert "idempotency-key-missing" in [cause.code for cause in reference.of_keyed]


def test_a_form_says_what_each_field_may_be(reference):
    (form,) = [each for each in reference.forms if each.name == "RefuseIn"]
    kinds = {each.name: each.kind.words for each in form.fields}

    assert kinds["scope"] == "one of: “whole”, “targets”, “named”"
    assert kinds["facts"] == "string of 1 to 4,000 characters"
    assert kinds["kept_until"] == "day or null"
    assert [each.name for each in form.fields if each.required] == ["code", "facts"]


@pytest.mark.django_db
def test_the_page_is_open_needs_no_script_and_leads_nowhere_else(client):
    answer = client.get("/api/v1/docs")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert {anchor for anchor in ANCHOR.findall(page) if f'id="{anchor}"' not in page} == set()
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert client.post("/api/v1/docs").status_code == 405


def test_names_of_code_are_marked_and_everything_else_is_escaped():
    assert marked("give `next`, <b>not</b> `a<b`") == (
        "give <code>next</code>, &lt;b&gt;not&lt;/b&gt; <code>a&lt;b</code>"
    )

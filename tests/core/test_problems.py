"""Problem documents."""

import json
import re
from pathlib import Path

import pytest

from compliance.core import problems as general
from compliance.core.errors import Refused
from compliance.core.problems import FieldProblem, Problem, documented, problem_answer
from compliance.workflow import errors
from compliance.workflow import problems as workflow

ALL = {each for room in (general, workflow) for each in vars(room).values() if isinstance(each, Problem)}
ROW = re.compile(r"^\| `([a-z-]+)` \| (\d{3}) \| (.+) \|$", re.MULTILINE)


def test_each_cause_has_a_type_of_its_own():
    assert len({problem.type for problem in ALL}) == len(ALL)


def test_the_page_lists_every_cause():
    listed = ROW.findall(Path("docs/api.md").read_text())

    expected = sorted((problem.status, problem.code, problem.title) for problem in ALL)
    assert [(int(status), code, title) for code, status, title in listed] == expected


def test_an_answer_is_a_problem_document():
    wrong = FieldProblem(pointer="/law", detail="There is none.")

    answer = problem_answer(general.INVALID, "Mend it.", [wrong])

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert json.loads(answer.content) == {
        "type": "urn:erasure-desk:problem:invalid",
        "title": "Some fields are wrong",
        "status": 422,
        "detail": "Mend it.",
        "errors": [{"pointer": "/law", "detail": "There is none."}],
    }


def test_causes_of_one_status_are_documented_together():
    told = documented([general.INVALID, general.REFUSED, general.NOT_FOUND])

    assert list(told) == [404, 422]
    assert "problem:invalid" in told[422]["description"]
    assert "problem:refused" in told[422]["description"]


@pytest.mark.parametrize("kind", [each for each in vars(errors).values() if isinstance(each, type)])
def test_every_refusal_that_callers_tell_apart_is_a_problem_of_its_own(kind):
    if issubclass(kind, Refused) and kind is not Refused:
        assert workflow.PROBLEMS[kind] is workflow.problem_of(kind("no"))


def test_any_other_refusal_is_the_general_one():
    class Odd(errors.StateChanged):
        pass

    assert workflow.problem_of(Refused("no")) is general.REFUSED
    assert workflow.problem_of(Odd("no")) is workflow.STATE_CHANGED

"""A call under a key is done once."""

import threading

import pytest
from django.db import connection

from compliance.people.models import KeptAnswer
from compliance.people.tasks import forget_answers
from compliance.workflow.models import Request
from compliance.workflow.previews import current_preview
from tests.api_fixtures import Program, kind_of_problem

pytestmark = pytest.mark.django_db

BODY = {"kind": "erasure", "targets": [{"type": "visitor", "id": "Zacharias"}], "repeated": True}


@pytest.fixture
def pipeline(program_of, analyst, silent_subscription):
    silent_subscription(production=True)
    return program_of(analyst)


def test_a_repeated_call_is_answered_the_same_and_done_once(pipeline):
    first = pipeline.post("/requests", BODY, key="k")
    again = pipeline.post("/requests", BODY, key="k")

    assert (again.status_code, again.content) == (201, first.content)
    assert Request.objects.count() == 1


def test_the_answer_of_then_is_given_even_if_the_request_has_moved_on(pipeline):
    first = pipeline.post("/requests", BODY, key="k")
    pipeline.post(f"/requests/{first.json()['reference']}/cancel", {"reason": "A mistake."})

    assert pipeline.post("/requests", BODY, key="k").json()["state"] == "previewing"


def test_another_key_is_another_call(pipeline):
    pipeline.post("/requests", BODY, key="k")
    pipeline.post("/requests", BODY, key="l")

    assert Request.objects.count() == 2


def test_another_persons_key_is_their_own(pipeline, program_of, officer):
    pipeline.post("/requests", BODY, key="k")
    program_of(officer).post("/requests", BODY, key="k")

    assert Request.objects.count() == 2


def test_a_key_for_another_body_is_refused(pipeline):
    pipeline.post("/requests", BODY, key="k")
    answer = pipeline.post("/requests", BODY | {"law": "EU_GDPR"}, key="k")

    assert (answer.status_code, kind_of_problem(answer)) == (422, "idempotency-key-reused")
    assert Request.objects.count() == 1


def test_a_key_for_another_address_is_refused(pipeline, new_request):
    first, second = new_request(), new_request()
    pipeline.post(f"/requests/{first.reference}/cancel", {"reason": "A mistake."}, key="k")

    answer = pipeline.post(f"/requests/{second.reference}/cancel", {"reason": "A mistake."}, key="k")

    assert kind_of_problem(answer) == "idempotency-key-reused"


def test_a_key_is_wanted(pipeline):
    answer = pipeline.post("/requests", BODY, key=None)

    assert (answer.status_code, kind_of_problem(answer)) == (400, "idempotency-key-missing")
    assert not Request.objects.exists()


@pytest.mark.parametrize("key", ["with space", "x" * 256, "ümlaut", "tab\tbed"])
def test_an_odd_key_is_refused(pipeline, key):
    answer = pipeline.post("/requests", BODY, key=key)

    assert (answer.status_code, kind_of_problem(answer)) == (400, "idempotency-key-invalid")


def test_a_refused_call_leaves_its_key_free(pipeline, approved_in_grace):
    path = f"/requests/{approved_in_grace.reference}/cancel"

    refused = pipeline.post(path, {"reason": " "}, key="k")
    done = pipeline.post(path, {"reason": "A mistake."}, key="k")

    assert (refused.status_code, done.status_code) == (422, 200)


def test_a_crash_leaves_neither_the_deed_nor_its_answer(pipeline, monkeypatch):
    def crash(*_args, **_kwargs):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("compliance.intake.answers.where", crash)
        assert kind_of_problem(pipeline.post("/requests", BODY, key="k")) == "our-fault"

    assert not Request.objects.exists()
    assert not KeptAnswer.objects.exists()
    assert pipeline.post("/requests", BODY, key="k").status_code == 201


def test_nothing_that_was_sent_is_kept_with_the_answer(pipeline):
    pipeline.post("/requests", BODY, key="the-key")

    kept = KeptAnswer.objects.get()
    assert "Zacharias" not in str(vars(kept))
    assert "the-key" not in str(vars(kept))


def test_an_approval_is_given_once(program_of, officer, previewed_request):
    request = previewed_request(production=True)
    preview = current_preview(request)
    script, body = program_of(officer), {"digest": preview.digest, "count": preview.found}

    answers = [script.post(f"/requests/{request.reference}/approve", body, key="k") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert preview.approvals.count() == 1


def test_a_new_digest_key_makes_no_repeated_call_another_one(pipeline, settings):
    pipeline.post("/requests", BODY, key="k")
    settings.DIGEST_KEYS += f",9:{'A' * 43}="

    assert pipeline.post("/requests", BODY, key="k").status_code == 201
    assert Request.objects.count() == 1


def test_answers_are_forgotten_after_a_day(pipeline, later):
    pipeline.post("/requests", BODY, key="k")
    later(hours=23, minutes=50)
    forget_answers()
    assert KeptAnswer.objects.exists()

    later(minutes=20)
    forget_answers()

    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="a test's SQLite is in memory, where nobody waits")
def test_of_two_calls_at_once_one_waits_for_the_other(pipeline):
    answers, secret = [], pipeline.secret

    def call():
        answers.append(Program(secret).post("/requests", BODY, key="k"))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.content for answer in answers}) == 1
    assert Request.objects.count() == 1

import pytest

from compliance.connectors.answers import Answer, Verdict, verdict_of


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.OK),
        (400, Verdict.BAD_REQUEST),
        (401, Verdict.KEY_REFUSED),
        (402, Verdict.NOT_PAID),
        (403, Verdict.KEY_REFUSED),
        (404, Verdict.NOT_FOUND),
        (408, Verdict.UNAVAILABLE),
        (422, Verdict.UNPROCESSABLE),
        (429, Verdict.RATE_LIMITED),
        (500, Verdict.UNAVAILABLE),
        (503, Verdict.UNAVAILABLE),
        (599, Verdict.UNAVAILABLE),
    ],
)
def test_documented_status_has_its_verdict(status, verdict):
    assert verdict_of(status) is verdict


@pytest.mark.parametrize("status", [201, 202, 204, 206, 301, 302, 304, 307, 308, 405, 409, 410, 418])
def test_status_that_no_page_documents_is_no_knowledge(status):
    assert verdict_of(status) is Verdict.GARBLED


def test_representation_of_an_answer_shows_no_body():
    answer = Answer(Verdict.OK, 200, b'{"id": "ana@mail.example"}', {"id": "ana@mail.example"})

    assert repr(answer) == "Answer(ok, status=200)"


def test_answer_judged_garbled_keeps_status_and_body_but_no_data():
    answer = Answer(Verdict.OK, 200, b"[]", []).garbled()

    assert (answer.verdict, answer.status, answer.body, answer.data) == (Verdict.GARBLED, 200, b"[]", None)

import time

import pytest

from compliance.connectors.answers import Verdict
from tests.connectors.scripted import drips, says

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "script",
    [
        drips(b""),
        drips(b"x-more: 1\r\n", first=HEAD),
        drips(b"1", first=HEAD + b"content-length: 1000000\r\n\r\n"),
        drips(b"1\r\n1\r\n", first=HEAD + b"transfer-encoding: chunked\r\n\r\n"),
    ],
    ids=["silence", "headers without end", "body without end", "chunks without end"],
)
def test_call_ends_at_its_deadline_whatever_still_drips_in(scripted, wire_to, script):
    wire = wire_to(scripted(script), deadline=0.3)
    began = time.monotonic()

    answer = wire.send("POST", "/", payload={})

    assert answer.verdict is Verdict.LOST
    assert 0.25 < time.monotonic() - began < 2


def test_answer_cut_at_the_deadline_is_not_taken_for_a_whole_one(scripted, wire_to):
    until_closed = drips(b"", first=HEAD + b"\r\n[]")

    answer = wire_to(scripted(until_closed), deadline=0.3).send("GET", "/")

    assert answer.verdict is Verdict.LOST


def test_call_after_a_cut_one_is_answered(scripted, wire_to):
    server = scripted(drips(b""), says(200, b"{}"))
    wire = wire_to(server, deadline=0.3)
    wire.send("GET", "/")

    assert wire.send("GET", "/").verdict is Verdict.OK


def test_calls_in_time_are_not_cut_however_many(scripted, wire_to):
    server = scripted(*[says(200, b"{}")] * 50)
    wire = wire_to(server, deadline=5)

    verdicts = {wire.send("GET", "/").verdict for _ in range(50)}

    assert verdicts == {Verdict.OK}

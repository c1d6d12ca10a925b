import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from compliance.connectors import http
from compliance.connectors.answers import Verdict
from tests.connectors.scripted import hang_up, reset, says, says_and_hangs_up

JSON = {"content_type": "application/json"}


def test_answer_of_json_is_ok_with_its_data(scripted, wire_to):
    answer = wire_to(scripted(says(200, b'{"valid": true}'))).send("GET", "/api/v1/token/verify")

    assert (answer.verdict, answer.status, answer.data) == (Verdict.OK, 200, {"valid": True})


def test_null_is_json_too(scripted, wire_to):
    answer = wire_to(scripted(says(200, b"null"))).send("GET", "/")

    assert (answer.verdict, answer.data) == (Verdict.OK, None)


@pytest.mark.parametrize(
    "body", [b"", b"<html></html>", b'{"id": "9f', b"\xff\xfe\xfd", b'"\xed\xa0\x80"', b"[" * 100_000]
)
def test_200_without_readable_json_is_garbled(scripted, wire_to, body):
    answer = wire_to(scripted(says(200, body))).send("GET", "/")

    assert (answer.verdict, answer.status, answer.body) == (Verdict.GARBLED, 200, body)


def test_half_a_character_in_json_becomes_a_question_mark(scripted, wire_to):
    answer = wire_to(scripted(says(200, rb'["cut \ud83d", "whole \ud83d\ude80"]'))).send("GET", "/")

    assert answer.data == ["cut ?", "whole 🚀"]


@pytest.mark.parametrize("status", [201, 202, 204])
def test_other_success_than_200_is_garbled(scripted, wire_to, status):
    answer = wire_to(scripted(says(status))).send("GET", "/")

    assert (answer.verdict, answer.status) == (Verdict.GARBLED, status)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_never_followed_with_the_key(scripted, wire_to, status):
    elsewhere = scripted(says(200, b"{}"))

    answer = wire_to(scripted(says(status, location=elsewhere.url))).send("POST", "/", payload={})

    assert (answer.verdict, answer.status) == (Verdict.GARBLED, status)
    assert elsewhere.requests == []


def test_proxy_in_the_environment_is_ignored(scripted, wire_to, monkeypatch):
    proxy = scripted(says(200, b'"proxy"'))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.setenv("NO_PROXY", "")

    answer = wire_to(scripted(says(200, b'"direct"'))).send("GET", "/")

    assert answer.data == "direct"
    assert proxy.requests == []


def test_closed_port_means_not_sent(wire_to):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    answer = wire_to(SimpleNamespace(url=f"http://127.0.0.1:{port}")).send("POST", "/", payload={})

    assert answer.verdict is Verdict.NOT_SENT


@pytest.mark.parametrize("end", [hang_up, reset])
def test_connection_that_ends_without_an_answer_means_lost(scripted, wire_to, end):
    answer = wire_to(scripted(end)).send("POST", "/", payload={})

    assert (answer.verdict, answer.status) == (Verdict.LOST, None)


@pytest.mark.parametrize("end", [hang_up, reset])
def test_warm_connection_that_ends_without_an_answer_means_lost_and_nothing_is_sent_again(
    scripted, wire_to, end
):
    server = scripted(says(200, b"{}"), end, says(200, b"{}"))
    wire = wire_to(server)
    wire.send("GET", "/first")

    answer = wire.send("POST", "/second", payload={})

    assert answer.verdict is Verdict.LOST
    assert server.paths == ["/first", "/second"]


def test_warm_connection_that_the_server_closed_meanwhile_is_replaced(scripted, wire_to):
    server = scripted(says_and_hangs_up(200, b"{}"), says(200, b"{}"))
    wire = wire_to(server)
    wire.send("GET", "/first")
    assert server.ended.wait(5)

    answer = wire.send("POST", "/second", payload={})

    assert answer.verdict is Verdict.OK
    assert server.paths == ["/first", "/second"]


def test_connection_is_used_again(scripted, wire_to):
    server = scripted(says(200, b"{}"), says(200, b"{}"))
    wire = wire_to(server)

    wire.send("GET", "/")
    wire.send("GET", "/")

    assert not server.ended.is_set()


def test_body_larger_than_any_answer_of_a_vendor_is_garbled(scripted, wire_to):
    too_large = b" " * (http.MAX_BODY_BYTES + 1)

    answer = wire_to(scripted(says(200, too_large)), deadline=20).send("GET", "/")

    assert (answer.verdict, answer.status, answer.body) == (Verdict.GARBLED, 200, b"")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 0.0), ("86400", 3600.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)],
)
def test_retry_after_counts_in_seconds_up_to_an_hour(scripted, wire_to, header, seconds):
    answer = wire_to(scripted(says(429, retry_after=header))).send("GET", "/")

    assert (answer.verdict, answer.retry_after) == (Verdict.RATE_LIMITED, seconds)


def test_moment_when_a_request_had_left_is_known(scripted, wire_to):
    wire = wire_to(scripted(says(200, b"{}")))
    began = time.monotonic()

    answer = wire.send("POST", "/", payload={})

    assert began <= answer.left_at <= time.monotonic()


def test_request_that_never_left_has_no_such_moment(wire_to):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert wire_to(SimpleNamespace(url=f"http://127.0.0.1:{port}")).send("GET", "/").left_at is None


def test_threads_call_at_the_same_time_on_connections_of_their_own(sandbox, wire_to):
    wire = wire_to(sandbox)
    sandbox.world.faults.switch_on(kind="hang", times=8, seconds=0.3)
    began = time.monotonic()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: wire.send("GET", "/api/v1/guide"), range(8)))

    assert len(answers) == 8
    assert time.monotonic() - began < 8 * 0.3


def test_deadline_of_one_call_cuts_no_other(sandbox, wire_to):
    wire = wire_to(sandbox, deadline=0.6)
    sandbox.world.faults.switch_on(kind="hang", times=1, seconds=5)

    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(wire.send, "GET", "/api/v1/guide")
        time.sleep(0.1)
        others = [wire.send("GET", "/api/v1/guide").status for _ in range(50)]

    assert slow.result().verdict is Verdict.LOST
    assert others == [403] * 50


def test_logs_hold_neither_id_nor_key(pendo, demo, caplog):
    caplog.set_level(logging.DEBUG)

    for visitor_id in demo.visitors.sample(5):
        pendo.visitor(visitor_id)

    assert caplog.records == []


# -- Handed over piece by piece ------------------------------------------------------------------------------


def test_body_is_handed_over_and_not_kept(scripted, wire_to):
    pieces = []

    answer = wire_to(scripted(says(200, b"a\nb\n"))).read(
        "/", take=lambda piece: pieces.append(piece) or True
    )

    assert (answer.verdict, answer.body, b"".join(pieces)) == (Verdict.OK, b"", b"a\nb\n")


def test_only_a_200_is_handed_over(scripted, wire_to):
    pieces = []

    answer = wire_to(scripted(says(404, b"{}"))).read("/", take=pieces.append)

    assert (answer.verdict, pieces) == (Verdict.NOT_FOUND, [])


def test_half_a_body_is_lost(scripted, wire_to):
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"

    def half(connection):
        connection.sendall(head)
        return False

    assert wire_to(scripted(half)).read("/", take=lambda _: True).verdict is Verdict.LOST


def test_reading_may_end_early_and_the_next_call_goes_well(scripted, wire_to):
    server = scripted(says(200, b"x" * 100_000), says(200, b"{}"))
    wire = wire_to(server)

    early = wire.read("/", take=lambda _: False)

    assert early.ok
    assert wire.send("GET", "/").ok

import socket

import httpx
import pytest

from compliance.sandbox.server import running_sandbox


def test_the_server_keeps_connections_alive_and_does_not_wait_for_full_packets(client):
    with client.stream("GET", "/api/v1/guide") as first:
        mine = first.extensions["network_stream"].get_extra_info("client_addr")
        first.read()
    with client.stream("GET", "/api/v1/guide") as second:
        again = second.extensions["network_stream"].get_extra_info("client_addr")

    assert first.http_version == "HTTP/1.1"
    assert mine == again


def test_two_sandboxes_run_side_by_side_each_with_its_world(sandbox, client):
    with running_sandbox(min_interval=0) as second:
        client.post("/_sandbox/visitors", json={"subscription": "demo", "visitors": ["only here"]})

        assert second.url != sandbox.url
        assert "only here" not in second.world.subscriptions["demo"].visitors


def test_settings_are_given_by_name():
    with running_sandbox(done_after=3, names_ids=True) as sandbox:
        assert (sandbox.world.settings.done_after, sandbox.world.settings.names_ids) == (3, True)


def test_after_the_stop_kept_connections_are_closed_too():
    with httpx.Client(trust_env=False) as client:
        with running_sandbox() as sandbox:
            client.get(f"{sandbox.url}/_sandbox/state")

        with pytest.raises(httpx.TransportError):
            client.get(f"{sandbox.url}/_sandbox/state")


def test_a_body_without_a_stated_length_is_refused(client):
    answer = client.post("/api/v1/bulkdelete/visitor", content=iter([b"{}"]))

    assert answer.status_code == 411


def test_a_caller_that_goes_away_in_the_middle_harms_nobody(sandbox, client, capfd):
    host, port = sandbox.url.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port))) as caller:
        caller.sendall(b"POST /api/v1/bulkdelete/visitor HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")

    assert client.get("/api/v1/guide").status_code == 200
    assert capfd.readouterr().err == ""


def test_calls_leave_no_trace_of_ids_on_the_terminal(client, ids, capfd):
    client.get(f"/api/v1/visitor/{ids[1]}")

    assert capfd.readouterr() == ("", "")

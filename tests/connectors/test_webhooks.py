"""One message to an address of somebody else's choosing."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from email.utils import format_datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from compliance.connectors.targets import Allowed
from compliance.connectors.webhooks import LONGEST_WAIT, Ending, Letter, post
from tests.connectors.scripted import ScriptedServer, drips, hang_up, says

LOOPBACK = Allowed(loopback=True)
NAME = "hooks.example.com"


def letter_to(url):
    return Letter(url, {"webhook-id": "evt_1"}, b'{"type":"x"}')


def posted(server, **more):
    return post(letter_to(f"{server.url}/hook?token=1"), LOOPBACK, **more)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_success_means_taken(scripted, status):
    assert posted(scripted(says(status))).ending is Ending.TAKEN


@pytest.mark.parametrize(
    ("status", "ending"),
    [
        (410, Ending.GONE),
        (400, Ending.REFUSED),
        (401, Ending.REFUSED),
        (404, Ending.REFUSED),
        (429, Ending.REFUSED),
        (500, Ending.REFUSED),
    ],
)
def test_any_other_answer_means_not_taken(scripted, status, ending):
    answer = posted(scripted(says(status)))

    assert (answer.ending, answer.status) == (ending, status)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(scripted, status):
    elsewhere = scripted(says(200))

    answer = posted(scripted(says(status, location=elsewhere.url)))

    assert (answer.ending, answer.status) == (Ending.REFUSED, status)
    assert elsewhere.requests == []


def test_the_message_arrives_as_it_was_written(scripted):
    server = scripted(says(204))

    posted(server)

    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?token=1 HTTP/1.1\r\n")
    assert b"webhook-id: evt_1" in head.lower()
    assert body == b'{"type":"x"}'


def test_a_wait_in_seconds_or_until_a_moment_is_told(scripted, time_machine):
    now = dt.datetime(2026, 11, 4, 9, 30, tzinfo=dt.UTC)
    time_machine.move_to(now, tick=False)
    moment = format_datetime(now + dt.timedelta(minutes=5), usegmt=True)

    assert posted(scripted(says(429, retry_after="120"))).retry_after == 120
    assert posted(scripted(says(503, retry_after=moment))).retry_after == 300
    assert posted(scripted(says(429, retry_after="999999999"))).retry_after == LONGEST_WAIT
    assert posted(scripted(says(429, retry_after="soon"))).retry_after is None
    assert posted(scripted(says(429))).retry_after is None


def test_a_body_without_end_is_not_read(scripted):
    endless = drips(b"x" * 100, first=b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n")

    assert posted(scripted(endless), deadline=2).ending is Ending.TAKEN


def test_an_answer_that_drips_is_cut_off(scripted):
    answer = posted(scripted(drips(b"x", first=b"HTTP/1.1 200 OK\r\nx-slow: ")), deadline=0.2)

    assert answer.ending is Ending.NO_ANSWER
    assert answer.seconds < 2


def test_a_connection_that_breaks_off_means_no_answer(scripted):
    assert posted(scripted(hang_up)).ending is Ending.NO_ANSWER


def test_a_closed_port_means_no_connection():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert post(letter_to(f"http://127.0.0.1:{port}/"), LOOPBACK).ending is Ending.NO_CONNECTION


def test_a_proxy_in_the_environment_is_ignored(scripted, monkeypatch):
    proxy, server = scripted(says(200)), scripted(says(204))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)

    assert posted(server).status == 204
    assert proxy.requests == []


def test_what_is_secret_stands_in_no_representation():
    assert "token" not in repr(letter_to("https://hooks.example.com/?token=1"))


# -- The address that was judged is the one that is called ---------------------------------------------------


def test_a_name_that_leads_to_a_private_address_now_is_not_called(scripted):
    server = scripted(says(200))
    port = server.url.rpartition(":")[2]

    answer = post(letter_to(f"https://{NAME}:{port}/"), Allowed(), resolve=lambda *_: ["127.0.0.1"])

    assert answer.ending is Ending.UNFIT_ADDRESS
    assert server.requests == []


def test_the_name_is_looked_up_once_and_the_call_goes_to_what_was_found(scripted, monkeypatch):
    server, lookups = scripted(says(204)), []
    port = server.url.rpartition(":")[2]

    def resolve(host, _port):
        lookups.append(host)
        return ["127.0.0.1"]

    connected = []
    connect = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda where, *a, **k: connected.append(where) or connect(where, *a, **k)
    )
    answer = post(letter_to(f"http://{NAME}:{port}/"), LOOPBACK, resolve=resolve)

    assert answer.ending is Ending.TAKEN
    assert lookups == [NAME]
    assert connected == [("127.0.0.1", int(port))]
    assert f"host: {NAME}:{port}".encode() in server.requests[0].lower()


def test_the_next_address_is_tried_where_the_first_gives_no_connection(scripted):
    server = scripted(says(204))
    port = server.url.rpartition(":")[2]

    answer = post(
        letter_to(f"http://{NAME}:{port}/"), LOOPBACK, resolve=lambda *_: ["127.9.9.9", "127.0.0.1"]
    )

    assert answer.ending is Ending.TAKEN


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for NAME, which signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "hooks.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def encrypted(certificate):
    """A server with that certificate that answers each call with 204, and the names that callers gave."""
    context, names = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), []
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = ScriptedServer("", [says(204)] * 3)
        wrapped = context.wrap_socket(listening, server_side=True)
        threading.Thread(target=serve_on, args=[server, wrapped], daemon=True).start()
        yield listening.getsockname()[1] if listening.fileno() > 0 else wrapped.getsockname()[1], names
        wrapped.close()


def serve_on(server, listening):
    while True:
        try:
            connection, _ = listening.accept()
        except ssl.SSLError:
            continue
        except OSError:
            return
        server._converse(connection)  # noqa: SLF001 -- one call after the other


@pytest.fixture
def trusting(certificate):
    return ssl.create_default_context(cafile=certificate)


def at_loopback(*_):
    return ["127.0.0.1"]


def test_the_certificate_is_checked_for_the_name_though_the_call_goes_to_an_address(encrypted, trusting):
    port, names = encrypted

    answer = post(letter_to(f"https://{NAME}:{port}/"), LOOPBACK, resolve=at_loopback, context=trusting)

    assert answer.ending is Ending.TAKEN
    assert names == [NAME]


def test_a_certificate_for_another_name_is_not_taken(encrypted, trusting):
    port, _ = encrypted

    answer = post(
        letter_to(f"https://other.example.com:{port}/"), LOOPBACK, resolve=at_loopback, context=trusting
    )

    assert answer.ending is Ending.BAD_CERTIFICATE


def test_a_certificate_of_nobody_known_is_not_taken(encrypted):
    port, _ = encrypted

    answer = post(letter_to(f"https://{NAME}:{port}/"), LOOPBACK, resolve=at_loopback)

    assert answer.ending is Ending.BAD_CERTIFICATE


def test_an_address_of_the_new_kind_is_called_in_brackets(monkeypatch):
    tried = []

    def refuse(where, *_, **__):
        tried.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    ours = Allowed([ipaddress.ip_network("fd00::/8")])

    post(letter_to(f"https://{NAME}/"), ours, resolve=lambda *_: ["fd00::1"])

    assert tried == [("fd00::1", 443)]

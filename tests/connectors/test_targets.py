"""To which addresses of other people's choosing anything is sent."""

import ipaddress
import socket
import threading

import pytest

from compliance.connectors import targets
from compliance.connectors.targets import Allowed, Unfit, fit_target

PUBLIC = Allowed()
TRYING_OUT = Allowed(loopback=True)


def leads_to(*addresses):
    return lambda _host, _port: addresses


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_is_fit(address):
    target = fit_target("https://hooks.example.com/x?token=1", PUBLIC, resolve=leads_to(address))

    assert target.addresses == (address,)
    assert "token" not in repr(target)


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "0.0.0.0",  # noqa: S104 -- refused here
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2001:0:53aa:64c:0:0:0:1",
        "2001:db8::1",
        "2002:a00:1::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_any_other_address_is_refused(address):
    with pytest.raises(Unfit, match="isn't public"):
        fit_target("https://hooks.example.com/", PUBLIC, resolve=leads_to(address))


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(Unfit):
        fit_target("https://hooks.example.com/", PUBLIC, resolve=leads_to("93.184.215.14", "10.0.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
    ],
)
def test_our_own_machine_is_refused_however_it_is_written(url):
    with pytest.raises(Unfit):
        fit_target(url, PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:70000/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nHost: x",
        "https://[fe80::1%25eth0]/",
        "https://exa mple.com/",
        "https://hooks.example.com/" + "x" * 2000,
    ],
)
def test_what_is_no_address_for_a_message_is_refused_without_being_repeated(url):
    with pytest.raises(Unfit) as refusal:
        fit_target(url, PUBLIC, resolve=leads_to("93.184.215.14"))

    assert "secret" not in str(refusal.value)


def test_without_encryption_only_our_own_machine_is_reached_and_only_where_that_is_allowed():
    fit_target("http://127.0.0.1:9/", TRYING_OUT, resolve=leads_to("127.0.0.1"))

    with pytest.raises(Unfit, match="https"):
        fit_target("http://hooks.example.com/", TRYING_OUT, resolve=leads_to("93.184.215.14"))
    with pytest.raises(Unfit, match="https"):
        fit_target("http://hooks.example.com/", PUBLIC, resolve=leads_to("93.184.215.14"))


def test_a_network_that_is_allowed_is_reached_and_no_other():
    ours = Allowed([ipaddress.ip_network("10.20.0.0/16"), ipaddress.ip_network("fd00:20::/32")])

    assert fit_target("https://tickets.internal/", ours, resolve=leads_to("10.20.3.4", "fd00:20::9"))
    with pytest.raises(Unfit):
        fit_target("https://tickets.internal/", ours, resolve=leads_to("10.21.3.4"))


def test_a_name_that_nobody_knows_is_refused():
    def unknown(_host, _port):
        raise socket.gaierror

    with pytest.raises(Unfit, match="can't be resolved"):
        fit_target("https://nobody.invalid/", PUBLIC, resolve=unknown)


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(targets, "RESOLVE_SECONDS", 0.01)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [None] * never.wait(0.1))

    with pytest.raises(OSError, match="doesn't answer"):
        targets.resolved("hooks.example.com", 443)

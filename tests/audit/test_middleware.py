"""Whose address stands in change records."""

import pytest
from auditlog.models import LogEntry
from django.test import RequestFactory

from compliance.audit.middleware import client_address
from compliance.people.roles import Role


def address(remote, forwarded=None):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))


@pytest.mark.parametrize("forwarded", [None, "6.6.6.6", "6.6.6.6, 127.0.0.1", "garbage", ""])
def test_a_header_from_anybody_is_ignored(settings, forwarded):
    settings.TRUSTED_PROXIES = []

    assert address("203.0.113.9", forwarded) == "203.0.113.9"


def test_the_address_that_a_trusted_proxy_saw_counts(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]

    assert address("10.0.0.1", "203.0.113.9") == "203.0.113.9"


def test_a_forged_hop_in_front_of_a_trusted_proxy_is_ignored(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]

    assert address("10.0.0.1", "6.6.6.6, 203.0.113.9") == "203.0.113.9"


def test_several_trusted_proxies_are_passed(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "2001:db8::/32"]

    assert address("10.0.0.1", "6.6.6.6, 203.0.113.9, 2001:db8::5, 10.0.0.2") == "203.0.113.9"


def test_a_client_inside_the_trusted_network_is_the_first_hop(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]

    assert address("10.0.0.1", "10.0.0.7, 10.0.0.2") == "10.0.0.7"


@pytest.mark.parametrize("garbage", ["garbage", "203.0.113.9:1234", "<script>", "203.0.113.9\x00"])
def test_garbage_that_a_trusted_proxy_passed_on_gives_no_address(settings, garbage):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]

    assert address("10.0.0.1", garbage) is None


@pytest.mark.parametrize("remote", ["", "unix:"])
def test_a_server_behind_a_socket_gives_no_address(settings, remote):
    assert address(remote) is None


@pytest.mark.django_db
@pytest.mark.parametrize("forwarded", ["6.6.6.6", "garbage"])
def test_a_forged_header_neither_enters_change_records_nor_breaks_the_page(make_person, client_of, forwarded):
    client = client_of(make_person(Role.ADMINISTRATOR))

    answer = client.post(
        "/people/add/",
        {"name": "Bo", "email": "bo@colleagues.example", "roles": ["analyst"]},
        headers={"X-Forwarded-For": forwarded},
    )

    assert answer.status_code == 302
    addresses = set(LogEntry.objects.filter(actor__isnull=False).values_list("remote_addr", flat=True))
    assert addresses == {"127.0.0.1"}

"""Contradictions that stop the start."""

import pytest

from compliance.core.checks import (
    demo_is_reached_by_loopback_only,
    no_connection_pool_in_the_worker,
    secrets_can_be_read,
    trusted_proxies_can_be_read,
)


def ids(messages):
    return [message.id for message in messages]


def test_settings_as_they_are_raise_nothing():
    assert secrets_can_be_read() == []
    assert no_connection_pool_in_the_worker() == []


@pytest.mark.parametrize("name", ["ENCRYPTION_KEYS", "DIGEST_KEYS"])
def test_an_unreadable_secret_stops_the_start_and_is_named(settings, name):
    setattr(settings, name, "nonsense")

    (error,) = secrets_can_be_read()

    assert error.id == "erasure_desk.E001"
    assert name in error.msg
    assert "nonsense" not in error.msg


@pytest.mark.parametrize("hosts", [["127.0.0.1", "localhost", "[::1]"], ["127.0.0.2"], []])
def test_a_demo_on_loopback_may_start(settings, hosts):
    settings.DEMO, settings.ALLOWED_HOSTS = True, hosts

    assert demo_is_reached_by_loopback_only() == []


@pytest.mark.parametrize("host", ["*", "0.0.0.0", "10.0.0.1", "desk.example.com", ".localhost", ""])  # noqa: S104
def test_a_demo_that_others_could_reach_may_not_start(settings, host):
    settings.DEMO, settings.ALLOWED_HOSTS = True, ["127.0.0.1", host]

    assert ids(demo_is_reached_by_loopback_only()) == ["erasure_desk.E002"]


def test_a_demo_with_a_public_address_may_not_start(settings):
    settings.DEMO, settings.ALLOWED_HOSTS = True, ["127.0.0.1"]
    settings.PUBLIC_URL = "https://desk.example.com"

    assert ids(demo_is_reached_by_loopback_only()) == ["erasure_desk.E002"]


def test_a_demo_that_listens_to_others_may_not_start(settings):
    settings.DEMO, settings.ALLOWED_HOSTS, settings.BIND = True, ["127.0.0.1"], "0.0.0.0"  # noqa: S104

    assert ids(demo_is_reached_by_loopback_only()) == ["erasure_desk.E002"]


def test_without_demo_any_host_may_be_allowed(settings):
    settings.DEMO, settings.ALLOWED_HOSTS = False, ["desk.example.com"]

    assert demo_is_reached_by_loopback_only() == []


def test_a_connection_pool_stops_the_start(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {"pool": True})

    assert ids(no_connection_pool_in_the_worker()) == ["erasure_desk.E003"]


def test_proxies_are_addresses_or_networks(settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1", "10.1.2.3/8", "::1"]

    assert trusted_proxies_can_be_read() == []


def test_a_proxy_by_name_stops_the_start(settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1", "proxy.example.com"]

    (error,) = trusted_proxies_can_be_read()

    assert error.id == "erasure_desk.E005"
    assert "proxy.example.com" in error.msg

"""Start-up checks: contradictions that must stop the start, not a deletion."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from . import keyring


@register
def secrets_can_be_read(**_: Any) -> list[CheckMessage]:
    """ENCRYPTION_KEYS and DIGEST_KEYS are well formed."""
    try:
        keyring.parse_encryption_keys(settings.ENCRYPTION_KEYS)
        keyring.parse_digest_keys(settings.DIGEST_KEYS)
    except ImproperlyConfigured as error:
        return [Error(str(error), id="erasure_desk.E001")]
    return []


@register
def demo_is_reached_by_loopback_only(**_: Any) -> list[CheckMessage]:
    """DEMO relaxes the second factor, so nobody but this machine may reach it."""
    hosts = [*settings.ALLOWED_HOSTS, urlsplit(settings.PUBLIC_URL).hostname or "", settings.BIND]
    if settings.DEMO and not all(_is_loopback(host) for host in hosts):
        return [
            Error(
                "DEMO=1 works on loopback addresses only.",
                hint="Unset DEMO, or remove other names from ALLOWED_HOSTS, PUBLIC_URL and BIND.",
                id="erasure_desk.E002",
            )
        ]
    return []


@register
def no_connection_pool_in_the_worker(**_: Any) -> list[CheckMessage]:
    """django-q2 forks: a psycopg pool shared across a fork breaks the worker (django-q2 #209)."""
    if settings.DATABASES["default"].get("OPTIONS", {}).get("pool"):
        return [Error("The database pool cannot be used with django-q2.", id="erasure_desk.E003")]
    return []


@register
def trusted_proxies_can_be_read(**_: Any) -> list[CheckMessage]:
    """Every one of TRUSTED_PROXIES is an address or a network."""
    try:
        for proxy in settings.TRUSTED_PROXIES:
            ip_network(proxy, strict=False)
    except ValueError as error:
        return [Error(f"TRUSTED_PROXIES takes addresses and networks only: {error}.", id="erasure_desk.E005")]
    return []


@register
def private_networks_can_be_read(**_: Any) -> list[CheckMessage]:
    """Every one of WEBHOOK_PRIVATE_NETWORKS is an address or a network."""
    try:
        for network in settings.WEBHOOK_PRIVATE_NETWORKS:
            ip_network(network, strict=False)
    except ValueError as error:
        return [
            Error(
                f"WEBHOOK_PRIVATE_NETWORKS takes addresses and networks only: {error}.",
                id="erasure_desk.E006",
            )
        ]
    return []


def _is_loopback(host: str) -> bool:
    if host in {"localhost", "testserver"}:
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

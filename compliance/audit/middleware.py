"""Who changed what people configure: django-auditlog's middleware with a trustworthy address."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from auditlog.middleware import AuditlogMiddleware
from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest


class ChangeRecordMiddleware(AuditlogMiddleware):  # type: ignore[misc] # auditlog ships no types
    """Takes X-Forwarded-For only from TRUSTED_PROXIES; anyone else could forge it, or break the page."""

    @staticmethod
    def _get_remote_addr(request: HttpRequest) -> str | None:
        return client_address(request)


def client_address(request: HttpRequest) -> str | None:
    """The address of the client: the last hop of X-Forwarded-For that no trusted proxy added."""
    hops: list[str] = [request.META.get("REMOTE_ADDR", "")]
    hops += reversed(
        [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    )
    for hop in hops:
        if not _is_address(hop):
            return None
        if not _is_trusted(hop):
            return hop
    return hops[-1]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str) -> bool:
    return any(ip_address(address) in ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES)

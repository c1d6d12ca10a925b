"""To which addresses of other people's choosing we send: found once, judged, and then pinned.

Whoever chooses an address could have us call what only we can reach: our own machine, the network around it,
a cloud's metadata service. So a name is resolved once, every address that it has is judged, and the call goes
to one of these, not to the name: a name that means something else a moment later changes nothing.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    type_of_address = ipaddress.IPv4Address | ipaddress.IPv6Address
    type_of_network = ipaddress.IPv4Network | ipaddress.IPv6Network
    type_of_resolver = Callable[[str, int], Sequence[str]]

LONGEST_URL, LAST_PORT = 2000, 65535
#: A resolver that doesn't answer is waited for so long; the system's own patience is a minute and more.
RESOLVE_SECONDS = 5.0
#: Special-purpose networks (IANA's registries) that Python 3.11 partly takes for public ones; and those that
#: hold another address within: mapped, compatible, translated (NAT64), 6to4, Teredo.
SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "192.0.0.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "240.0.0.0/4",
            "::/96",
            "::ffff:0:0/96",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/23",
            "2002::/16",
            "3fff::/20",
            "5f00::/16",
            "fe80::/10",
            "fec0::/10",
        ),
    )
)


class Unfit(Exception):
    """Nothing is sent to this address. The text says why, to whoever has chosen it; it repeats nothing."""


@dataclass(frozen=True)
class Allowed:
    """What an installation allows besides public addresses."""

    #: Networks of its own in which its receivers stand.
    networks: Sequence[type_of_network] = ()
    #: Its own machine, and there without encryption, too: for trying things out.
    loopback: bool = False


@dataclass(frozen=True)
class Target:
    """Where a call goes: its address as it was written, and the network addresses that were found fit."""

    url: httpx.URL = field(repr=False)
    addresses: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """The name, as certificates have it."""
        return self.url.raw_host.decode()


def fit_target(url: str, allowed: Allowed, *, resolve: type_of_resolver | None = None) -> Target:
    """The target, with each of its addresses judged just now. Raises `Unfit`."""
    parsed = _parsed(url)
    _refuse_bad_form(parsed)
    target = Target(parsed)
    addresses = _addresses(target, resolve or resolved)
    if not all(_is_fit(address, allowed) for address in addresses):
        raise Unfit("It leads to an address that isn't public: choose one that the whole internet can reach.")
    encrypted = parsed.scheme == "https"
    if not encrypted and not (allowed.loopback and all(address.is_loopback for address in addresses)):
        raise Unfit("It has to begin with https://.")
    return Target(parsed, tuple(map(str, addresses)))


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system finds them. Raises `OSError`, also if that takes too long."""
    found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def look() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError, OverflowError) as error:
            found.put(OSError(str(error)))
        else:
            found.put([str(row[4][0]) for row in rows])

    # It can't be interrupted; a daemon is left behind where it hangs, and ends by itself.
    threading.Thread(target=look, daemon=True).start()
    try:
        answer = found.get(timeout=RESOLVE_SECONDS)
    except queue.Empty:
        raise OSError("the resolver doesn't answer") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _parsed(url: str) -> httpx.URL:
    if not url.isprintable() or " " in url or len(url) > LONGEST_URL:
        raise Unfit(f"An address has up to {LONGEST_URL} characters, and no spaces.")
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise Unfit("This isn't an address: it looks like https://hooks.example.com/path.") from None


def _refuse_bad_form(url: httpx.URL) -> None:
    if url.scheme not in {"http", "https"} or not url.host:
        raise Unfit("It has to begin with https:// and the name of a host.")
    if url.userinfo:
        raise Unfit("A name and password before the host are sent to nobody: leave them out.")
    if url.fragment:
        raise Unfit("What follows a # is never sent: leave it out.")
    if "%" in url.host or not (url.port is None or 0 < url.port <= LAST_PORT):
        raise Unfit("This isn't the name of a host with a port.")


def _addresses(target: Target, resolve: type_of_resolver) -> list[type_of_address]:
    """The addresses that the name has now, each once. What is written as an address is asked for, too."""
    port = target.url.port or (443 if target.url.scheme == "https" else 80)
    try:
        texts = resolve(target.host.strip("[]"), port)
        found = [ipaddress.ip_address(text) for text in dict.fromkeys(texts)]
    except (OSError, ValueError):
        raise Unfit("This name can't be resolved: nobody knows such a host.") from None
    if not found:
        raise Unfit("This name has no address.")
    return found


def _is_fit(address: type_of_address, allowed: Allowed) -> bool:
    if address.is_loopback:
        return allowed.loopback
    if any(address in network for network in allowed.networks):
        return True
    special = any(address in network for network in SPECIAL)
    return address.is_global and not address.is_multicast and not special

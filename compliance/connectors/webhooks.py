"""One message to an address of somebody else's choosing. Never raises, never retries, follows nothing."""

from __future__ import annotations

import datetime as dt
import enum
import ssl
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpx

from .http import CONNECT_SECONDS, USER_AGENT, trusted
from .targets import Unfit, fit_target
from .watch import DeadlineMissed, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .targets import Allowed, Target, type_of_resolver

#: Seconds for one whole message, besides looking up its name.
DEADLINE = 15.0
#: A receiver of which several addresses are known is tried at so many.
MOST_ADDRESSES = 3
#: A longer wait than this is nobody's to ask for.
LONGEST_WAIT = 24 * 3600.0
GONE, TOO_MANY, UNAVAILABLE = 410, 429, 503


class Ending(enum.StrEnum):
    """What became of one message."""

    TAKEN = "taken"
    #: The receiver says that nobody wants any more of these.
    GONE = "gone"
    #: Any other answer.
    REFUSED = "refused"
    #: No whole answer came in time.
    NO_ANSWER = "no_answer"
    #: No connection came about.
    NO_CONNECTION = "no_connection"
    #: The receiver didn't prove to be who it is.
    BAD_CERTIFICATE = "bad_certificate"
    #: The name can't be resolved, or leads to an address that nothing is sent to.
    UNFIT_ADDRESS = "unfit_address"


@dataclass(frozen=True)
class Posted:
    """One message's end. `retry_after` is in seconds, where the receiver named a wait."""

    ending: Ending
    status: int | None = None
    retry_after: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Letter:
    """A message ready to be sent. What may hold a secret is kept out of the representation."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def post(
    letter: Letter,
    allowed: Allowed,
    *,
    deadline: float = DEADLINE,
    resolve: type_of_resolver | None = None,
    context: ssl.SSLContext | None = None,
) -> Posted:
    """How sending it ended: to an address that the name has now, and that was judged, and to no other."""
    began = time.monotonic()
    try:
        target = fit_target(letter.url, allowed, resolve=resolve)
    except Unfit:
        return Posted(Ending.UNFIT_ADDRESS, seconds=time.monotonic() - began)
    ending = Posted(Ending.NO_CONNECTION)
    for seconds, address in _turns(target, deadline):
        ending = _Line(context or trusted(), seconds).send(letter, target, address)
        if ending.ending is not Ending.NO_CONNECTION:
            break
    return Posted(ending.ending, ending.status, ending.retry_after, time.monotonic() - began)


def _turns(target: Target, deadline: float) -> Iterator[tuple[float, str]]:
    """The addresses to try, with the seconds that are left."""
    end = time.monotonic() + deadline
    for address in target.addresses[:MOST_ADDRESSES]:
        left = end - time.monotonic()
        if left <= 0:
            return
        yield left, address


class _Line:
    """A connection for one message."""

    def __init__(self, context: ssl.SSLContext, seconds: float) -> None:
        self._watch = Watch(seconds)
        self._client = httpx.Client(
            headers={"user-agent": USER_AGENT, "accept-encoding": "identity"},
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=0),
            # A redirect leads to an address that nobody has judged.
            follow_redirects=False,
            verify=context,
            # A proxy from the environment would look the name up anew.
            trust_env=False,
        )

    def send(self, letter: Letter, target: Target, address: str) -> Posted:
        """To this address, under the target's own name: in the Host header, and for the certificate."""
        request = self._client.build_request(
            "POST",
            target.url.copy_with(host=address),
            content=letter.body,
            headers={**letter.headers, "host": _host_header(target)},
            extensions={"sni_hostname": target.host.strip("[]"), "trace": self._watch.traced},
        )
        try:
            with self._client, self._watch.over_one_call():
                return _ended(self._client.send(request, stream=True))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            bad = _is_about_the_certificate(error)
            return Posted(Ending.BAD_CERTIFICATE if bad else Ending.NO_CONNECTION)
        except (httpx.HTTPError, DeadlineMissed):
            return Posted(Ending.NO_ANSWER)


def _host_header(target: Target) -> str:
    return target.url.netloc.decode()


def _ended(response: httpx.Response) -> Posted:
    # The status says it all. The body is somebody else's, and as long as they like: none of it is read.
    response.close()
    status = response.status_code
    if response.is_success:
        return Posted(Ending.TAKEN, status)
    if status == GONE:
        return Posted(Ending.GONE, status)
    waits = status in {TOO_MANY, UNAVAILABLE}
    return Posted(Ending.REFUSED, status, _wait(response) if waits else None)


def _wait(response: httpx.Response) -> float | None:
    """What Retry-After says, in seconds from now: it is a number of them, or a moment (RFC 9110, 10.2.3)."""
    text = response.headers.get("retry-after", "")
    if text.isascii() and text.isdecimal():
        return min(float(text), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    left = (moment.astimezone(dt.UTC) - dt.datetime.now(dt.UTC)).total_seconds()
    return min(max(left, 0.0), LONGEST_WAIT)


def _is_about_the_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False

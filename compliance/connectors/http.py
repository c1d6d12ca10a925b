"""The one owner of HTTP: makes the client, sends one request, judges how it ended. Never retries."""

from __future__ import annotations

import functools
import json
import re
import time
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

import httpx

from .answers import Answer, Verdict, verdict_of
from .watch import DeadlineMissed, Watch

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

CONNECT_SECONDS = 5.0
MAX_BODY_BYTES = 64 * 1024 * 1024
USER_AGENT = "erasure-desk"
#: httpcore's name for the moment when the last byte of a request has been written.
LEFT = "http11.send_request_body.complete"
SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class Wire:
    """Warm connections to one host, one for each call under way. Use as a context manager, in any thread."""

    def __init__(self, *, base_url: str, headers: Mapping[str, str], deadline: float) -> None:
        """`deadline` in seconds is for one whole call."""
        self._base_url, self._headers, self._deadline = base_url, headers, deadline
        #: Whether the host has given a usable answer to any of the calls so far.
        self.heard = False
        self._lines: list[_Line] = []
        #: Taken and put back by atomic operations; the one used last comes first, so that few stay warm.
        self._idle: list[_Line] = []

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Connections closed."""
        for line in self._lines:
            line.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        payload: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """How one request ended; network trouble is an answer, too, never an exception."""
        try:
            line = self._idle.pop()
        except IndexError:
            line = self._one_more()
        try:
            answer = line.send(method, path, payload, headers)
        finally:
            self._idle.append(line)
        self.heard = self.heard or answer.ok
        return answer

    def read(self, path: str, *, take: Callable[[bytes], bool]) -> Answer:
        """How one GET ended whose body is handed over piece by piece, as long as `take` wants more.

        Only what was answered with 200 is handed over; the answer then has no body. What `take` raises
        passes.
        """
        try:
            line = self._idle.pop()
        except IndexError:
            line = self._one_more()
        try:
            answer = line.read(path, take)
        finally:
            self._idle.append(line)
        self.heard = self.heard or answer.ok
        return answer

    def _one_more(self) -> _Line:
        line = _Line(self._base_url, self._headers, self._deadline)
        self._lines.append(line)
        return line


class _Line:
    """One connection, for one call at a time."""

    def __init__(self, base_url: str, headers: Mapping[str, str], deadline: float) -> None:
        self._watch = Watch(deadline)
        self._left_at: float | None = None
        self._client = httpx.Client(
            base_url=base_url,
            headers={"user-agent": USER_AGENT, **headers},
            timeout=httpx.Timeout(deadline, connect=min(CONNECT_SECONDS, deadline)),
            # The watch knows one connection.
            limits=httpx.Limits(max_connections=1),
            # A redirect would carry the key to another address.
            follow_redirects=False,
            verify=trusted(),
            # The environment must not name a proxy that the key goes through.
            trust_env=False,
        )

    def close(self) -> None:
        """The connection is closed."""
        self._client.close()

    def send(self, method: str, path: str, payload: object, headers: Mapping[str, str] | None) -> Answer:
        """How one request ended, and when it had left."""
        self._left_at = None
        request = self._client.build_request(
            method, path, json=payload, headers=headers, extensions={"trace": self._traced}
        )
        return replace(self._ended(request, self._exchange), left_at=self._left_at)

    def read(self, path: str, take: Callable[[bytes], bool]) -> Answer:
        """How one GET ended, whose body was handed over."""
        request = self._client.build_request("GET", path, extensions={"trace": self._traced})
        return self._ended(request, partial(self._hand_over, take))

    def _traced(self, event: str, info: Mapping[str, Any]) -> None:
        if event == LEFT:
            self._left_at = time.monotonic()
        self._watch.traced(event, info)

    def _ended(self, request: httpx.Request, exchange: Callable[[httpx.Request], Answer]) -> Answer:
        try:
            with self._watch.over_one_call():
                return exchange(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol):
            return Answer(Verdict.NOT_SENT)
        except (httpx.HTTPError, DeadlineMissed):
            # Also where a kept connection turned out to be closed: nobody can say how far the request got.
            return Answer(Verdict.LOST)

    def _exchange(self, request: httpx.Request) -> Answer:
        response = self._client.send(request, stream=True)
        try:
            body = _read(response)
        finally:
            response.close()
        return Answer(Verdict.GARBLED, response.status_code) if body is None else _judge(response, body)

    def _hand_over(self, take: Callable[[bytes], bool], request: httpx.Request) -> Answer:
        response = self._client.send(request, stream=True)
        try:
            if response.status_code != HTTPStatus.OK:
                return _judge(response, _read(response) or b"")
            for piece in response.iter_bytes():
                if not take(piece):
                    break
        finally:
            response.close()
        return Answer(Verdict.OK, response.status_code)


@functools.cache
def trusted() -> ssl.SSLContext:
    """Reading the certificates of all authorities costs more than a call: once is enough."""
    return httpx.create_ssl_context(trust_env=False)


def _read(response: httpx.Response) -> bytes | None:
    """The body, or None if it is larger than any answer of a vendor's."""
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _judge(response: httpx.Response, body: bytes) -> Answer:
    verdict, data = verdict_of(response.status_code), None
    if verdict is Verdict.OK:
        try:
            data = _parsed(body)
        except (ValueError, RecursionError):
            verdict = Verdict.GARBLED
    return Answer(verdict, response.status_code, body, data, _retry_after(response))


def _parsed(body: bytes) -> Any:
    """The JSON in `body`, with a question mark for half a character: such text could not be stored."""
    text = body.decode()
    data = json.loads(text)
    if SURROGATE_ESCAPE.search(text):
        data = json.loads(json.dumps(data, ensure_ascii=False).encode(errors="replace"))
    return data


def _retry_after(response: httpx.Response) -> float | None:
    # Pendo documents no such header; where a proxy sets one in seconds, it is honoured within an hour.
    text = response.headers.get("retry-after", "")
    return min(float(text), 3600.0) if text.isdecimal() else None

"""The one owner of HTTP: makes the client, sends one request, judges how it ended. Never retries."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx

from .answers import Answer, Verdict, verdict_of

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_SECONDS = 5.0
#: httpx's read timeout is for each read; the deadline of the whole call is watched between reads.
READ_SECONDS = 15.0
MAX_BODY_BYTES = 64 * 1024 * 1024
USER_AGENT = "erasure-desk"


class DeadlineMissed(Exception):
    """The answer took longer than the whole call may."""


class Wire:
    """A warm connection to one host. Use as a context manager."""

    def __init__(self, *, base_url: str, headers: Mapping[str, str], deadline: float) -> None:
        """`deadline` in seconds is for one whole call."""
        self._deadline = deadline
        self._client = httpx.Client(
            base_url=base_url,
            headers={"user-agent": USER_AGENT, **headers},
            timeout=httpx.Timeout(min(READ_SECONDS, deadline), connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Wire:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Connections closed."""
        self._client.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        payload: object = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """How one request ended; network trouble is an answer, too, never an exception."""
        request = self._client.build_request(method, path, json=payload, params=params, headers=headers)
        try:
            return self._exchange(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol):
            return Answer(Verdict.NOT_SENT)
        except (httpx.HTTPError, DeadlineMissed):
            return Answer(Verdict.LOST)

    def _exchange(self, request: httpx.Request) -> Answer:
        end = time.monotonic() + self._deadline
        response = self._client.send(request, stream=True)
        try:
            body = _read(response, end)
        finally:
            response.close()
        return _judge(response, body)


def _read(response: httpx.Response, end: float) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if time.monotonic() > end or len(body) > MAX_BODY_BYTES:
            raise DeadlineMissed
    return bytes(body)


def _judge(response: httpx.Response, body: bytes) -> Answer:
    verdict = verdict_of(response.status_code)
    data = _parsed(body) if verdict is Verdict.OK else None
    if verdict is Verdict.OK and data is None:
        verdict = Verdict.GARBLED
    return Answer(verdict, response.status_code, body, data, _retry_after(response))


def _parsed(body: bytes) -> Any:  # noqa: ANN401 -- JSON
    try:
        return json.loads(body)
    except ValueError:
        return None


def _retry_after(response: httpx.Response) -> float | None:
    # Pendo documents no such header; where a proxy sets one in seconds, it is honoured within an hour.
    text = response.headers.get("retry-after", "")
    return min(float(text), 3600.0) if text.isdecimal() else None

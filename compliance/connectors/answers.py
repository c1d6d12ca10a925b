"""What a vendor's answer to one HTTP request amounts to."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Any


class Verdict(enum.StrEnum):
    """What became of one request, as far as can be told from here."""

    OK = "ok"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    KEY_REFUSED = "key_refused"
    NOT_PAID = "not_paid"
    UNPROCESSABLE = "unprocessable"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    #: An answer came, but not one that its endpoint gives (a page of HTML, broken or empty JSON).
    GARBLED = "garbled"
    #: The request was sent, the answer didn't arrive: the vendor may have acted on it.
    LOST = "lost"
    #: No connection came about: the vendor has seen nothing.
    NOT_SENT = "not_sent"


VERDICT_OF_STATUS = {
    400: Verdict.BAD_REQUEST,
    401: Verdict.KEY_REFUSED,
    402: Verdict.NOT_PAID,
    403: Verdict.KEY_REFUSED,
    404: Verdict.NOT_FOUND,
    408: Verdict.UNAVAILABLE,
    422: Verdict.UNPROCESSABLE,
    429: Verdict.RATE_LIMITED,
}
FIRST_SERVER_ERROR = 500


@dataclass(frozen=True)
class Answer:
    """One request's end: the verdict, the HTTP status (None if none came) and the raw body.

    `data` is the parsed JSON of an `OK` answer. `retry_after` is in seconds, where the vendor named one.
    `left_at` is the moment on the monotonic clock when all of the request had been written, if it was.
    The body may hold personal data: it is kept out of the representation.
    """

    verdict: Verdict
    status: int | None = None
    body: bytes = b""
    data: Any = None
    retry_after: float | None = None
    left_at: float | None = None

    def __repr__(self) -> str:
        """Verdict and status only."""
        return f"Answer({self.verdict}, status={self.status})"

    @property
    def ok(self) -> bool:
        """Whether the vendor answered what its endpoint promises."""
        return self.verdict is Verdict.OK

    def garbled(self) -> Answer:
        """The same answer, judged not to be one that the endpoint gives."""
        return replace(self, verdict=Verdict.GARBLED, data=None)


def verdict_of(status: int) -> Verdict:
    """What an HTTP status means when nothing more is known (Pendo Engage API, "Response codes")."""
    if status == 200:  # noqa: PLR2004 -- HTTP's own number reads best
        return Verdict.OK
    if status >= FIRST_SERVER_ERROR:
        return Verdict.UNAVAILABLE
    return VERDICT_OF_STATUS.get(status, Verdict.GARBLED)

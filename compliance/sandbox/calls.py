"""One call as the sandbox understood it."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from compliance.sandbox.problems import Problem

if TYPE_CHECKING:
    from email.message import Message

    from compliance.sandbox.trail import Question
    from compliance.sandbox.world import Subscription, World

KEY_HEADER = "x-pendo-integration-key"
BASE64_HEADER = "x-pendo-base64-encoded-params"
BASE64_MARK = "b64_"


@dataclass(slots=True)
class Call:
    """A call with its raw path and body; `params` are the variable parts of its path, decoded."""

    world: World
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Message
    body: bytes
    params: dict[str, str] = field(default_factory=dict)
    subscription: Subscription | None = None
    #: What the answer tells about ids, where it does.
    question: Question | None = None

    @property
    def at(self) -> Subscription:
        """Return the subscription that the key opens; without one the call is refused."""
        if self.subscription is None:
            raise Problem(403, empty=True)
        return self.subscription

    def data(self) -> object:
        """Return what the JSON body says."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Problem(400, "the body is not JSON") from None

    def arguments(self) -> dict[str, object]:
        """Return the JSON object or the form in the body; an empty body has none."""
        if self.is_form:
            fields = parse_qs(self.body.decode("utf-8", "replace"))
            return {name: values[-1] for name, values in fields.items()}
        found = self.data() if self.body else {}
        if not isinstance(found, dict):
            raise Problem(400, "the body must be a JSON object")
        return found

    @property
    def is_form(self) -> bool:
        """Say whether the call comes from a form on the sandbox's page."""
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")

    def query_number(self, name: str, default: int) -> int:
        """Return a number from the query."""
        given = self.query.get(name, [str(default)])[-1]
        try:
            return int(given)
        except ValueError:
            raise Problem(400, f"{name} wants a number") from None


def decoded(segment: str, *, headers: Message, base64_allowed: bool) -> str:
    """Return the id in one segment of a path: percent-encoded, or base64 where Pendo documents that.

    Padding isn't documented; both ways are taken.
    """
    text = _unquoted(segment)
    announced = headers.get(BASE64_HEADER, "").lower() == "true"
    if not (base64_allowed and announced and text.startswith(BASE64_MARK)):
        return text
    packed = text.removeprefix(BASE64_MARK).rstrip("=")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise Problem(400, "an id is not URL-safe base64 of UTF-8") from None


def _unquoted(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise Problem(400, "an id is not percent-encoded UTF-8") from None

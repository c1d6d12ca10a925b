"""A call that is repeated under the same key is done once, and answered the same each time."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from django.http import HttpResponse

from compliance.core import clock, keyring, problems
from compliance.core.problems import CallRefused

from .models import KeptAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from pydantic import BaseModel

    from .bearer import Called

    Answer = TypeVar("Answer", bound=BaseModel)

HEADER = "Idempotency-Key"
FORM = re.compile(r"[!-~]{1,255}")
#: As an OpenAPI document describes it.
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": True,
    "description": (
        "A new key, such as a UUID, for each call, and the same for its repetition: then it is done once, "
        "and answered the same for 24 hours. A call that was refused did nothing and may be repeated."
    ),
    "schema": {"type": "string", "pattern": f"^{FORM.pattern}$"},
}
KEPT_FOR = dt.timedelta(hours=24)


def answered_once(
    call: Called, *, status: int | Callable[[Answer], int], verb: Callable[[], Answer]
) -> HttpResponse:
    """The verb's answer; if this call was made before under its key, the answer of then, and nothing is done.

    `status` is that of the answer, or what tells it from the answer.
    The answer is kept in the verb's own transaction: a crash leaves both or neither. A second call under the
    same key waits for the first to end. A verb that refuses leaves nothing, so its call may be repeated.
    Raises `CallRefused` where the key stands for another call.
    """
    key = hashlib.sha256(call.headers[HEADER].encode()).digest()
    digests = [digest.value for digest in keyring.lookup_digests("api call", _text_of(call))]
    with transaction.atomic():
        kept, is_first = KeptAnswer.objects.get_or_create(
            token=call.auth, key=key, defaults={"call": digests[-1]}
        )
        if is_first:
            answer = verb()
            kept.status = status(answer) if callable(status) else status
            kept.body = answer.model_dump_json()
            kept.save(update_fields=["status", "body"])
        elif bytes(kept.call) not in digests:
            raise CallRefused(problems.KEY_REUSED, "Use a new key for each call; a UUID, for instance.")
    return HttpResponse(kept.body, status=kept.status, content_type="application/json")


def refuse_bad_key(request: HttpRequest) -> None:
    """Raises `CallRefused` for a call without a key, or with one that can't be used."""
    key = request.headers.get(HEADER, "")
    if not key:
        raise CallRefused(
            problems.KEY_MISSING,
            f"Send {HEADER}: a new key, such as a UUID, for each call; the same for its repetition.",
        )
    if not FORM.fullmatch(key):
        raise CallRefused(
            problems.KEY_INVALID,
            "A key is 1 to 255 visible ASCII characters without a space, such as a UUID.",
        )


def forget_answers() -> None:
    """Answers older than a day are gone; their keys may be used anew."""
    KeptAnswer.objects.filter(made_at__lt=clock.now() - KEPT_FOR).delete()


def _text_of(call: Called) -> str:
    return f"{call.method} {call.get_full_path()} {hashlib.sha256(call.body).hexdigest()}"

"""Keep what looks like personal data out of the logs, whoever writes them."""

from __future__ import annotations

import logging
import re

MAILBOX = re.compile(r"[^\s@<>\"',;:/]+(?:@|%40)[^\s@<>\"',;:/]+")
ENCODED_ID = re.compile(r"b64_[A-Za-z0-9_=-]+")
API_TOKEN = re.compile(r"edt_[0-9a-f]+")
REPLACEMENT = "[redacted]"


def redacted(text: str) -> str:
    """`text` without mailboxes, without ids in the base64 form of Pendo's addresses, without API tokens."""
    for pattern in (MAILBOX, ENCODED_ID, API_TOKEN):
        text = pattern.sub(REPLACEMENT, text)
    return text


class RedactingFilter(logging.Filter):
    """Redacts the finished message and the traceback: a second net, the first is not to log personal data."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass, redacted."""
        record.msg, record.args = redacted(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redacted(record.exc_text)
        return True

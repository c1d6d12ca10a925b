"""No personal data in the logs, whoever writes them."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.core.redaction import RedactingFilter, redacted
from compliance.people.tokens import new_secret

LOCAL_PARTS = st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1)


def record(message, *arguments, exc_info=None):
    return logging.LogRecord("room", logging.ERROR, "file.py", 1, message, arguments, exc_info)


@given(local=LOCAL_PARTS)
def test_a_mailbox_is_replaced(local):
    assert redacted(f"mail to <{local}@example.com>, again") == "mail to <[redacted]>, again"


def test_a_mailbox_in_an_address_is_replaced():
    assert redacted("GET /visitor/jane%40example.com/history") == "GET /visitor/[redacted]/history"


def test_an_id_in_base64_is_replaced():
    assert redacted("GET /visitor/b64_amFuZQ==/x") == "GET /visitor/[redacted]/x"


def test_an_api_token_is_replaced():
    secret = new_secret()

    assert redacted(f"Authorization: Bearer {secret}") == "Authorization: Bearer [redacted]"


def test_other_text_stays_as_it_is():
    assert redacted("call 7 of batch 3 was answered with 429") == "call 7 of batch 3 was answered with 429"


def test_the_filter_redacts_what_comes_in_arguments():
    entry = record("a mail to %s", "jane@example.com")

    assert RedactingFilter().filter(entry) is True
    assert entry.getMessage() == "a mail to [redacted]"


def test_the_filter_redacts_tracebacks():
    try:
        int("jane@example.com")
    except ValueError as error:
        entry = record("failed", exc_info=(ValueError, error, error.__traceback__))

    RedactingFilter().filter(entry)

    assert "jane" not in logging.Formatter().format(entry)
    assert "ValueError" in logging.Formatter().format(entry)


@pytest.mark.parametrize("name", ["django", "django-q", "httpx", "compliance.execution"])
def test_every_logger_writes_through_the_filter(settings, name):
    handlers = settings.LOGGING["handlers"].values()
    own = settings.LOGGING["loggers"].get(name, {}).get("handlers", [])

    assert own == []
    assert all("redact" in handler["filters"] for handler in handlers)

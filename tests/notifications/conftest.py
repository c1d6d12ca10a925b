"""A mail server that behaves as told, and ledger entries that call for mail."""

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event


class MailServer:
    """What the server does with the next mails."""

    def __init__(self):
        self.reachable = True
        self.refused = set()
        self.connections = 0


SERVER = MailServer()


class ObedientBackend(EmailBackend):
    """Django's outbox behind a server that can be out of reach, or refuse an address and hang up."""

    connected = hung_up = False

    def open(self):
        if not SERVER.reachable:
            raise ConnectionRefusedError
        SERVER.connections += not self.connected
        self.connected = True

    def close(self):
        self.connected = self.hung_up = False

    def send_messages(self, messages):
        self.open()
        self.hung_up |= bool(SERVER.refused.intersection(messages[0].to))
        if self.hung_up:
            raise OSError(f"550 no such mailbox: {messages[0].to}")
        return super().send_messages(messages)


@pytest.fixture
def mail_server(settings):
    SERVER.__init__()
    settings.EMAIL_BACKEND = f"{ObedientBackend.__module__}.{ObedientBackend.__qualname__}"
    settings.PUBLIC_URL = "https://desk.example.com"
    return SERVER


@pytest.fixture
def outbox(mail_server):
    """What was sent so far: subjects by recipient."""
    return lambda: sorted((message.to[0], message.subject) for message in mail.outbox)


@pytest.fixture
def record(db):
    """`record(event, chain, actor=..., **facts)` in a transaction of its own."""

    def write(event, chain, actor="system", **facts):
        with transaction.atomic():
            return ledger.record(event, chain=chain, actor=actor, **facts)

    return write


@pytest.fixture
def attention(record):
    """An entry that officers and analysts are written to about."""
    return lambda reference="R-1": record(
        Event.ATTENTION_RAISED, f"request/{reference}", reason="Pendo refuses a visitor's deletion"
    )

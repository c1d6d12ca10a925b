"""From ledger entries to mail that was sent.

An entry is first *addressed*: one notice for each person who gets a mail about it, in one transaction.
Each notice is then sent by itself. A notice that is tried is put off in the database before it is sent, and
settled after: a crash between the two repeats the mail later, and never loses it.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from django.core.mail import EmailMessage, get_connection
from django.db.models import Exists, F, OuterRef
from django.template.loader import render_to_string

from compliance.audit.events import EVENTS
from compliance.audit.models import Entry
from compliance.core import clock
from compliance.core.timings import step

from .mails import BY_NAME, MAILS
from .models import Notice

if TYPE_CHECKING:
    from django.core.mail.backends.base import BaseEmailBackend
    from django.db.models import QuerySet

    from compliance.people.models import Person

logger = logging.getLogger(__name__)

#: What is older was news once: after a long silence nobody is flooded with it.
NEWS = dt.timedelta(days=7)
#: Seconds before a mail that could not be sent is tried again; the last one repeats.
WAITS = (60, 300, 1800, 7200, 21600)
#: Seconds that the mail server has for each answer.
TIMEOUT = 10
#: As many as a task can send before its time is over; the rest is due in the next one.
SLICE = 50


def deliver() -> None:
    """New entries are addressed, and every notice that was due has been tried once."""
    for entry in unaddressed_entries():
        address(entry)
    due = list(due_notices()[:SLICE])
    if due:
        _send_all(due)


def unaddressed_entries() -> QuerySet[Entry]:
    """Entries of the last days that call for mail and have no notice yet.

    An anti-join and not a position in the ledger: on PostgreSQL a smaller id can be committed after a larger
    one. An entry that nobody is to hear of yet is looked at again: whoever gets the role in time hears of it.
    """
    return Entry.objects.filter(
        ~Exists(Notice.objects.filter(entry=OuterRef("pk"))),
        event__in=[event.value for event in MAILS],
        at__gte=clock.now() - NEWS,
    ).order_by("pk")


def address(entry: Entry) -> None:
    """Everybody who gets a mail about the entry has their notice."""
    Notice.objects.bulk_create(
        [
            Notice(entry=entry, person=person, mail=mail.name)
            for mail in MAILS[EVENTS[entry.event]]
            for person in mail.recipients(entry)
        ],
        ignore_conflicts=True,
    )


def due_notices() -> QuerySet[Notice]:
    """What is to be sent now, the longest due first."""
    now = clock.now()
    waiting = Notice.objects.filter(settled_at__isnull=True, due_at__lte=now, entry__at__gte=now - NEWS)
    return waiting.select_related("entry__chain", "person").order_by("due_at", "pk")


def _send_all(notices: list[Notice]) -> None:
    connection = get_connection(timeout=TIMEOUT)
    try:
        connection.open()
    except OSError as error:
        put_off = sum(_claim(notice) for notice in notices)
        logger.warning("the mail server cannot be reached (%s): %d mails wait", type(error).__name__, put_off)
        return
    for notice in notices:
        if _claim(notice):
            _try(notice, connection)
    connection.close()


def _claim(notice: Notice) -> bool:
    """Whether this process may try the notice: it puts it off as if it had failed, unless another did."""
    wait = dt.timedelta(seconds=step(WAITS, notice.attempts + 1))
    untouched = Notice.objects.filter(pk=notice.pk, attempts=notice.attempts, settled_at__isnull=True)
    return bool(untouched.update(attempts=F("attempts") + 1, due_at=clock.now() + wait))


def _try(notice: Notice, connection: BaseEmailBackend) -> None:
    try:
        _send(notice, connection)
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with one mail must not hold up the others
        # Only the kind: what a mail server says names addresses.
        logger.warning("%s (%s) could not be sent: %s", notice, notice.mail, type(error).__name__)
        # A server that hung up would refuse every following mail on this connection.
        connection.close()
    else:
        Notice.objects.filter(pk=notice.pk).update(settled_at=clock.now())


def _send(notice: Notice, connection: BaseEmailBackend) -> None:
    mail = BY_NAME[notice.mail]
    if notice.person.is_active and mail.wanted(notice.person):
        message = _message(notice.entry, notice.mail, notice.person)
        connection.send_messages([message])


def _message(entry: Entry, name: str, person: Person) -> EmailMessage:
    context = BY_NAME[name].context(entry, person)
    subject = render_to_string(f"notifications/{name}.subject.txt", context)
    body = render_to_string(f"notifications/{name}.body.txt", context)
    return EmailMessage(subject=" ".join(subject.split()), body=body, to=[person.email])

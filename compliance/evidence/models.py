"""Tables of what was taken away."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.workflow.models import Request

PERSON = settings.AUTH_USER_MODEL
#: Nothing was taken for so long: whoever took it is gone, or the process that sent it.
SILENCE = dt.timedelta(minutes=2)


class What(models.TextChoices):
    """What an export holds."""

    RECORDED = "recorded", "Everything recorded in a period"
    RECEIVED = "received", "Whole histories of the requests received in a period"
    ENDED = "ended", "Whole histories of the requests that ended in a period"
    CHOSEN = "chosen", "Whole histories of chosen requests"


class FileFormat(models.TextChoices):
    """How it is written."""

    CSV = "csv", "CSV, to read in a spreadsheet"
    JSON_LINES = "jsonl", "JSON lines, which verify"


class Progress(models.TextChoices):
    """How far the last taking came."""

    PREPARED = "prepared", "Not taken yet"
    UNDER_WAY = "under_way", "Under way"
    FINISHED = "finished", "Sent whole"
    BROKEN_OFF = "broken_off", "Broken off"


class Export(models.Model):
    """Ledger entries to be taken away as a file. It may be taken again; the counts are of the last time."""

    what = models.CharField(max_length=10, choices=What.choices)
    file_format = models.CharField(max_length=5, choices=FileFormat.choices)
    #: The days of a period, the last one included.
    begin = models.DateField(null=True)
    end = models.DateField(null=True)
    #: The chosen requests.
    requests = models.ManyToManyField(Request, related_name="+")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(default=clock.now)
    request_count = models.PositiveIntegerField(default=0)
    chain_count = models.PositiveIntegerField(default=0)
    #: Chains that are in it from their first entry.
    whole_count = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    #: How often it was begun to be taken; whoever began earlier doesn't write progress any more.
    taking = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """The row."""
        return f"export/{self.pk}"

    @property
    def chain(self) -> str:
        """The name of its chain in the ledger."""
        return f"export/{self.pk}"

    @property
    def period(self) -> str:
        """The days, as the ledger writes them; empty where requests were chosen."""
        return f"{self.begin} to {self.end}" if self.begin else ""

    @property
    def progress(self) -> Progress:
        """How far the last taking came, as far as is known."""
        if self.moved_at is None:
            return Progress.PREPARED
        if self.finished_at:
            return Progress.FINISHED
        if self.broken_at or self.moved_at < clock.now() - SILENCE:
            return Progress.BROKEN_OFF
        return Progress.UNDER_WAY

"""Tables of what isn't a request yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.core.fields import WrappedKeyField
from compliance.workflow.models import Request

from .csv_layout import Failure
from .csv_lines import Reason


class Draft(models.Model):
    """A form that a person has begun, sealed under a key of its own. Expires unless it goes on."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="draft")
    data_key = WrappedKeyField()
    sealed = models.BinaryField()
    saved_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        """The row."""
        return f"draft/{self.pk}"


class UploadState(models.TextChoices):
    """Where an upload is."""

    RECEIVING = "receiving", "Being received"
    WAITING = "waiting", "Waits for its form"
    READING = "reading", "Being read"
    CHOOSING = "choosing", "Waits for its columns to be named"
    CHECKED = "checked", "Checked"
    FAILED = "failed", "Can't be read"
    RECORDED = "recorded", "Recorded"
    DISCARDED = "discarded", "Discarded"


class Upload(models.Model):
    """A file with what a request is to ask. `state` is written by `upload_moves.step` only.

    Whatever it holds is sealed under a key of its own; destroyed with the row.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    #: In State.CHECKING until a person confirms; null before its form is right, and after it was given up.
    request = models.OneToOneField(Request, on_delete=models.SET_NULL, null=True, related_name="upload")
    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.RECEIVING)
    #: Null once it is discarded.
    data_key = WrappedKeyField(null=True)
    sealed_name = models.BinaryField()
    #: JSON of what was typed into its form.
    sealed_fields = models.BinaryField(null=True)
    #: JSON of `csv_layout.Layout`; null until the file was looked at.
    sealed_layout = models.BinaryField(null=True)
    #: JSON of what was understood first.
    sealed_sample = models.BinaryField(null=True)
    failure = models.CharField(max_length=10, choices=Failure.choices, blank=True)
    touched_at = models.DateTimeField(default=clock.now, db_index=True)

    #: Its one reader, by conditional update in database time.
    reader = models.CharField(max_length=32, blank=True)
    reader_until = models.DateTimeField(null=True)

    #: Which reading of the file this is: what an earlier one left behind is destroyed.
    reading = models.PositiveIntegerField(default=0)
    bytes_total = models.BigIntegerField(default=0)
    bytes_read = models.BigIntegerField(default=0)
    #: Where reading goes on: the next chunk, the number of its first line, what the last one left over.
    next_chunk = models.PositiveIntegerField(default=0)
    next_line = models.PositiveIntegerField(default=1)
    sealed_rest = models.BinaryField(null=True)
    skipping = models.BooleanField(default=False)

    rows = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    visitors = models.PositiveIntegerField(default=0)
    accounts = models.PositiveIntegerField(default=0)
    emails = models.PositiveIntegerField(default=0)
    #: Values with characters that nobody sees; ids that differ from another one only in letter case.
    invisible = models.PositiveIntegerField(default=0)
    twins = models.PositiveIntegerField(default=0)

    class Meta:
        """The latest first."""

        ordering = ("-pk",)

    def __str__(self) -> str:
        """The row, not the file's name."""
        return f"upload/{self.pk}"

    @property
    def taken(self) -> int:
        """How many distinct things were understood."""
        return self.visitors + self.accounts + self.emails


class UploadChunk(models.Model):
    """A piece of a file, as it came in. Destroyed once the check is confirmed."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        """In order."""

        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["upload", "number"], name="chunk_once"),)

    def __str__(self) -> str:
        """Upload and number."""
        return f"chunk {self.number} of upload/{self.upload_id}"


class BadLine(models.Model):
    """A line that nothing was taken from."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="bad_lines")
    reading = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=16, choices=Reason.choices)
    sealed_text = models.BinaryField()

    class Meta:
        """In order."""

        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["upload", "reading", "number"], name="bad_line_once"),)

    def __str__(self) -> str:
        """The number, not the text."""
        return f"line {self.number} of upload/{self.upload_id}"


class CaseFolds(models.Model):
    """Keyed hashes of the ids of one part in lower case, sealed: by them, twins are counted at the end."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="folds")
    reading = models.PositiveIntegerField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        """The row."""
        return f"folds/{self.pk}"

"""`./run bench csv_upload`: a file of a million ids taken in, read, checked, on DATABASE_URL or on SQLite.

Everything is done as the web process and a worker do it, in this process, so that its memory can be told. The
measure is what can't be spared: reading the same file with Python's own csv, and hashing and sealing each id.
"""

from __future__ import annotations

import csv
import hmac
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.ground import Watch, most_resident, prepare, resident
from tests.bench.table import say

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

HEADING = "name;visitor id;plan"


def add_arguments(parser: ArgumentParser) -> None:
    """How large."""
    parser.add_argument("--ids", type=int, default=1_000_000, help="ids in the file (default 1,000,000)")


def run(options: Namespace) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="erasure-desk-bench-") as name:
        folder = Path(name)
        file = folder / "visitors.csv"
        write(file, options.ids)
        prepare(folder)
        before = resident()
        received = receive(file)
        (seconds, work), slices, checked = read(received)
        memory = most_resident()
        bare, bare_work = bare_reading(file)
    say(f"{options.ids:,} ids, {received.bytes_total / 1e6:.0f} MB: {checked.visitors:,} understood")
    say(f"  received in {received.seconds:.1f} s, checked in {seconds:.1f} s, {slices} slices")
    say(f"  bare reading, hashing and sealing {bare:.1f} s: ratio {seconds / bare:.1f}")
    say(f"  of this process's own time {work:.1f} s, bare {bare_work:.1f} s: {work / bare_work:.1f}")
    say(f"  memory at most {memory:.0f} MB ({before:.0f} MB before the first byte)")


def write(file, ids):
    """The file, with a repeated id and a bad line here and there."""
    with file.open("w", encoding="utf-8", newline="") as out:
        out.write(f"{HEADING}\r\n")
        for number in range(ids):
            out.write(f"Jane Doe {number};visitor-{number * 7919 % ids:09d}/x+y;gold\r\n")
            if number % 5000 == 0:
                out.write(f"Jane Doe;visitor-{number:09d}/x+y;gold\r\ndamaged\r\n")


def receive(file):
    """The file, taken in by the handler in the pieces in which a request is read."""
    from compliance.intake.receiving import CHUNK_BYTES, FIELD, SealingHandler  # noqa: PLC0415
    from compliance.people.membership import add_person  # noqa: PLC0415
    from compliance.people.roles import Role  # noqa: PLC0415

    person = add_person(name="Ana", email="ana@bench.example", roles=[Role.ANALYST], by=None)
    began, handler = time.monotonic(), SealingHandler(None, person)
    handler.new_file(FIELD, file.name, "text/csv", None)
    with file.open("rb") as stream:
        while piece := stream.read(CHUNK_BYTES // 4):
            handler.receive_data_chunk(piece, 0)
        upload = handler.file_complete(stream.tell()).upload
    upload.seconds = time.monotonic() - began
    return upload


def read(upload):
    """Seconds on the wall and of work, slices, and the upload as it stands then."""
    from compliance.core.clock import today  # noqa: PLC0415 -- after django.setup
    from compliance.intake.models import Upload, UploadState  # noqa: PLC0415
    from compliance.intake.reading import read_slice  # noqa: PLC0415
    from compliance.intake.uploads import check_upload  # noqa: PLC0415
    from compliance.subscriptions.registration import add_subscription  # noqa: PLC0415
    from compliance.workflow.opening import Wish  # noqa: PLC0415
    from compliance.workflow.states import Channel, Identity  # noqa: PLC0415

    wish = Wish(
        received_on=today(),
        things=(),
        channel=Channel.EMAIL,
        identity=Identity.VOUCHED,
        subscriptions=[add_subscription(name="Bench", region="us", production=False, by=None)],
    )
    check_upload(upload=upload, wish=wish, by=upload.person)
    watch, slices = Watch(), 0
    while (now := Upload.objects.get(pk=upload.pk)).state == UploadState.READING:
        read_slice(upload.pk)
        slices += 1
    return watch.read(), slices, now


def bare_reading(file):
    """Seconds for the least that has to be done with each id, with nothing around it and nothing kept."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 -- its memory isn't ours

    key, encrypt, watch = os.urandom(32), AESGCM(os.urandom(32)).encrypt, Watch()
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream, delimiter=";"):
            if len(row) > 1:
                value = row[1].encode()
                hmac.digest(key, value, "sha256")
                encrypt(os.urandom(12), value, b"")
    return watch.read()

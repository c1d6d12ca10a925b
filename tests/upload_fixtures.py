"""Uploads, and reading them by hand: no queue."""

import pytest

from compliance.intake.models import UploadState
from compliance.intake.reading import read_slice
from compliance.intake.uploads import (
    begin_upload,
    check_upload,
    end_upload,
    keep_chunk,
    keep_fields,
    vault_of,
)


@pytest.fixture
def new_upload(analyst):
    """`new_upload(body, chunk=..., name=...)`: a file that came in, and waits for its form."""

    def make(body, *, chunk=256 * 1024, name="visitors.csv"):
        body = body.encode() if isinstance(body, str) else body
        upload = begin_upload(person=analyst, name=name)
        vault = vault_of(upload)
        for number, start in enumerate(range(0, len(body), chunk)):
            keep_chunk(upload, vault, number=number, body=body[start : start + chunk])
        end_upload(upload, size=len(body))
        return upload

    return make


@pytest.fixture
def read_upload(new_upload, make_wish, analyst):
    """`read_upload(body, chunk=..., **wish)`: as `new_upload`, its form filled, and read to its end."""

    def make(body, *, chunk=256 * 1024, **wish):
        upload = new_upload(body, chunk=chunk)
        wish = make_wish(**{"visitors": (), **wish})
        keep_fields(upload, typed(wish))
        check_upload(upload=upload, wish=wish, by=analyst)
        return finish(upload)

    return make


def typed(wish):
    """What somebody types who wishes this."""
    return {
        "kind": wish.kind.value,
        "subscriptions": [str(each.pk) for each in wish.subscriptions],
        "law": wish.law,
        "calendar": wish.calendar,
        "received_on": wish.received_on.isoformat(),
        "channel": wish.channel.value if wish.channel else "",
        "identity": wish.identity.value if wish.identity else "",
    }


def finish(upload):
    """The upload is read as far as it can be."""
    upload.refresh_from_db()
    while upload.state == UploadState.READING:
        read_slice(upload.pk)
        upload.refresh_from_db()
    return upload

"""What trials of the whole product share: a running desk, and requests approved without any look-up."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import httpx

CHUNK = 5_000


@contextmanager
def running_desk(**environment):
    """The whole product as it runs for `./run`, on SQLite in a throw-away folder.

    This process is on its database from then on, so that it can't have another one.
    """
    with tempfile.TemporaryDirectory(prefix="erasure-desk-bench-") as name:
        folder = Path(name)
        own = {"DJANGO_SETTINGS_MODULE": "compliance.settings", "DEMO": "1", "VAR_DIR": name}
        os.environ |= own | {"DATABASE_URL": f"sqlite:///{folder / 'desk.sqlite3'}"}
        from tests.e2e.desk import SECRETS, start_desk  # noqa: PLC0415 -- reads the settings

        os.environ |= SECRETS
        import django  # noqa: PLC0415 -- the environment above comes first

        django.setup()
        desk = start_desk(folder, **environment)
        try:
            yield desk
        finally:
            desk.stop()


def approved_request(kind, targets):
    """A request of that kind with these targets (see tests/workflow_fixtures.py), to be executed at once."""
    from django.db import transaction  # noqa: PLC0415 -- after django.setup

    from compliance.core.clock import now, today  # noqa: PLC0415
    from compliance.people.models import Person  # noqa: PLC0415
    from compliance.subscriptions.models import Subscription  # noqa: PLC0415
    from compliance.workflow.approvals import approve  # noqa: PLC0415
    from compliance.workflow.models import Preview, Request  # noqa: PLC0415
    from compliance.workflow.opening import Wish, record_wish  # noqa: PLC0415
    from compliance.workflow.previews import digest_of  # noqa: PLC0415
    from compliance.workflow.states import State  # noqa: PLC0415
    from tests.workflow_fixtures import keep_targets  # noqa: PLC0415

    analyst, officer = (Person.objects.get(email=f"{who}@demo.example") for who in ("analyst", "officer"))
    subscription = Subscription.objects.get()
    wish = Wish(kind=kind, received_on=today(), things=[], subscriptions=[subscription])
    with transaction.atomic():
        request = record_wish(wish=wish, by=analyst, state=State.PREVIEWING)
        # No worker takes it up before its targets stand.
        Request.objects.filter(pk=request.pk).update(state=State.REJECTED)
    for start in range(0, len(targets), CHUNK):
        keep_targets(request, subscription, targets[start : start + CHUNK])
    preview = Preview.objects.create(
        request=request, number=1, ready_at=now(), found=len(targets), digest=digest_of(request)
    )
    Request.objects.filter(pk=request.pk).update(state=State.PREVIEWED)
    approve(request=request, digest=preview.digest, count=len(targets), by=officer)
    return Request.objects.get(pk=request.pk)


def control(desk, what, values):
    """One of the sandbox's handles."""
    httpx.post(f"{desk.sandbox}/{what}", json=values, timeout=60).raise_for_status()


def books(desk, since=0):
    """The sandbox's books."""
    return httpx.get(f"{desk.sandbox}/books?since={since}", timeout=60).json()["calls"]


def until(condition, *, seconds, every=0.5):
    """Returns once it holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("the trial did not come to its end in time")
        time.sleep(every)

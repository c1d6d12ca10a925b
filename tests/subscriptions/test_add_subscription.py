import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command

from compliance.audit.models import Entry
from compliance.sandbox.keys import DEMO_READ_KEY, DEMO_WRITE_KEY
from compliance.subscriptions.keys import key_in_use
from compliance.subscriptions.models import Subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(sandbox, settings, monkeypatch):
    """`run(key, argument, ...)`: what the command prints, given the key on standard input."""
    settings.PENDO_ALLOW_CUSTOM_URL = True

    def run(key, *arguments):
        monkeypatch.setattr("sys.stdin", io.StringIO(key))
        printed = io.StringIO()
        given = arguments or ["Shop", "--region", "us", "--key-stdin", "--url", sandbox.url]
        call_command("add_subscription", *given, stdout=printed)
        return printed.getvalue()

    return run


def test_subscription_with_its_key_is_added_and_one_line_says_so(run):
    printed = run(f"{DEMO_WRITE_KEY}\n")

    subscription = Subscription.objects.get()
    fingerprint = key_in_use(subscription).fingerprint
    assert printed == f"Shop is added; its key {fingerprint} is verified, sealed and in use.\n"
    assert (subscription.name, subscription.region, subscription.production) == ("Shop", "us", True)


def test_day_the_key_was_made_may_be_said(run, sandbox):
    run(DEMO_WRITE_KEY, "Shop", "--region", "us", "--key-stdin", "--url", sandbox.url, "--made-on=2026-01-05")

    key = key_in_use(Subscription.objects.get())
    assert (key.made_on, key.made_on_known) == (dt.date(2026, 1, 5), True)


def test_subscription_without_real_people_is_marked_so(run, sandbox):
    run(DEMO_WRITE_KEY, "QA", "--region", "eu", "--key-stdin", "--url", sandbox.url, "--non-production")

    assert Subscription.objects.get().production is False


@pytest.mark.parametrize("key", [DEMO_READ_KEY, "unknown", ""])
def test_refused_key_leaves_nothing_behind(run, key):
    with pytest.raises(CommandError, match=r"Nothing was kept\.$"):
        run(key)

    assert not Subscription.objects.exists()
    assert not Entry.objects.exists()


def test_refusal_does_not_repeat_the_key(run):
    with pytest.raises(CommandError) as refusal:
        run("5a4db0c5-0000-4000-8000-00000badc0de.us")

    assert "badc0de" not in str(refusal.value)


@pytest.mark.parametrize(
    "arguments",
    [["Shop", "--region", "us"], ["Shop", "--key-stdin"], ["Shop", "--region", "mars", "--key-stdin"]],
    ids=["no key", "no region", "odd region"],
)
def test_incomplete_arguments_are_refused_before_anything_is_read(run, arguments):
    with pytest.raises(CommandError):
        run(DEMO_WRITE_KEY, *arguments)

    assert not Subscription.objects.exists()

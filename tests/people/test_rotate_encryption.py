"""`manage.py rotate_encryption`."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError

from compliance.audit.models import Entry
from compliance.core import keyring
from compliance.people.roles import Role
from compliance.subscriptions.models import Subscription

NEW = Fernet.generate_key().decode()


@pytest.fixture
def officer(make_person):
    return make_person(Role.OFFICER)


@pytest.fixture
def secret(officer):
    """The secret of the officer's second factor, and recovery codes."""
    secret = generate_totp_secret()
    TOTP.activate(officer, secret)
    RecoveryCodes.activate(officer)
    return secret


@pytest.fixture
def in_front(settings):
    """A new key stands in front of the one under which everything was wrapped; returns the old one."""
    old = settings.ENCRYPTION_KEYS

    def put():
        settings.ENCRYPTION_KEYS = f"{NEW},{old}"

    return put


def run():
    printed = StringIO()
    call_command("rotate_encryption", stdout=printed)
    return printed.getvalue()


def test_everything_needs_only_the_new_key_afterwards(silent_subscription, secret, in_front, settings):
    subscription = silent_subscription()
    data_key = subscription.unwrapped_key()
    codes = [each.wrap().get_unused_codes() for each in Authenticator.objects.filter(type="recovery_codes")]
    in_front()

    printed = run()

    settings.ENCRYPTION_KEYS = NEW
    assert Subscription.objects.get().unwrapped_key() == data_key
    totp = Authenticator.objects.get(type="totp")
    assert keyring.unwrap(totp.data["secret"].encode()).decode() == secret
    again = [each.wrap().get_unused_codes() for each in Authenticator.objects.filter(type="recovery_codes")]
    assert again == codes
    assert "subscriptions.Subscription.data_key: 1 seen, 1 wrapped anew" in printed
    assert "mfa.Authenticator.data: 2 seen, 2 wrapped anew" in printed
    assert "All 3 values are wrapped under the first of ENCRYPTION_KEYS" in printed
    assert "The other keys can be removed" in printed


def test_the_ledger_says_how_much_was_wrapped_anew(silent_subscription, in_front):
    silent_subscription()
    in_front()

    run()

    entry = Entry.objects.get(event="encryption:rotated")
    assert entry.body["facts"] == {"rewrapped": 1, "values": 1}
    assert entry.body["actor"] == "command line"


def test_run_again_it_finds_nothing_to_do(silent_subscription, in_front):
    silent_subscription()
    in_front()
    run()

    assert "1 seen, 0 wrapped anew" in run()


def test_no_key_can_be_removed_while_a_value_is_opened_by_none(silent_subscription, in_front):
    subscription, lost = silent_subscription(), silent_subscription()
    Subscription.objects.filter(pk=lost.pk).update(data_key=b"of a key that is lost")
    in_front()

    with pytest.raises(CommandError, match=rf"Subscription.data_key of row {lost.pk}\. Put the missing key"):
        run()

    subscription.refresh_from_db()
    assert keyring.is_current(bytes(subscription.data_key))
    assert not Entry.objects.filter(event="encryption:rotated").exists()

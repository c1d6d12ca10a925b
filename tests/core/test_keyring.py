"""The installation's own secrets, and how they are exchanged."""

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured

from compliance.core import crypto, keyring

OLD, NEW = (base64.urlsafe_b64encode(bytes([n] * 32)).decode() for n in (1, 2))
DIGEST_1 = "1:" + base64.urlsafe_b64encode(bytes(32)).decode()
DIGEST_2 = "2:" + base64.urlsafe_b64encode(bytes(range(32))).decode()


def test_a_wrapped_data_key_is_unwrapped(settings):
    settings.ENCRYPTION_KEYS = OLD
    data_key = crypto.new_data_key()

    wrapped = keyring.wrap(data_key)

    assert data_key not in wrapped
    assert keyring.unwrap(wrapped) == data_key


def test_a_data_key_wrapped_under_the_old_key_opens_while_both_are_there(settings):
    settings.ENCRYPTION_KEYS = OLD
    wrapped = keyring.wrap(b"data key")

    settings.ENCRYPTION_KEYS = f"{NEW},{OLD}"

    assert keyring.unwrap(wrapped) == b"data key"


def test_a_rewrapped_data_key_needs_only_the_new_key(settings):
    settings.ENCRYPTION_KEYS = OLD
    wrapped = keyring.wrap(b"data key")
    settings.ENCRYPTION_KEYS = f"{NEW}, {OLD}"

    rewrapped = keyring.rewrap(wrapped)

    settings.ENCRYPTION_KEYS = NEW
    assert keyring.unwrap(rewrapped) == b"data key"


def test_the_key_in_front_is_told_from_the_others(settings):
    settings.ENCRYPTION_KEYS = OLD
    wrapped = keyring.wrap(b"data key")
    assert keyring.is_current(wrapped)

    settings.ENCRYPTION_KEYS = f" ,{NEW},{OLD}"

    assert not keyring.is_current(wrapped)
    assert keyring.is_current(keyring.rewrap(wrapped))


def test_a_data_key_of_an_unknown_wrapping_is_a_broken_seal(settings):
    settings.ENCRYPTION_KEYS = OLD
    wrapped = keyring.wrap(b"data key")
    settings.ENCRYPTION_KEYS = NEW

    with pytest.raises(crypto.SealBroken):
        keyring.unwrap(wrapped)


def test_what_an_older_digest_key_made_is_found_after_a_rotation(settings):
    settings.DIGEST_KEYS = DIGEST_1
    stored = keyring.lookup_digest("visitor", "a")

    settings.DIGEST_KEYS = f"{DIGEST_2},{DIGEST_1}"

    assert stored in keyring.lookup_digests("visitor", "a")
    assert keyring.lookup_digest("visitor", "a").key_number == 2


@pytest.mark.parametrize(
    "text", ["", "abc", f"x{DIGEST_1}", "1:AAAA", "1:not base64!", "1", "-1:AAAA", DIGEST_1[2:]]
)
def test_malformed_digest_keys_are_refused_without_being_quoted(text):
    with pytest.raises(ImproperlyConfigured, match="DIGEST_KEYS") as caught:
        keyring.parse_digest_keys(text)

    assert DIGEST_1[2:] not in str(caught.value)


@pytest.mark.parametrize("text", ["", ",", "abc", "AAAA", f"{OLD},abc"])
def test_malformed_encryption_keys_are_refused_without_being_quoted(text):
    with pytest.raises(ImproperlyConfigured, match="ENCRYPTION_KEYS") as caught:
        keyring.parse_encryption_keys(text)

    assert OLD not in str(caught.value)

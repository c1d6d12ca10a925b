"""The installation's own secrets, read from the settings: what wraps data keys and makes lookup digests."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from . import crypto

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DIGEST_KEY_BYTES = 32


def wrap(data_key: bytes) -> bytes:
    """`data_key` encrypted under the first of ENCRYPTION_KEYS."""
    return _wrapping(settings.ENCRYPTION_KEYS).encrypt(data_key)


def unwrap(wrapped: bytes) -> bytes:
    """The data key inside `wrapped`. Raises `crypto.SealBroken` if none of ENCRYPTION_KEYS made it."""
    try:
        return _wrapping(settings.ENCRYPTION_KEYS).decrypt(bytes(wrapped))
    except InvalidToken as error:
        raise crypto.SealBroken("no key of ENCRYPTION_KEYS opens this data key") from error


def rewrap(wrapped: bytes) -> bytes:
    """The same data key, wrapped under the first of ENCRYPTION_KEYS. Raises as `unwrap` does."""
    return wrap(unwrap(wrapped))


def is_current(wrapped: bytes) -> bool:
    """Whether the first of ENCRYPTION_KEYS made it: the others could go."""
    return _opens(_wrapping(_first(settings.ENCRYPTION_KEYS)), wrapped)


def lookup_digest(kind: str, value: str) -> crypto.Digest:
    """The lookup digest to store for `value`."""
    return crypto.lookup_digest(_digest_keys(settings.DIGEST_KEYS), kind, value)


def digester(kind: str) -> tuple[int, Callable[[str], bytes]]:
    """The number of the digest key to store, and what makes lookup digests of many values of a kind."""
    return crypto.digester(_digest_keys(settings.DIGEST_KEYS), kind)


def lookup_digests(kind: str, value: str) -> list[crypto.Digest]:
    """The lookup digests under which `value` may stand in stored rows."""
    return crypto.lookup_digests(_digest_keys(settings.DIGEST_KEYS), kind, value)


def digests_of(kind: str, values: Iterable[str]) -> dict[bytes, str]:
    """Many values by the lookup digests under which they may stand in stored rows."""
    return crypto.digests_of(_digest_keys(settings.DIGEST_KEYS), kind, values)


def parse_digest_keys(text: str) -> dict[int, bytes]:
    """`"1:<base64 of 32 bytes>,2:..."` as a mapping of number to key. Raises `ImproperlyConfigured`."""
    keys: dict[int, bytes] = {}
    for part in filter(None, text.split(",")):
        number, _, encoded = part.strip().partition(":")
        keys[_whole_number(number)] = _decoded(encoded)
    if not keys:
        raise ImproperlyConfigured("DIGEST_KEYS is empty: give at least one key as NUMBER:BASE64.")
    return keys


def parse_encryption_keys(text: str) -> MultiFernet:
    """Fernet keys separated by commas, the first one encrypts. Raises `ImproperlyConfigured`."""
    try:
        return MultiFernet([Fernet(part.strip()) for part in text.split(",") if part.strip()])
    except (ValueError, binascii.Error) as error:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS must be Fernet keys (32 bytes, URL-safe base64) separated by commas."
        ) from error


def _first(keys: str) -> str:
    return next(part for part in keys.split(",") if part.strip())


def _opens(wrapping: MultiFernet, wrapped: bytes) -> bool:
    try:
        wrapping.decrypt(bytes(wrapped))
    except InvalidToken:
        return False
    return True


def _whole_number(text: str) -> int:
    if not text.isdecimal():
        raise ImproperlyConfigured("DIGEST_KEYS: each key needs its number in front, as in 1:BASE64.")
    return int(text)


def _decoded(encoded: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(encoded)
    except binascii.Error as error:
        raise ImproperlyConfigured("DIGEST_KEYS: a key is not base64.") from error
    if len(key) != DIGEST_KEY_BYTES:
        raise ImproperlyConfigured(f"DIGEST_KEYS: each key has {DIGEST_KEY_BYTES} bytes.")
    return key


_wrapping = lru_cache(maxsize=4)(parse_encryption_keys)
_digest_keys = lru_cache(maxsize=4)(parse_digest_keys)

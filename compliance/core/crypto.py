"""Sealing, lookup digests and commitments: pure functions over bytes and keys.

Three secrets, three uses (PRODUCT words: sealed, lookup digest, commitment):

- a *data key* (32 bytes, one for each purpose of each request) seals what is personal; destroying it
  destroys the readable form everywhere at once;
- a *digest key* makes lookup digests, which join and find rows in ordinary, deletable tables;
- a *commitment key*, derived from a data key, makes the values that stand in the ledger: noise once the
  data key is gone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

DATA_KEY_BYTES = 32
NONCE_BYTES = 12
#: First byte of everything sealed, so that another cipher can be told apart from this one later.
AES_GCM_V1 = b"\x01"


class SealBroken(Exception):
    """A sealed value cannot be opened: it was changed, or sealed under another key or for another purpose."""


class Digest(NamedTuple):
    """A lookup digest with the number of the digest key that made it."""

    key_number: int
    value: bytes


def new_data_key() -> bytes:
    """A fresh random AES-256 key."""
    return AESGCM.generate_key(bit_length=DATA_KEY_BYTES * 8)


def seal(data_key: bytes, plain: bytes, *, purpose: str) -> bytes:
    """`plain` encrypted and authenticated with AES-256-GCM; opens only for the same `purpose`."""
    return sealer(data_key, purpose=purpose)(plain)


def sealer(data_key: bytes, *, purpose: str) -> Callable[[bytes], bytes]:
    """What seals many values as `seal` does, in a third of the time."""
    encrypt, associated = AESGCM(data_key).encrypt, purpose.encode()

    def seal_one(plain: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return AES_GCM_V1 + nonce + encrypt(nonce, plain, associated)

    return seal_one


def open_sealed(data_key: bytes, sealed: bytes, *, purpose: str) -> bytes:
    """The bytes that `seal` was given. Raises `SealBroken` for anything else."""
    version, nonce, ciphertext = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if version != AES_GCM_V1:
        raise SealBroken("unknown seal version")
    try:
        return AESGCM(data_key).decrypt(nonce, ciphertext, purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(f"cannot open the value sealed for {purpose!r}") from error


def framed(*parts: bytes) -> bytes:
    """The parts joined so that no two different lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def lookup_digest(digest_keys: Mapping[int, bytes], kind: str, value: str) -> Digest:
    """The digest of `value` under the newest digest key, to be stored."""
    number, digest_one = digester(digest_keys, kind)
    return Digest(number, digest_one(value))


def digester(digest_keys: Mapping[int, bytes], kind: str) -> tuple[int, Callable[[str], bytes]]:
    """The number of the newest digest key, and what makes many lookup digests of one kind under it."""
    number = max(digest_keys)
    return number, _digester_under(digest_keys[number], kind)


def lookup_digests(digest_keys: Mapping[int, bytes], kind: str, value: str) -> list[Digest]:
    """The digests of `value` under every digest key, to search rows that an older key made."""
    return [Digest(number, _digester_under(key, kind)(value)) for number, key in sorted(digest_keys.items())]


def digests_of(digest_keys: Mapping[int, bytes], kind: str, values: Iterable[str]) -> dict[bytes, str]:
    """Many values by their digests under every digest key."""
    makers = [_digester_under(key, kind) for key in digest_keys.values()]
    return {digest_one(value): value for value in values for digest_one in makers}


def commitment_key(data_key: bytes) -> bytes:
    """The key under which commitments are made: whoever makes many derives it once."""
    return HKDF(SHA256(), length=DATA_KEY_BYTES, salt=None, info=b"erasure-desk commitment").derive(data_key)


def commitment_under(key: bytes, *parts: str) -> bytes:
    """As `commitment`, with the key derived already."""
    return _hmac(key, *(part.encode() for part in parts))


def commitment(data_key: bytes, *parts: str) -> bytes:
    """A value that binds to `parts` and tells nothing about them once `data_key` is destroyed."""
    return commitment_under(commitment_key(data_key), *parts)


def set_digest(commitments: Iterable[bytes], *, action: str, options: Iterable[str] = ()) -> str:
    """SHA-256 (hexadecimal) over the sorted commitments with the action and its options.

    Independent of the order in which the commitments come.
    """
    return sorted_set_digest(sorted(commitments), action=action, options=options)


def sorted_set_digest(commitments: Iterable[bytes], *, action: str, options: Iterable[str] = ()) -> str:
    """As `set_digest`, of commitments that come sorted already: they needn't fit into the memory."""
    running = hashlib.sha256(framed(framed(action.encode(), *(option.encode() for option in options))))
    for value in commitments:
        running.update(framed(value))
    return running.hexdigest()


def _digester_under(key: bytes, kind: str) -> Callable[[str], bytes]:
    start, make = framed(kind.encode()), hmac.digest

    def digest_one(value: str) -> bytes:
        plain = _normalised(kind, value)
        return make(key, start + len(plain).to_bytes(8, "big") + plain, "sha256")

    return digest_one


def _normalised(kind: str, value: str) -> bytes:
    # Pendo's ids are case sensitive, so they count byte for byte; mailboxes are written in any case.
    return (value.strip().lower() if kind == "email" else value).encode()


def _hmac(key: bytes, *parts: bytes) -> bytes:
    return hmac.digest(key, framed(*parts), "sha256")

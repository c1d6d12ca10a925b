"""Secrets that an installation on SQLite makes for itself, once, under `var/secrets/`."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _new_digest_key() -> str:
    return "1:" + base64.urlsafe_b64encode(os.urandom(32)).decode()


MAKERS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "ENCRYPTION_KEYS": lambda: Fernet.generate_key().decode(),
    "DIGEST_KEYS": _new_digest_key,
}


def made_once(name: str, folder: Path) -> str:
    """The secret kept in `folder`, made on the first call and readable by its owner only (mode 0600)."""
    path = folder / name.lower()
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_unless_there(path, MAKERS[name]())
    return path.read_text().strip()


def _write_unless_there(path: Path, text: str) -> None:
    """Web and worker may start together: a hard link gives the whole file to exactly one of them."""
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()

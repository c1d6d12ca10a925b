"""Secrets that an installation on SQLite makes for itself."""

import stat
import subprocess
import sys

import pytest

from compliance.core import keyring
from compliance.core.secrets import MAKERS, made_once


@pytest.mark.parametrize("name", MAKERS)
def test_a_secret_is_made_once(tmp_path, name):
    first = made_once(name, tmp_path / "secrets")

    assert first
    assert made_once(name, tmp_path / "secrets") == first


def test_a_secret_is_readable_by_its_owner_only(tmp_path):
    made_once("SECRET_KEY", tmp_path / "secrets")

    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "secrets" / "secret_key").stat().st_mode) == 0o600


def test_nothing_is_left_beside_the_secret(tmp_path):
    made_once("SECRET_KEY", tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_secret_that_is_there_is_left_as_it_is(tmp_path):
    (tmp_path / "secret_key").write_text("mine\n")

    assert made_once("SECRET_KEY", tmp_path) == "mine"


def test_processes_that_start_together_get_the_same_secret(tmp_path):
    script = (
        "import sys, pathlib; from compliance.core.secrets import made_once; "
        "print(made_once('DIGEST_KEYS', pathlib.Path(sys.argv[1])))"
    )
    together = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]

    printed = {process.communicate()[0] for process in together}

    assert printed == {made_once("DIGEST_KEYS", tmp_path) + "\n"}


def test_made_secrets_are_well_formed():
    assert keyring.parse_encryption_keys(MAKERS["ENCRYPTION_KEYS"]())
    assert list(keyring.parse_digest_keys(MAKERS["DIGEST_KEYS"]())) == [1]

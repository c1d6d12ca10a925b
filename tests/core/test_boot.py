import subprocess
import sys

import pytest

from compliance.core import boot

PRINT = "from compliance.core.boot import this_boot; print(this_boot())"


@pytest.fixture(autouse=True)
def afresh():
    boot.this_boot.cache_clear()
    yield
    boot.this_boot.cache_clear()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux names its boots")
def test_all_processes_of_a_boot_give_it_the_same_name():
    other = subprocess.run([sys.executable, "-c", PRINT], check=True, capture_output=True, text=True)

    assert other.stdout.strip() == boot.this_boot() != ""


def test_boot_without_a_name_has_none(monkeypatch, tmp_path):
    monkeypatch.setattr(boot, "BOOT", tmp_path / "missing")

    assert boot.this_boot() == ""


def test_clock_that_a_container_has_shifted_has_another_name(monkeypatch, tmp_path):
    unshifted = boot.this_boot()
    boot.this_boot.cache_clear()
    namespace = tmp_path / "time"
    namespace.symlink_to("time:[1]")
    monkeypatch.setattr(boot, "TIME_NAMESPACE", namespace)

    assert boot.this_boot() != unshifted

"""Which clock the monotonic one is: all processes of one run of one machine share it."""

from __future__ import annotations

import functools
from pathlib import Path

#: Linux: proc_sys_kernel(5); and time_namespaces(7), for a container may have shifted the clock for itself.
BOOT = Path("/proc/sys/kernel/random/boot_id")
TIME_NAMESPACE = Path("/proc/self/ns/time")


@functools.cache
def this_boot() -> str:
    """A name for the monotonic clock that this process reads; empty where none can be given."""
    try:
        boot = BOOT.read_text().strip()
    except OSError:
        return ""
    try:
        return f"{boot} {TIME_NAMESPACE.readlink()}"
    except OSError:
        return boot

"""The sandbox as a Django app: it owns no tables, only the command that starts it."""

from __future__ import annotations

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """Registers the command `sandbox`."""

    name = "compliance.sandbox"
    label = "sandbox"
    verbose_name = "Sandbox Pendo"

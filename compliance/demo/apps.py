"""Application configuration."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Demo."""

    name = "compliance.demo"

    def ready(self) -> None:
        """Register the check."""
        from . import checks  # noqa: F401 -- importing registers

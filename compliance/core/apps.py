"""Application configuration."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Time, secrets, sealing, redaction, start-up checks."""

    name = "compliance.core"

    def ready(self) -> None:
        """Register the start-up checks."""
        from . import checks  # noqa: F401 -- registers on import, needs the loaded settings

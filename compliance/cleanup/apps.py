"""Application configuration."""

from django.apps import AppConfig


class CleanupConfig(AppConfig):
    """Clean-up rules and their runs."""

    name = "compliance.cleanup"

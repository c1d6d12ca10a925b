"""Application configuration."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Drafts."""

    name = "compliance.intake"

"""Application configuration."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Exports."""

    name = "compliance.evidence"

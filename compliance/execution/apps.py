"""Application configuration."""

from django.apps import AppConfig


class ExecutionConfig(AppConfig):
    """The engine."""

    name = "compliance.execution"

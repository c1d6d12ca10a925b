"""Application configuration."""

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    """Requests."""

    name = "compliance.workflow"

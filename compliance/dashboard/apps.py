"""Application configuration."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Screens."""

    name = "compliance.dashboard"

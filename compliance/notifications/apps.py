"""Application configuration."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Mail."""

    name = "compliance.notifications"

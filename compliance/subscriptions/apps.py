"""Application configuration."""

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    """Subscriptions, keys, lanes."""

    name = "compliance.subscriptions"

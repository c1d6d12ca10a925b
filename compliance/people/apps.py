"""Application configuration."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """People and roles."""

    name = "compliance.people"

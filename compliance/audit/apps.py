"""Application configuration."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The ledger and the change records."""

    name = "compliance.audit"

    def ready(self) -> None:
        """Register with django-auditlog what people configure."""
        from .register import register_change_records

        register_change_records()

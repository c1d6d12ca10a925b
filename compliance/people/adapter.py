"""How django-allauth is bent to this application."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from compliance.audit.middleware import client_address
from compliance.core import keyring

from .links import password_address

if TYPE_CHECKING:
    from django.http import HttpRequest

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth ships no types
    """No sign-up: people are added. Log-in rate limits count by an address that cannot be forged."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address behind the trusted proxies."""
        return client_address(request) or "unknown"

    def format_email_subject(self, subject: str) -> str:
        """The subject with who writes in front."""
        return f"Erasure Desk: {subject}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address in the mail to who forgot the password; `key` is `<person>-<secret>`."""
        uid, _, secret = key.partition("-")
        return password_address(uid, secret)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sent to people who are here only, or anybody could have mail sent to anybody.

        A failing mail server is logged and not shown: the page must not tell who is here and who isn't.
        """
        if template_prefix == "account/email/unknown_account":
            return
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            logger.warning("a mail (%s) could not be sent: %s", template_prefix, type(error).__name__)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth ships no types
    """Secrets of second factors stand encrypted in the database."""

    def encrypt(self, text: str) -> str:
        """`text` under ENCRYPTION_KEYS."""
        return keyring.wrap(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` was given."""
        return keyring.unwrap(encrypted_text.encode()).decode()

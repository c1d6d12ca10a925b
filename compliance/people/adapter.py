"""How django-allauth is bent to this application."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from django.shortcuts import redirect

from compliance.audit.middleware import client_address
from compliance.core import keyring

from .links import password_address
from .models import Person

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

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

    def pre_login(self, request: HttpRequest, user: Person, **more: Any) -> HttpResponse | None:
        """A service holds tokens, and never logs in, however it came by a password."""
        if _is_service(user):
            clear_login(request)
            return redirect("account_inactive")
        answer: HttpResponse | None = super().pre_login(request, user, **more)
        return answer

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sent to people who are here and log in only, or anybody could have mail sent to anybody.

        A failing mail server is logged and not shown: the page must not tell who is here and who isn't.
        """
        addressee = context.get("user")
        if template_prefix == "account/email/unknown_account" or _is_service(addressee):
            return
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            logger.warning("a mail (%s) could not be sent: %s", template_prefix, type(error).__name__)


def _is_service(user: object) -> bool:
    return isinstance(user, Person) and user.is_service


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth ships no types
    """Secrets of second factors stand encrypted in the database."""

    def encrypt(self, text: str) -> str:
        """`text` under ENCRYPTION_KEYS."""
        return keyring.wrap(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` was given."""
        return keyring.unwrap(encrypted_text.encode()).decode()

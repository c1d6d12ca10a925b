"""Addresses that leave the application by mail or command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

if TYPE_CHECKING:
    from .models import Person


def public_address(path: str) -> str:
    """`path` under PUBLIC_URL: the host that a request names is its sender's word."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def password_link(person: Person) -> str:
    """An address that works once, for PASSWORD_RESET_TIMEOUT seconds (default three days)."""
    return password_address(user_pk_to_url_str(person), default_token_generator.make_token(person))


def password_address(uid: str, secret: str) -> str:
    """The address at which the holder of `secret` sets the password of the person `uid`."""
    return public_address(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": secret}))

"""In which field of Pendo's metadata a subscription keeps e-mail addresses: each company has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.connectors.pendo.records import PLAIN_PATH
from compliance.core.errors import Refused
from compliance.people.access import Act, can

from .keys import NoUsableKey, open_pendo

if TYPE_CHECKING:
    from compliance.people.models import Person

    from .models import Subscription


def fields_in_pendo(subscription: Subscription) -> list[str]:
    """The fields that may hold an e-mail address, likely ones first; none where Pendo can't be asked now."""
    if subscription.paused:
        return []
    try:
        with open_pendo(subscription) as pendo:
            answer, fields = pendo.text_fields()
    except NoUsableKey:
        return []
    return fields if answer.ok else []


def set_email_field(*, subscription: Subscription, field: str, by: Person) -> None:
    """People are found by the address in this field from the next preview on. Raises `Refused`."""
    if not can(by, Act.CHANGE_SUBSCRIPTIONS):
        raise Refused("Only an administrator changes a subscription.")
    if not PLAIN_PATH.fullmatch(field):
        raise Refused("A field is a group and a name with a dot between them, such as agent.email.")
    subscription.email_field = field
    subscription.save(update_fields=["email_field"])

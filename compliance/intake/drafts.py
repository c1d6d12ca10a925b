"""Drafts: nothing typed is lost, nothing half-made stays for ever."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from compliance.core import clock, crypto, keyring

from .models import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compliance.people.models import Person

KEPT_FOR = dt.timedelta(days=14)
PURPOSE = "draft"


def save_draft(*, person: Person, values: Mapping[str, object]) -> Draft:
    """What the person has typed so far is kept under seal."""
    former = Draft.objects.filter(person=person).first()
    data_key = keyring.unwrap(bytes(former.data_key)) if former else crypto.new_data_key()
    draft, _ = Draft.objects.update_or_create(
        person=person,
        defaults={
            "data_key": bytes(former.data_key) if former else keyring.wrap(data_key),
            "sealed": crypto.seal(data_key, json.dumps(values).encode(), purpose=PURPOSE),
            "saved_at": clock.now(),
        },
    )
    return draft


def read_draft(person: Person) -> dict[str, object] | None:
    """What the person had typed, or None."""
    draft = Draft.objects.filter(person=person).first()
    if draft is None:
        return None
    plain = crypto.open_sealed(keyring.unwrap(bytes(draft.data_key)), bytes(draft.sealed), purpose=PURPOSE)
    values: dict[str, object] = json.loads(plain)
    return values


def discard_draft(person: Person) -> None:
    """Nothing of the draft is left."""
    Draft.objects.filter(person=person).delete()


def expire_drafts() -> None:
    """Drafts that nobody has touched for two weeks are gone."""
    Draft.objects.filter(saved_at__lt=clock.now() - KEPT_FOR).delete()

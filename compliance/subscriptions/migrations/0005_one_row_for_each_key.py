from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import migrations
from django.utils import timezone

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def one_row_for_each_key(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """A key that was entered again had several rows: the last one stays, as old as the first."""
    kept: dict[tuple[int, str], Any] = {}
    for key in apps.get_model("subscriptions", "Key").objects.order_by("-pk"):
        place = (key.subscription_id, key.fingerprint)
        if place in kept:
            kept[place].made_on = timezone.localdate(key.entered_at)
            key.delete()
        else:
            kept[place] = key
            key.made_on, key.owner_id = timezone.localdate(key.entered_at), key.entered_by_id
    for key in kept.values():
        key.save()


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0004_key_care")]

    operations = [migrations.RunPython(one_row_for_each_key, migrations.RunPython.noop)]

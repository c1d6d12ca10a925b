"""Every subscription that stands already gets its lane for guide resets."""

from typing import Any

from django.db import migrations


def add_lanes(apps: Any, _editor: Any) -> None:
    """One lane of the new kind for each subscription."""
    lane = apps.get_model("subscriptions", "Lane")
    subscriptions = apps.get_model("subscriptions", "Subscription").objects.exclude(lanes__kind="reset")
    lane.objects.bulk_create(lane(subscription=subscription, kind="reset") for subscription in subscriptions)


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("subscriptions", "0002_reset_lane_and_email_field")]

    operations = [migrations.RunPython(add_lanes, migrations.RunPython.noop)]

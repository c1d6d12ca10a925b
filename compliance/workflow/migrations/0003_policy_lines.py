import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import compliance.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0002_kinds_and_things"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.CharField(max_length=30)),
                ("kind", models.CharField(blank=True, max_length=12)),
                ("two_people_over", models.PositiveIntegerField(null=True)),
                ("two_people_for_accounts", models.BooleanField(null=True)),
                ("two_people_for_wipes", models.BooleanField(null=True)),
                ("grace_minutes", models.PositiveIntegerField(null=True)),
                ("canary_over", models.PositiveIntegerField(null=True)),
                ("canary_size", models.PositiveIntegerField(null=True)),
                ("proposed_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("in_force_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agreed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("in_force_at__isnull", False)),
                        fields=("place", "kind"),
                        name="policy_line_in_force_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("in_force_at__isnull", True)),
                        fields=("place", "kind"),
                        name="policy_line_proposed_once",
                    ),
                ],
            },
        ),
    ]

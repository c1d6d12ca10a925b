from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import compliance.core.clock


def legal_dates_stand_beside_their_requests(apps: Any, _: Any) -> None:
    Request, Clock = apps.get_model("workflow", "Request"), apps.get_model("workflow", "Clock")
    answer = Clock.objects.filter(request=models.OuterRef("pk"), kind="answer").order_by("pk")
    Request.objects.update(legal_by=models.Subquery(answer.values("legal")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="request",
            name="identity_asked_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="request",
            name="identity_proven_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="request",
            name="legal_by",
            field=models.DateField(null=True),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["legal_by", "id", "kind", "law", "entered_by", "state"],
                name="request_open_legal",
            ),
        ),
        migrations.CreateModel(
            name="LawChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("enabled", models.BooleanField()),
                ("chosen_at", models.DateTimeField(default=compliance.core.clock.now)),
                (
                    "chosen_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunPython(legal_dates_stand_beside_their_requests, migrations.RunPython.noop),
    ]

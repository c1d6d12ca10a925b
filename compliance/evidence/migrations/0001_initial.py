import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import compliance.core.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("workflow", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("recorded", "Everything recorded in a period"),
                            ("received", "Whole histories of the requests received in a period"),
                            ("ended", "Whole histories of the requests that ended in a period"),
                            ("chosen", "Whole histories of chosen requests"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "file_format",
                    models.CharField(
                        choices=[
                            ("csv", "CSV, to read in a spreadsheet"),
                            ("jsonl", "JSON lines, which verify"),
                        ],
                        max_length=5,
                    ),
                ),
                ("begin", models.DateField(null=True)),
                ("end", models.DateField(null=True)),
                ("prepared_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("request_count", models.PositiveIntegerField(default=0)),
                ("chain_count", models.PositiveIntegerField(default=0)),
                ("whole_count", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("taking", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(null=True)),
                ("moved_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("broken_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("requests", models.ManyToManyField(related_name="+", to="workflow.request")),
            ],
        ),
    ]

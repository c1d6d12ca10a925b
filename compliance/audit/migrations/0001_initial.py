import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Chain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                ("length", models.PositiveIntegerField(default=0)),
                (
                    "head",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        max_length=64,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("event", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                ("hash", models.CharField(max_length=64, unique=True)),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="audit.chain"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["event"], name="entry_event"),
                    models.Index(fields=["at", "id"], name="entry_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "number"), name="entry_number_once_a_chain")
                ],
            },
        ),
    ]

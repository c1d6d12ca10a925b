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
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("data_key", models.BinaryField()),
                ("sealed", models.BinaryField()),
                ("saved_at", models.DateTimeField(default=compliance.core.clock.now)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="draft",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("receiving", "Being received"),
                            ("waiting", "Waits for its form"),
                            ("reading", "Being read"),
                            ("choosing", "Waits for its columns to be named"),
                            ("checked", "Checked"),
                            ("failed", "Can't be read"),
                            ("recorded", "Recorded"),
                            ("discarded", "Discarded"),
                        ],
                        default="receiving",
                        max_length=10,
                    ),
                ),
                ("data_key", models.BinaryField(null=True)),
                ("sealed_name", models.BinaryField()),
                ("sealed_fields", models.BinaryField(null=True)),
                ("sealed_layout", models.BinaryField(null=True)),
                ("sealed_sample", models.BinaryField(null=True)),
                (
                    "failure",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                "workbook",
                                "This is an Excel workbook, or another archive. Open it, choose File > Save As > CSV UTF-8 (Comma delimited), and upload what that makes.",
                            ),
                            (
                                "utf16",
                                'This file is UTF-16 ("Unicode Text" in Excel). Save it as CSV UTF-8, and upload what that makes.',
                            ),
                            (
                                "no_text",
                                "This isn't a text file. Save the list as CSV UTF-8, and upload what that makes.",
                            ),
                            (
                                "too_many",
                                "This file names more than one request takes. Split it, and upload the parts one by one.",
                            ),
                        ],
                        max_length=10,
                    ),
                ),
                ("touched_at", models.DateTimeField(db_index=True, default=compliance.core.clock.now)),
                ("reader", models.CharField(blank=True, max_length=32)),
                ("reader_until", models.DateTimeField(null=True)),
                ("reading", models.PositiveIntegerField(default=0)),
                ("bytes_total", models.BigIntegerField(default=0)),
                ("bytes_read", models.BigIntegerField(default=0)),
                ("next_chunk", models.PositiveIntegerField(default=0)),
                ("next_line", models.PositiveIntegerField(default=1)),
                ("sealed_rest", models.BinaryField(null=True)),
                ("skipping", models.BooleanField(default=False)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("bad", models.PositiveIntegerField(default=0)),
                ("duplicates", models.PositiveIntegerField(default=0)),
                ("visitors", models.PositiveIntegerField(default=0)),
                ("accounts", models.PositiveIntegerField(default=0)),
                ("emails", models.PositiveIntegerField(default=0)),
                ("invisible", models.PositiveIntegerField(default=0)),
                ("twins", models.PositiveIntegerField(default=0)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="upload",
                        to="workflow.request",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="CaseFolds",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reading", models.PositiveIntegerField()),
                ("sealed", models.BinaryField()),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="folds", to="intake.upload"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BadLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reading", models.PositiveIntegerField()),
                ("number", models.PositiveIntegerField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("tab", "a tab stands inside the value"),
                            ("control", "an invisible control character stands inside the value"),
                            ("too_long", "the value is longer than 1024 bytes"),
                            (
                                "no_email",
                                "no e-mail address: it wants one @, with something before and after it, and no space",
                            ),
                            ("nothing", "nothing stands in the columns that are used"),
                            ("cut_off", "it ends before its last column: the value may be cut off"),
                            (
                                "too_many_cells",
                                "it has more columns than the others: put the value in quotation marks",
                            ),
                            ("quotes", "its quotation marks don't match"),
                            ("not_utf8", "it isn't UTF-8, probably Windows-1252"),
                            ("long_line", "it is longer than 65,536 bytes"),
                        ],
                        max_length=16,
                    ),
                ),
                ("sealed_text", models.BinaryField()),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bad_lines",
                        to="intake.upload",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
                "constraints": [
                    models.UniqueConstraint(fields=("upload", "reading", "number"), name="bad_line_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="UploadChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("sealed", models.BinaryField()),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="chunks", to="intake.upload"
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
                "constraints": [models.UniqueConstraint(fields=("upload", "number"), name="chunk_once")],
            },
        ),
    ]

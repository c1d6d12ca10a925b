import django.db.models.deletion
from django.db import migrations, models

import compliance.core.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("subscriptions", "0001_initial"),
        ("workflow", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("visitor", "Bulk delete of visitors"),
                            ("account", "Bulk delete of accounts"),
                            ("reset", "Guide resets"),
                            ("readmit", "Do Not Process lifted"),
                        ],
                        default="visitor",
                        max_length=8,
                    ),
                ),
                ("canary", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ready", "Waiting to be sent"),
                            ("sending", "Being sent"),
                            ("uncertain", "Asking Pendo whether it has it"),
                            ("accepted", "Accepted by Pendo"),
                            ("done", "Done, says Pendo; being looked for"),
                            ("confirmed", "Looked for"),
                            ("answered", "Answered call by call"),
                            ("empty", "Nobody left in it to send"),
                            ("split", "Divided into smaller ones"),
                            ("failed", "Refused by Pendo"),
                        ],
                        default="ready",
                        max_length=10,
                    ),
                ),
                ("resent", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("due_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("asks", models.PositiveSmallIntegerField(default=0)),
                ("rounds", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="children",
                        to="execution.batch",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batches",
                        to="workflow.request",
                    ),
                ),
                (
                    "scan",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="batches",
                        to="workflow.scan",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("endpoint", models.CharField(max_length=40)),
                ("count", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("lease_token", models.CharField(max_length=32)),
                ("intended_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("answered_at", models.DateTimeField(null=True)),
                ("verdict", models.CharField(blank=True, max_length=16)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("sealed_answer", models.BinaryField(null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calls",
                        to="execution.batch",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calls",
                        to="workflow.target",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=compliance.core.clock.now)),
                ("controls", models.PositiveSmallIntegerField()),
                ("controls_seen", models.PositiveSmallIntegerField()),
                ("absent", models.PositiveIntegerField(default=0)),
                ("present", models.PositiveIntegerField(default=0)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passes",
                        to="execution.batch",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("vendor_id", models.CharField(max_length=200)),
                ("word", models.CharField(blank=True, max_length=60)),
                ("first_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("due_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("asks", models.PositiveSmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BatchReceipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sealed_answer", models.BinaryField(null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batch_receipts",
                        to="execution.batch",
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_receipts",
                        to="execution.receipt",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sending",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=0)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sendings",
                        to="execution.batch",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sendings",
                        to="workflow.target",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["subscription", "state", "due_at"], name="batch_due"),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(fields=("request", "number"), name="batch_number_once"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("answered_at", None)), fields=["batch"], name="call_unanswered"
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.UniqueConstraint(fields=("subscription", "vendor_id"), name="receipt_once"),
        ),
        migrations.AddConstraint(
            model_name="batchreceipt",
            constraint=models.UniqueConstraint(fields=("batch", "receipt"), name="batch_receipt_once"),
        ),
        migrations.AddConstraint(
            model_name="sending",
            constraint=models.UniqueConstraint(fields=("batch", "target"), name="sending_once"),
        ),
    ]

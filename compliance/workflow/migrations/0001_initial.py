import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import compliance.core.clock
import compliance.workflow.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("subscriptions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Request",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        default=compliance.workflow.models.new_reference,
                        editable=False,
                        max_length=11,
                        unique=True,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("erasure", "Erasure (a right under a law)")],
                        default="erasure",
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("previewing", "Preview under way"),
                            ("previewed", "Waiting for approval"),
                            ("nothing_found", "Nothing found"),
                            ("rejected", "Sent back"),
                            ("approved", "Approved"),
                            ("executing", "Being sent to Pendo"),
                            ("confirming", "Being confirmed"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="previewing",
                        max_length=16,
                    ),
                ),
                ("law", models.CharField(blank=True, max_length=20)),
                ("law_version", models.CharField(blank=True, max_length=40)),
                ("calendar", models.CharField(blank=True, max_length=10)),
                ("received_on", models.DateField()),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("letter", "Letter"),
                            ("phone", "Telephone"),
                            ("support", "Support conversation"),
                            ("customer", "Passed on by a customer"),
                            ("social", "Social media"),
                            ("other", "Another way"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "identity",
                    models.CharField(
                        choices=[
                            ("vouched", "A colleague knows the person and vouches"),
                            ("account", "Asked while logged in to their account"),
                            ("mailbox", "Answered from the mailbox we know"),
                            ("agent", "An agent showed a permission"),
                        ],
                        max_length=12,
                    ),
                ),
                ("send_by", models.DateField(db_index=True)),
                ("targets_key", models.BinaryField(null=True)),
                ("correspondence_key", models.BinaryField(null=True)),
                ("sealed_subject", models.BinaryField(null=True)),
                ("sealed_note", models.BinaryField(null=True)),
                ("sealed_end_reason", models.BinaryField(null=True)),
                ("opened_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("grace_until", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "subscriptions",
                    models.ManyToManyField(related_name="requests", to="subscriptions.subscription"),
                ),
            ],
            options={
                "ordering": ("send_by", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Preview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("ready_at", models.DateTimeField(null=True)),
                ("found", models.PositiveIntegerField(default=0)),
                ("not_found", models.PositiveIntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("trouble", models.CharField(blank=True, max_length=300)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="previews",
                        to="workflow.request",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=32)),
                ("legal", models.DateField()),
                ("safe", models.DateField()),
                ("send_by", models.DateField()),
                ("article", models.CharField(max_length=200)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clocks",
                        to="workflow.request",
                    ),
                ),
            ],
            options={
                "ordering": ("safe", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Attention",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            (
                                "still_present",
                                "Visitors are still in Pendo after the deletion was sent twice",
                            ),
                            ("batch_refused", "Pendo refuses a visitor's deletion and does not say why"),
                            (
                                "receipt_overdue",
                                "Pendo has not completed a deletion within the time it names",
                            ),
                            (
                                "unknown_word",
                                "Pendo describes a deletion with a status that is not known here",
                            ),
                            (
                                "not_paid",
                                "Pendo answers that the subscription's contract does not cover the call",
                            ),
                        ],
                        max_length=20,
                    ),
                ),
                ("raised_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.subscription",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attentions",
                        to="workflow.request",
                    ),
                ),
            ],
            options={
                "ordering": ("raised_at",),
            },
        ),
        migrations.CreateModel(
            name="Asked",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("sealed_value", models.BinaryField()),
                ("digest", models.BinaryField(db_index=True, max_length=32)),
                ("digest_key", models.PositiveSmallIntegerField()),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="asked",
                        to="workflow.request",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SubjectDigest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BinaryField(db_index=True, max_length=32)),
                ("digest_key", models.PositiveSmallIntegerField()),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subject_digests",
                        to="workflow.request",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(default="visitor", max_length=12)),
                ("sealed_id", models.BinaryField()),
                ("digest", models.BinaryField(db_index=True, max_length=32)),
                ("digest_key", models.PositiveSmallIntegerField()),
                ("commitment", models.BinaryField(max_length=32)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("held", "Held"),
                            ("spared", "Spared"),
                            ("cancelled", "Cancelled"),
                            ("not_found", "Not found"),
                            ("uncertain", "Uncertain"),
                            ("accepted", "Accepted by Pendo"),
                            ("present", "Said done, still there"),
                            ("erased", "Erased"),
                            ("reset", "Reset"),
                            ("failed", "Failed"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("looked_up_at", models.DateTimeField(null=True)),
                ("sealed_details", models.BinaryField(null=True)),
                (
                    "asked",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="targets",
                        to="workflow.asked",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="targets",
                        to="workflow.request",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[("approved", "Approved"), ("rejected", "Sent back")], max_length=8
                    ),
                ),
                ("given_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("seasoned", models.BooleanField(default=True)),
                ("sealed_reason", models.BinaryField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "preview",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approvals",
                        to="workflow.preview",
                    ),
                ),
            ],
            options={
                "ordering": ("given_at",),
                "constraints": [
                    models.UniqueConstraint(fields=("preview", "person"), name="one_word_a_person")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["state", "send_by"], name="request_state_send_by"),
        ),
        migrations.AddConstraint(
            model_name="preview",
            constraint=models.UniqueConstraint(fields=("request", "number"), name="preview_number_once"),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.UniqueConstraint(fields=("request", "kind"), name="clock_once"),
        ),
        migrations.AddConstraint(
            model_name="attention",
            constraint=models.UniqueConstraint(
                condition=models.Q(("settled_at__isnull", True)),
                fields=("request", "subscription", "reason"),
                name="attention_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="asked",
            constraint=models.UniqueConstraint(fields=("request", "kind", "digest"), name="asked_once"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["request", "outcome"], name="target_request_outcome"),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.UniqueConstraint(
                fields=("request", "subscription", "kind", "digest"), name="target_once_a_subscription"
            ),
        ),
    ]

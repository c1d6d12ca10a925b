import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import compliance.core.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Subscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "region",
                    models.CharField(
                        choices=[
                            ("us", "United States (app.pendo.io)"),
                            ("us1", "United States 1 (us1.app.pendo.io)"),
                            ("eu", "European Union (app.eu.pendo.io)"),
                            ("jp", "Japan (app.jpn.pendo.io)"),
                            ("au", "Australia (app.au.pendo.io)"),
                        ],
                        max_length=4,
                    ),
                ),
                ("url", models.URLField(blank=True)),
                ("production", models.BooleanField(default=True)),
                ("email_field", models.CharField(default="agent.email", max_length=80)),
                ("data_key", models.BinaryField()),
                ("added_at", models.DateTimeField(default=compliance.core.clock.now)),
                (
                    "paused_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("person", "paused by a person"),
                            (
                                "foreign",
                                "the key answers for another subscription: too few of its known visitors and guides were seen",
                            ),
                            (
                                "no_controls",
                                "every visitor known here is being erased, so an absence couldn't be told from a wrong key; resume it once Pendo knows another visitor",
                            ),
                            ("key_refused", "Pendo refuses the key"),
                        ],
                        max_length=12,
                    ),
                ),
                ("paused_at", models.DateTimeField(null=True)),
                ("escalated_at", models.DateTimeField(null=True)),
                ("rotation_days", models.PositiveSmallIntegerField(default=90)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Lane",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("bulk", "bulk deletes"), ("reset", "guide resets"), ("read", "look-ups")],
                        max_length=8,
                    ),
                ),
                ("next_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("lease_token", models.CharField(blank=True, max_length=32)),
                ("lease_until", models.DateTimeField(default=compliance.core.clock.now)),
                ("leased_by", models.CharField(blank=True, max_length=32)),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lanes",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("subscription", "kind"), name="lane_once")],
            },
        ),
        migrations.CreateModel(
            name="KnownGuide",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_guides",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("subscription", "digest"), name="known_guide_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="KeyProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sealed", models.BinaryField(null=True)),
                ("fingerprint", models.CharField(max_length=8)),
                ("made_on", models.DateField(null=True)),
                ("proposed_at", models.DateTimeField(default=compliance.core.clock.now)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "confirmed"),
                            ("declined", "declined"),
                            ("expired", "expired"),
                        ],
                        max_length=9,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
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
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="key_proposals",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decision", "")),
                        fields=("subscription",),
                        name="one_key_proposal_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Key",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("write", "everything"), ("read", "look-ups only")],
                        default="write",
                        max_length=8,
                    ),
                ),
                ("sealed", models.BinaryField(null=True)),
                ("fingerprint", models.CharField(max_length=8)),
                ("made_on", models.DateField(default=compliance.core.clock.today)),
                ("made_on_known", models.BooleanField(default=False)),
                ("entered_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("checked_at", models.DateTimeField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("works", "works"),
                            ("refused", "refused by Pendo"),
                            ("reads_only", "may only read"),
                            ("no_answer", "no answer; asked again within the hour"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reminded_on", models.DateField(null=True)),
                ("reminded_of", models.DateField(null=True)),
                ("replaced_at", models.DateTimeField(null=True)),
                ("refused_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "deputy",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keys",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at__isnull", True)),
                        fields=("subscription", "purpose"),
                        name="one_key_in_use_for_each_purpose",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Control",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sealed_id", models.BinaryField()),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="controls",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("subscription", "digest"), name="control_once")
                ],
            },
        ),
    ]

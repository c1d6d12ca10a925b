import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import compliance.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0003_reset_lanes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
        ),
        migrations.RemoveConstraint(
            model_name="key",
            name="one_key_in_use",
        ),
        migrations.AddField(
            model_name="key",
            name="checked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="key",
            name="deputy",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="key",
            name="made_on",
            field=models.DateField(default=compliance.core.clock.today),
        ),
        migrations.AddField(
            model_name="key",
            name="made_on_known",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="key",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="key",
            name="purpose",
            field=models.CharField(
                choices=[("write", "everything"), ("read", "look-ups only")], default="write", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="key",
            name="refused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="key",
            name="reminded_of",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="key",
            name="reminded_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="key",
            name="retired_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="key",
            name="verdict",
            field=models.CharField(
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
        migrations.AddField(
            model_name="subscription",
            name="escalated_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="rotation_days",
            field=models.PositiveSmallIntegerField(default=90),
        ),
        migrations.AlterField(
            model_name="key",
            name="sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddConstraint(
            model_name="key",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaced_at__isnull", True)),
                fields=("subscription", "purpose"),
                name="one_key_in_use_for_each_purpose",
            ),
        ),
        migrations.AddField(
            model_name="keyproposal",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="keyproposal",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="keyproposal",
            name="subscription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="key_proposals",
                to="subscriptions.subscription",
            ),
        ),
        migrations.AddConstraint(
            model_name="keyproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision", "")),
                fields=("subscription",),
                name="one_key_proposal_at_a_time",
            ),
        ),
    ]

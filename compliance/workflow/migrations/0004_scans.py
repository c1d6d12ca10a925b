import django.db.models.deletion
from django.db import migrations, models

import compliance.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0005_one_row_for_each_key"),
        ("workflow", "0003_policy_lines"),
    ]

    operations = [
        migrations.CreateModel(
            name="Scan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("marked", models.BooleanField(default=False)),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("clearing", "What was found before is being removed"),
                            ("accounts", "The accounts asked are looked up"),
                            ("children", "Their child accounts are looked for"),
                            ("visitors", "All visitors are read, page by page"),
                            ("ended", "Read to its end"),
                            ("added_up", "Added up"),
                        ],
                        default="clearing",
                        max_length=8,
                    ),
                ),
                ("sealed_place", models.BinaryField(null=True)),
                ("pages", models.PositiveIntegerField(default=0)),
                ("records", models.PositiveIntegerField(default=0)),
                ("asked_up_to", models.BigIntegerField(default=0)),
                ("began_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("due_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("restarts", models.PositiveSmallIntegerField(default=0)),
                ("refusals", models.PositiveSmallIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                ("controls", models.PositiveSmallIntegerField(default=0)),
                ("seen", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("count", models.PositiveIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="preview",
            name="summed_up_to",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="target",
            name="spared_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("several_accounts", "Belongs to another account, too"),
                    ("visitors_kept", "The account goes, its visitors stay"),
                    ("many_matches", "More than three visitors have this e-mail address; tick who is meant"),
                    ("variant", "Only resembles the e-mail address that was asked; tick it if it is meant"),
                    ("seen_since", "Was seen on or after the day that the policy names"),
                    ("not_chosen", "A person left it out"),
                    ("not_staged", "Not a staged guide, so it can't be reset for everybody"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="asked",
            index=models.Index(
                condition=models.Q(("mailbox_digest__isnull", False)),
                fields=["request", "mailbox_digest"],
                name="asked_mailbox",
            ),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(
                condition=models.Q(("looked_up_at__isnull", True)),
                fields=["subscription", "request"],
                name="target_not_looked_up",
            ),
        ),
        migrations.AddField(
            model_name="scan",
            name="controls_seen",
            field=models.ManyToManyField(related_name="+", to="subscriptions.control"),
        ),
        migrations.AddField(
            model_name="scan",
            name="preview",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="scans",
                to="workflow.preview",
            ),
        ),
        migrations.AddField(
            model_name="scan",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="scans", to="workflow.request"
            ),
        ),
        migrations.AddField(
            model_name="scan",
            name="subscription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="scans",
                to="subscriptions.subscription",
            ),
        ),
        migrations.AddField(
            model_name="tally",
            name="asked",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workflow.asked"
            ),
        ),
        migrations.AddField(
            model_name="tally",
            name="scan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="tallies", to="workflow.scan"
            ),
        ),
        migrations.AddIndex(
            model_name="scan",
            index=models.Index(fields=["subscription", "step"], name="scan_subscription_step"),
        ),
        migrations.AddConstraint(
            model_name="scan",
            constraint=models.UniqueConstraint(
                fields=("preview", "subscription"), name="scan_once_a_preview"
            ),
        ),
        migrations.AddConstraint(
            model_name="tally",
            constraint=models.UniqueConstraint(fields=("scan", "asked"), name="tally_once"),
        ),
    ]

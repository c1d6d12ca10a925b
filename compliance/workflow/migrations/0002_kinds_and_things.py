import django.db.models.deletion
from django.db import migrations, models

import compliance.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0002_reset_lane_and_email_field"),
        ("workflow", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erased",
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
                        choices=[("visitor", "Visitor"), ("account", "Account"), ("guide", "Guide")],
                        max_length=12,
                    ),
                ),
                ("digest", models.BinaryField(db_index=True, max_length=32)),
                ("digest_key", models.PositiveSmallIntegerField()),
                ("erased_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("returned_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="target",
            name="target_once_a_subscription",
        ),
        migrations.AddField(
            model_name="asked",
            name="mailbox_digest",
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.AddField(
            model_name="preview",
            name="contradicting",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="preview",
            name="sealed_summary",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="preview",
            name="spared",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="request",
            name="continues",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="continued_by",
                to="workflow.request",
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="paused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="request",
            name="policy_reference",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="request",
            name="seen_before",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="request",
            name="with_visitors",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="target",
            name="contradicts",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="target",
            name="everybody",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="target",
            name="guide",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
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
                ],
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="target",
            name="why",
            field=models.CharField(
                choices=[
                    ("exact_id", "Exact id"),
                    ("email", "Exact e-mail address"),
                    ("email_as_id", "The id is the e-mail address"),
                    ("email_case", "The e-mail address in other letter case"),
                    ("email_plus", "The e-mail address with another +tag"),
                    ("of_account", "Visitor of the account"),
                ],
                default="exact_id",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="asked",
            name="kind",
            field=models.CharField(
                choices=[
                    ("visitor", "Visitor id"),
                    ("account", "Account id"),
                    ("email", "E-mail address"),
                    ("guide", "Guide id"),
                    ("staged", "All staged guides"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="request",
            name="channel",
            field=models.CharField(
                blank=True,
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
        migrations.AlterField(
            model_name="request",
            name="identity",
            field=models.CharField(
                blank=True,
                choices=[
                    ("vouched", "A colleague knows the person and vouches"),
                    ("account", "Asked while logged in to their account"),
                    ("mailbox", "Answered from the mailbox we know"),
                    ("agent", "An agent showed a permission"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="request",
            name="kind",
            field=models.CharField(
                choices=[
                    ("erasure", "Erasure (a right under a law)"),
                    ("offboarding", "Offboarding (a customer leaves)"),
                    ("retention", "Retention (our own policy: purge what is old)"),
                    ("test_data", "Test data (QA)"),
                    ("guide_reset", "Guide reset (show guides afresh)"),
                    ("readmission", "Readmission (lift Do Not Process)"),
                ],
                default="erasure",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="request",
            name="state",
            field=models.CharField(
                choices=[
                    ("checking", "File being checked"),
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
        migrations.AlterField(
            model_name="target",
            name="kind",
            field=models.CharField(
                choices=[("visitor", "Visitor"), ("account", "Account"), ("guide", "Guide")],
                default="visitor",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="target",
            name="outcome",
            field=models.CharField(
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
                    ("returned", "Do Not Process lifted"),
                    ("failed", "Failed"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.UniqueConstraint(
                fields=("request", "subscription", "kind", "guide", "digest"),
                name="target_once_a_subscription",
            ),
        ),
        migrations.AddField(
            model_name="erased",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="erased", to="workflow.request"
            ),
        ),
        migrations.AddField(
            model_name="erased",
            name="returned_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="workflow.request",
            ),
        ),
        migrations.AddField(
            model_name="erased",
            name="subscription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscriptions.subscription"
            ),
        ),
        migrations.AddConstraint(
            model_name="erased",
            constraint=models.UniqueConstraint(
                fields=("request", "subscription", "kind", "digest"), name="erased_once_a_request"
            ),
        ),
    ]

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
                (
                    "state",
                    models.CharField(
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
                ("law", models.CharField(blank=True, max_length=20)),
                ("law_version", models.CharField(blank=True, max_length=40)),
                ("calendar", models.CharField(blank=True, max_length=10)),
                ("received_on", models.DateField()),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("email", "E-mail"),
                            ("letter", "Letter"),
                            ("phone", "Telephone"),
                            ("support", "Support conversation"),
                            ("customer", "Passed on by a customer"),
                            ("social", "Social media"),
                            ("api", "A program (API)"),
                            ("other", "Another way"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "identity",
                    models.CharField(
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
                ("external_reference", models.CharField(blank=True, db_index=True, max_length=80)),
                ("send_by", models.DateField(db_index=True)),
                ("policy_reference", models.CharField(blank=True, max_length=80)),
                ("seen_before", models.DateField(null=True)),
                ("with_visitors", models.BooleanField(default=True)),
                ("planned_at", models.DateTimeField(null=True)),
                ("paused_at", models.DateTimeField(null=True)),
                ("sealed_pause_reason", models.BinaryField(null=True)),
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
                    "changers",
                    models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "continues",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="continued_by",
                        to="workflow.request",
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
                ("spared", models.PositiveIntegerField(default=0)),
                ("contradicting", models.PositiveIntegerField(default=0)),
                ("sealed_summary", models.BinaryField(null=True)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("summed_up_to", models.BigIntegerField(default=0)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="erased",
                        to="workflow.request",
                    ),
                ),
                (
                    "returned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflow.request",
                    ),
                ),
            ],
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
                            ("canary_stopped", "The first few were not simply accepted; the rest waits"),
                            ("wipe_uncertain", "Whether Pendo has reset a guide for everybody is not known"),
                            ("no_answer", "Pendo gives no usable answer to a call, time and again"),
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
                (
                    "kind",
                    models.CharField(
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
                ("sealed_value", models.BinaryField()),
                ("digest", models.BinaryField(max_length=32)),
                ("digest_key", models.PositiveSmallIntegerField()),
                ("mailbox_digest", models.BinaryField(max_length=32, null=True)),
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
                ("controls_seen", models.ManyToManyField(related_name="+", to="subscriptions.control")),
                (
                    "preview",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scans",
                        to="workflow.preview",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scans",
                        to="workflow.request",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scans",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
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
                ("digest", models.BinaryField(max_length=32)),
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
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("count", models.PositiveIntegerField()),
                (
                    "asked",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workflow.asked"
                    ),
                ),
                (
                    "scan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tallies",
                        to="workflow.scan",
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
                (
                    "kind",
                    models.CharField(
                        choices=[("visitor", "Visitor"), ("account", "Account"), ("guide", "Guide")],
                        default="visitor",
                        max_length=12,
                    ),
                ),
                ("guide", models.CharField(blank=True, max_length=200)),
                ("everybody", models.BooleanField(default=False)),
                ("sealed_id", models.BinaryField()),
                ("digest", models.BinaryField(max_length=32)),
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
                            ("returned", "Do Not Process lifted"),
                            ("failed", "Failed"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("looked_up_at", models.DateTimeField(null=True)),
                ("sealed_details", models.BinaryField(null=True)),
                (
                    "why",
                    models.CharField(
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
                (
                    "spared_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("several_accounts", "Belongs to another account, too"),
                            ("visitors_kept", "The account goes, its visitors stay"),
                            (
                                "many_matches",
                                "More than three visitors have this e-mail address; tick who is meant",
                            ),
                            (
                                "variant",
                                "Only resembles the e-mail address that was asked; tick it if it is meant",
                            ),
                            ("seen_since", "Was seen on or after the day that the policy names"),
                            ("not_chosen", "A person left it out"),
                            ("not_staged", "Not a staged guide, so it can't be reset for everybody"),
                        ],
                        max_length=16,
                    ),
                ),
                ("contradicts", models.BooleanField(default=False)),
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
                        db_index=False,
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
            name="SampleLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("looked_at", models.DateTimeField(default=compliance.core.clock.now)),
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
                        related_name="looks",
                        to="workflow.preview",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workflow.target"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PolicyLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.CharField(max_length=30)),
                ("kind", models.CharField(blank=True, max_length=12)),
                ("two_people_over", models.PositiveIntegerField(null=True)),
                ("two_people_for_accounts", models.BooleanField(null=True)),
                ("two_people_for_wipes", models.BooleanField(null=True)),
                ("grace_minutes", models.PositiveIntegerField(null=True)),
                ("canary_over", models.PositiveIntegerField(null=True)),
                ("canary_size", models.PositiveIntegerField(null=True)),
                ("proposed_at", models.DateTimeField(default=compliance.core.clock.now)),
                ("in_force_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agreed_by",
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("in_force_at__isnull", False)),
                        fields=("place", "kind"),
                        name="policy_line_in_force_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("in_force_at__isnull", True)),
                        fields=("place", "kind"),
                        name="policy_line_proposed_once",
                    ),
                ],
            },
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
            index=models.Index(
                fields=["state", "send_by", "id", "closed_at", "kind", "law", "entered_by"],
                name="request_state_send_by",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["send_by", "id", "kind", "law", "entered_by", "state"],
                name="request_open",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["closed_at", "id", "kind", "law", "entered_by", "state"],
                name="request_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["received_on", "id", "kind", "law", "entered_by", "state"],
                name="request_open_received",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["received_on", "id", "kind", "law", "entered_by", "state"],
                name="request_ended_received",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["kind", "send_by", "id", "law", "entered_by", "state"],
                name="request_open_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["law", "send_by", "id", "kind", "entered_by", "state"],
                name="request_open_law",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["entered_by", "send_by", "id", "kind", "law", "state"],
                name="request_open_entered_by",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["kind", "closed_at", "id", "law", "entered_by", "state"],
                name="request_ended_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["law", "closed_at", "id", "kind", "entered_by", "state"],
                name="request_ended_law",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["entered_by", "closed_at", "id", "kind", "law", "state"],
                name="request_ended_entered_by",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["state", "closed_at", "id", "kind", "law", "entered_by"],
                name="request_ended_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="preview",
            constraint=models.UniqueConstraint(fields=("request", "number"), name="preview_number_once"),
        ),
        migrations.AddConstraint(
            model_name="erased",
            constraint=models.UniqueConstraint(
                fields=("request", "subscription", "kind", "digest"), name="erased_once_a_request"
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.UniqueConstraint(fields=("request", "kind"), name="clock_once"),
        ),
        migrations.AddIndex(
            model_name="attention",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", True)),
                fields=["raised_at", "id"],
                name="attention_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="attention",
            constraint=models.UniqueConstraint(
                condition=models.Q(("settled_at__isnull", True)),
                fields=("request", "subscription", "reason"),
                name="attention_once_at_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="asked",
            index=models.Index(fields=["digest", "request"], name="asked_digest"),
        ),
        migrations.AddIndex(
            model_name="asked",
            index=models.Index(
                condition=models.Q(("mailbox_digest__isnull", False)),
                fields=["request", "mailbox_digest"],
                name="asked_mailbox",
            ),
        ),
        migrations.AddConstraint(
            model_name="asked",
            constraint=models.UniqueConstraint(fields=("request", "kind", "digest"), name="asked_once"),
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
        migrations.AddIndex(
            model_name="subjectdigest",
            index=models.Index(fields=["digest", "request"], name="subject_digest"),
        ),
        migrations.AddConstraint(
            model_name="tally",
            constraint=models.UniqueConstraint(fields=("scan", "asked"), name="tally_once"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["request", "outcome", "id"], name="target_request_outcome"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["digest", "request"], name="target_digest"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["request", "id"], name="target_of_request"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["request", "subscription", "id"], name="target_of_subscription"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["request", "kind", "id"], name="target_of_kind"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(
                condition=models.Q(("looked_up_at__isnull", True)),
                fields=["subscription", "request"],
                name="target_not_looked_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.UniqueConstraint(
                fields=("request", "subscription", "kind", "guide", "digest"),
                name="target_once_a_subscription",
            ),
        ),
        migrations.AddConstraint(
            model_name="samplelook",
            constraint=models.UniqueConstraint(
                fields=("preview", "person", "target"), name="sample_look_once"
            ),
        ),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0005_one_row_for_each_key"),
        ("workflow", "0004_scans"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="request",
            name="request_state_send_by",
        ),
        migrations.RemoveIndex(
            model_name="target",
            name="target_request_outcome",
        ),
        migrations.AlterField(
            model_name="asked",
            name="digest",
            field=models.BinaryField(max_length=32),
        ),
        migrations.AlterField(
            model_name="subjectdigest",
            name="digest",
            field=models.BinaryField(max_length=32),
        ),
        migrations.AlterField(
            model_name="target",
            name="digest",
            field=models.BinaryField(max_length=32),
        ),
        migrations.AlterField(
            model_name="target",
            name="request",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="targets",
                to="workflow.request",
            ),
        ),
        migrations.AddIndex(
            model_name="asked",
            index=models.Index(fields=["digest", "request"], name="asked_digest"),
        ),
        migrations.AddIndex(
            model_name="attention",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", True)),
                fields=["raised_at", "id"],
                name="attention_open",
            ),
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
        migrations.AddIndex(
            model_name="subjectdigest",
            index=models.Index(fields=["digest", "request"], name="subject_digest"),
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
    ]

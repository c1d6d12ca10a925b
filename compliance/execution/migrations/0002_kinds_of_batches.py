import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0001_initial"),
        ("workflow", "0002_kinds_and_things"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="canary",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="batch",
            name="kind",
            field=models.CharField(
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
        migrations.AddField(
            model_name="call",
            name="target",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calls",
                to="workflow.target",
            ),
        ),
    ]

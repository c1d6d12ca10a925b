import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0002_kinds_of_batches"),
        ("workflow", "0004_scans"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="scan",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="batches",
                to="workflow.scan",
            ),
        ),
    ]

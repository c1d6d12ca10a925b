from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0003_scanned_batches"),
    ]

    operations = [
        migrations.AlterField(
            model_name="batch",
            name="state",
            field=models.CharField(
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
    ]

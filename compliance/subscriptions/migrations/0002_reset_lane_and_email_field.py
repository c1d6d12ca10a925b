from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="subscription",
            name="email_field",
            field=models.CharField(default="agent.email", max_length=80),
        ),
        migrations.AlterField(
            model_name="lane",
            name="kind",
            field=models.CharField(
                choices=[("bulk", "bulk deletes"), ("reset", "guide resets"), ("read", "look-ups")],
                max_length=8,
            ),
        ),
    ]

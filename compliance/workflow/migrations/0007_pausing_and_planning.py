from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0006_sample_looks"),
    ]

    operations = [
        migrations.AddField(
            model_name="request",
            name="planned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="request",
            name="sealed_pause_reason",
            field=models.BinaryField(null=True),
        ),
        migrations.AlterField(
            model_name="attention",
            name="reason",
            field=models.CharField(
                choices=[
                    ("still_present", "Visitors are still in Pendo after the deletion was sent twice"),
                    ("batch_refused", "Pendo refuses a visitor's deletion and does not say why"),
                    ("receipt_overdue", "Pendo has not completed a deletion within the time it names"),
                    ("unknown_word", "Pendo describes a deletion with a status that is not known here"),
                    ("not_paid", "Pendo answers that the subscription's contract does not cover the call"),
                    ("canary_stopped", "The first few were not simply accepted; the rest waits"),
                    ("wipe_uncertain", "Whether Pendo has reset a guide for everybody is not known"),
                    ("no_answer", "Pendo gives no usable answer to a call, time and again"),
                ],
                max_length=20,
            ),
        ),
    ]

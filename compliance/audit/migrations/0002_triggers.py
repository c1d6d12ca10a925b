"""Entries of the ledger can be added, and nothing else."""

from django.db import migrations

from compliance.audit import triggers


class Migration(migrations.Migration):
    """Install the triggers."""

    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunPython(
            lambda _, editor: triggers.install(editor.connection),
            lambda _, editor: triggers.remove(editor.connection),
        )
    ]

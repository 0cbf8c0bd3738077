"""The triggers of the ledger, from the .sql files beside this one."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0001_initial")]
    operations = [
        migrations.RunSQL((HERE / "triggers.sql").read_text(), (HERE / "triggers_drop.sql").read_text()),
    ]

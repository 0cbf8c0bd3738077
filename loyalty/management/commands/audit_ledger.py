"""``manage.py audit_ledger``: proves the ledger; names each account that fails and exits 1 if any does."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from loyalty import audit
from loyalty.models import LedgerEntry, PointsAccount


class Command(BaseCommand):
    help = (
        "Proves balances, lots, counters, numbers and levels of every points account; exits 1 if one fails."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        for finding in audit.audit():
            failed += 1
            self.stderr.write(str(finding))
        looked_at = _("%(accounts)d accounts, %(entries)d entries: ") % {
            "accounts": PointsAccount.objects.count(),
            "entries": LedgerEntry.objects.count(),
        }
        if failed:
            self.stderr.write(looked_at + _("%(failed)d findings.") % {"failed": failed})
            sys.exit(1)
        self.stdout.write(looked_at + _("everything adds up."))

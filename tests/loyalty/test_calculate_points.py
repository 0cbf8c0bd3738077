"""Calculate points, as the help pages tell it (opera-calculate-points.txt, exely-opera-accumulation.txt)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from loyalty import audit
from loyalty.models import LedgerEntry, LevelChange, Membership, PointsAccount, Stay
from tests.loyalty.conftest import Programme, points


def test_a_completed_stay_earns_five_percent_of_the_room(programme: Programme) -> None:
    ada = programme.join()
    programme.stay(ada, room_revenue=Decimal("306.00"))

    programme.calculate()

    entry = LedgerEntry.objects.get()
    assert (entry.account_id, entry.points, entry.nights, entry.stays, entry.money) == (ada.pk, 15, 2, 1, Decimal(306))
    assert entry.effective_date == date(2026, 6, 3)
    assert PointsAccount.objects.get().balance == 15
    assert not list(audit.audit())

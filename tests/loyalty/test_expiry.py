from datetime import date

import pytest

from loyalty.expiry import expires_on


@pytest.mark.parametrize(
    ("posted_on", "months", "first_unusable_day"),
    [
        (date(2026, 3, 15), 12, date(2027, 3, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 3, 15), None, None),
    ],
)
def test_months_after_posting_clamped_to_the_end_of_the_month(
    posted_on: date, months: int | None, first_unusable_day: date | None
) -> None:
    assert expires_on(posted_on, months=months) == first_unusable_day

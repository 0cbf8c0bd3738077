"""When do points expire? Pure: no Django, no database, no clock."""

from datetime import date

from dateutil.relativedelta import relativedelta


def expires_on(posted_on: date, *, months: int | None) -> date | None:
    """The first day on which points posted on a day can not be used; None: they never expire.

    Months are counted from the day of posting and clamped to the month's last day: 31 January + 1 month is 28 (29)
    February, and on that day they can no longer be used.
    """
    return None if months is None else posted_on + relativedelta(months=months)

"""Which level do a member's earnings reach? Pure: no Django, no database, no clock.

| earnings type | a level is reached when                                                |
|---------------|------------------------------------------------------------------------|
| nights        | lifetime nights reach its nights threshold                             |
| money         | lifetime money reaches its money threshold                             |
| either        | one of the two, whichever comes first (Exely 289413, *Money or nights*) |

Levels rise by themselves and never fall by themselves. A level without a threshold in the measure that counts is not
reached by it; the base level is where everybody starts. The level held *before* a stay rates that stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LevelStep:
    """A level as the calculation sees it; a threshold of None is not reached by that measure."""

    id: int
    rank: int
    name: str
    threshold_nights: int | None = None
    threshold_money: Decimal | None = None

    def is_reached(self, *, measure: str, nights: int, money: Decimal) -> bool:
        by_nights = self.threshold_nights is not None and nights >= self.threshold_nights
        by_money = self.threshold_money is not None and money >= self.threshold_money
        return (by_nights and measure != "money") or (by_money and measure != "nights")


def level_reached(
    levels: Sequence[LevelStep], *, measure: str, held: LevelStep, nights: int, money: Decimal
) -> LevelStep:
    """The highest level that the earnings reach, and never less than the one held. ``levels`` rise by rank."""
    for level in reversed(levels):
        if level.rank <= held.rank:
            return held
        if level.is_reached(measure=measure, nights=nights, money=money):
            return level
    return held


@dataclass(frozen=True, slots=True)
class NextLevel:
    """What is missing to the next level; None where that measure does not lead there."""

    level: LevelStep
    missing_nights: int | None
    missing_money: Decimal | None
    percent: int


def next_level(
    levels: Sequence[LevelStep], *, measure: str, held: LevelStep, nights: int, money: Decimal
) -> NextLevel | None:
    """The next level above the one held that can be reached, and how far along the member is (0 to 99 percent)."""
    for level in levels:
        by_nights = level.threshold_nights if measure != "money" else None
        by_money = level.threshold_money if measure != "nights" else None
        if level.rank <= held.rank or (by_nights is None and by_money is None):
            continue
        parts = [Decimal(nights) / by_nights] if by_nights else []
        parts += [money / by_money] if by_money else []
        return NextLevel(
            level=level,
            missing_nights=None if by_nights is None else max(by_nights - nights, 0),
            missing_money=None if by_money is None else max(by_money - money, Decimal(0)),
            percent=min(int(max(parts) * 100), 99),
        )
    return None

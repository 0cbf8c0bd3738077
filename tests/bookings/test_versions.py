"""Which of many messages stands: the table in ``versions``, line by line."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.versions import NOTHING_YET, Record, Stamp, Verdict, fold, judge

NINE, TEN = datetime(2026, 6, 4, 9, tzinfo=UTC), datetime(2026, 6, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stamp", "standing", "verdict"),
    [
        (Stamp(NINE, "b"), NOTHING_YET, Verdict.NEWER),
        (Stamp(TEN, "a"), Stamp(NINE, "b"), Verdict.NEWER),
        (Stamp(NINE, "a"), Stamp(TEN, "b"), Verdict.OLDER),
        (Stamp(NINE, "c"), Stamp(NINE, "b"), Verdict.NEWER),
        (Stamp(NINE, "a"), Stamp(NINE, "b"), Verdict.OLDER),
        (Stamp(NINE, "b"), Stamp(NINE, "b"), Verdict.REPEATED),
        (Stamp(TEN, "b"), Stamp(NINE, "b"), Verdict.CONFIRMED),
        (Stamp(NINE, "b"), Stamp(TEN, "b"), Verdict.OLDER),
        (Stamp(None, "a"), Stamp(TEN, "b"), Verdict.NEWER),
        (Stamp(NINE, "a"), Stamp(None, "b"), Verdict.NEWER),
        (Stamp(None, "b"), Stamp(TEN, "b"), Verdict.REPEATED),
        (Stamp(NINE, "b"), Stamp(None, "b"), Verdict.CONFIRMED),
    ],
)
def test_judge(stamp: Stamp, standing: Stamp, verdict: Verdict) -> None:
    assert judge(stamp, standing=standing) is verdict


stamps = st.lists(
    st.tuples(st.sampled_from([NINE, TEN]), st.sampled_from("abc")).map(Stamp._make), min_size=1
)


@given(said=stamps, shuffled=st.randoms())
def test_any_order_ends_at_the_last(said: list[Stamp], shuffled: object) -> None:
    shuffled.shuffle(said)
    records = _records(said)
    assert fold(records, standing=NOTHING_YET) == max(said)
    kept = [record.stamp for record in records if record.kept]
    assert sorted(kept) == sorted(set(said))


def test_only_the_last_of_the_newer_ones_and_what_confirms_it_stands() -> None:
    records = _records([Stamp(NINE, "a"), Stamp(NINE, "b"), Stamp(TEN, "b"), Stamp(NINE, "a")])
    fold(records, standing=NOTHING_YET)
    assert [(record.outcome, record.stands, record.kept) for record in records] == [
        ("new", False, True),
        ("changed", True, True),
        ("unchanged", True, True),
        ("older", False, False),
    ]


def _records(said: list[Stamp]) -> list[Record]:
    return [Record(0, None, "", stamp) for stamp in said]

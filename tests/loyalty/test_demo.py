"""The demo: the same day gives the same numbers, all that can become of a stay is in it, and it adds up."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import Random

import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from django.test import override_settings

from bookings import impossible
from bookings.models import Booking, User
from loyalty import audit
from loyalty.demo import load, stays, story, summary
from loyalty.demo.guests import people
from loyalty.demo.load import SEED, ForeignDataError, Size
from loyalty.jobs import runner
from loyalty.models import Job, LevelChange, Membership, Stay
from tests import factories

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
SMALL = Size(members=60, others=40, bookings=300)

# Reasons that the demo can not have: one source a booking, a programme that rewards every source and is the only one
# of its class, and no amount that is a slip of the pen.
NOT_IN_THE_DEMO = {"merged", "pms_off", "channel_off", "other_card_of_class", "amount_too_large"}


@pytest.fixture(autouse=True)
def _quick_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


def run(size: Size = SMALL, *, at: datetime = NOON) -> Job:
    job = load.load(at=at, size=size)
    runner.plan_waiting(clock=lambda: at)
    runner.work(clock=lambda: at)
    load.change_too_late(job, at=at, size=size)
    return job


def figures(job: Job) -> list[str]:
    """The summary, without what differs from run to run: the job's number, and how long it took."""
    return [line for line in summary.lines(summary.summarise(job)) if "stays/s" not in line]


def told(size: Size, today: date) -> stays.Told:
    everybody = people(members=size.members, others=size.others, today=today, rng=Random(SEED))
    cards = {person.number: f"77{person.number:08}" for person in everybody if person.joined_on}
    rng = Random(SEED + 1)
    return stays.tell(people=everybody, cards=cards, bookings=size.bookings, today=today, rng=rng)


class TestStory:
    """No database: what the sources say."""

    def test_is_the_same_every_time(self) -> None:
        assert told(SMALL, date(2026, 6, 30)) == told(SMALL, date(2026, 6, 30))

    def test_moves_with_the_day(self) -> None:
        for today in (date(2026, 6, 30), date(2028, 2, 29)):
            ended = told(SMALL, today).as_ended
            assert any(message.arrival > today for message in ended)
            assert any(message.status == "in_house" for message in ended)

    @pytest.mark.parametrize("today", [date(2026, 6, 30), date(2027, 1, 1), date(2028, 2, 29)])
    def test_holds_nothing_impossible(self, today: date) -> None:
        words = told(load.FULL, today)
        messages = [*words.as_booked, *words.as_ended, *words.too_late]
        assert not [problem for message in messages for problem in impossible.problems(message)]

    def test_each_booking_has_a_number_of_its_own(self) -> None:
        ended = told(load.FULL, date(2026, 6, 30)).as_ended
        assert len({message.key for message in ended}) == 2000

    def test_a_source_says_the_end_after_the_beginning(self) -> None:
        words = told(load.FULL, date(2026, 6, 30))
        begun = {message.key: message.updated_at for message in words.as_booked}
        ended = {message.key: message.updated_at for message in words.as_ended}
        assert all(at < ended[key] for key, at in begun.items())
        assert all(ended[message.key] < message.updated_at for message in words.too_late)

    def test_every_source_has_its_share(self) -> None:
        sources = [message.source for message in told(load.FULL, date(2026, 6, 30)).as_ended]
        assert {source: sources.count(source) > 80 for source in sources} == dict.fromkeys(
            ("pms", "booking_engine", "channel_manager", "manual"), True
        )


def test_the_day_is_the_one_that_has_begun_at_every_hotel() -> None:
    assert story.day_of(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == date(2026, 6, 30)
    assert story.day_of(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == date(2026, 7, 1)


def test_everything_that_can_become_of_a_stay_is_there(db: None) -> None:
    job = run()
    assert (Membership.objects.count(), Booking.objects.count()) == (60, 300)
    assert set(Membership.objects.values_list("status", flat=True)) == {"active", "blocked"}
    assert set(Booking.objects.values_list("status", flat=True)) == set(Booking.Status.values)
    assert set(Stay.objects.values_list("state", flat=True)) == set(Stay.State)
    assert set(Stay.Reason) - set(Stay.objects.values_list("reason", flat=True)) == NOT_IN_THE_DEMO
    assert LevelChange.objects.count() >= 3
    assert not list(audit.audit())
    before = figures(job)
    assert before[-1].endswith("everything adds up.")

    assert load.first_job() == job
    load.change_too_late(job, at=NOON, size=SMALL)
    assert figures(job) == before


def test_the_same_day_gives_the_same_numbers(db: None) -> None:
    both = []
    for at in (NOON, NOON.replace(hour=3)):
        with transaction.atomic():
            both.append(figures(run(at=at)))
            transaction.set_rollback(True)
    assert both[0] == both[1]


def test_the_figures_of_the_summary_add_up(db: None) -> None:
    summed = summary.summarise(run())
    stays, standing = summed.stays, summed.standing
    assert (stays.seen, stays.credited, summed.points) == (standing.seen, standing.credited, standing.points)
    assert stays.all == Stay.objects.count() == summed.bookings
    assert {reason.label: reason.credited for reason in stays.for_staff} == {
        "Changed after it was calculated": 3,
        "No exchange rate": 0,
    }
    seen, nothing = stays.seen, sum(reason.stays for reason in stays.nothing)
    assert f"Seen: {seen}. Credited: {seen - nothing}. Nothing earned: {nothing}, by reason:" in figures(
        summed.job
    )


def test_the_printed_logins_work(db: None) -> None:
    story.tell(today=date(2026, 6, 30))
    for login in story.LOGINS:
        user = authenticate(username=login.email, password=login.password)
        assert isinstance(user, User)
        assert (user.is_staff, user.is_superuser) == (True, not login.role)


def test_does_not_go_into_a_database_with_others_data(db: None) -> None:
    factories.PropertyFactory()
    with pytest.raises(ForeignDataError, match="holds data that is not the demo's"):
        load.load(at=NOON, size=SMALL)
    assert not User.objects.exists()
    assert load.first_job() is None


def test_a_load_that_breaks_leaves_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a kill would: the transaction is not committed."""

    def broken(**_values: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "ask", broken)
    with pytest.raises(KeyboardInterrupt):
        load.load(at=NOON, size=SMALL)
    assert not User.objects.exists()
    assert not Booking.objects.exists()

"""Puts the story into the database: one transaction, so a load that is killed leaves nothing.

It ends by asking for the first job, whose till date is the day of the load and so tells every later step
when "today" was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.intake import record_bookings
from bookings.messages import BookingMessage
from bookings.models import Guest, Property, PropertyGroup, SourceRecord, User
from loyalty import enrolment, stays
from loyalty.demo import stays as demo_stays
from loyalty.demo import story
from loyalty.demo.guests import Person, people
from loyalty.jobs import runner
from loyalty.models import Job, Membership, MembershipType

SEED = 20_250_401
BATCH = 500
BROUGHT_BY, BROUGHT_LATE_BY = "demo", "demo, after the calculation"


class ForeignDataError(Exception):
    """The database holds somebody else's data: the demo, with its known passwords, does not go in."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many. The people of a demo are one after another the same, whatever its size."""

    members: int = 400
    others: int = 200
    bookings: int = 2000


FULL = Size()


def first_job() -> Job | None:
    """The job that was asked for by the load; None: no demo is loaded here."""
    jobs = Job.objects.filter(membership_type__group__code=story.GROUP, membership_type__code=story.TYPE)
    return jobs.select_related("membership_type__group").order_by("pk").first()


def refuse_others_data() -> None:
    if PropertyGroup.objects.exclude(code=story.GROUP).exists() or User.objects.exists():
        raise ForeignDataError(
            _(
                "This database holds data that is not the demo's, and the demo brings users with known "
                "passwords: name an empty one in DATABASE_URL, or unset it and name an empty folder in "
                "LOYALTY_DATA_FOLDER."
            )
        )


@transaction.atomic
def load(*, at: datetime, size: Size = FULL) -> Job:
    """The demo as of this moment. Raises ``ForeignDataError``."""
    refuse_others_data()
    today = story.day_of(at)
    scene = story.tell(today=today)
    everybody = _people(size, today)
    told = _bookings(everybody, _enrol(scene, everybody), size, today)
    for messages in (told.as_booked, told.as_ended):
        _record(messages, hotels=scene.hotels, by=BROUGHT_BY, at=at)
    job, _found = runner.ask(
        process=Job.Process.CALCULATE_POINTS,
        membership_type=scene.membership_type,
        till=today,
        by=scene.manager,
        at=at,
    )
    return job


@transaction.atomic
def change_too_late(job: Job, *, at: datetime, size: Size = FULL) -> None:
    """A few stays change after their points were calculated, once: they wait for staff as exceptions."""
    group = job.membership_type.group
    if SourceRecord.objects.filter(received_by=BROUGHT_LATE_BY, reference__property__group=group).exists():
        return
    everybody = _people(size, job.till_date)
    told = _bookings(everybody, _cards(job.membership_type, everybody), size, job.till_date)
    hotels = {hotel.code: hotel for hotel in group.properties.all()}
    _record(told.too_late, hotels=hotels, by=BROUGHT_LATE_BY, at=at)
    stays.sweep(group=group, at=at)


def _people(size: Size, today: date) -> list[Person]:
    return people(members=size.members, others=size.others, today=today, rng=Random(SEED))  # noqa: S311 - a story


def _bookings(
    everybody: Sequence[Person], cards: Mapping[int, str], size: Size, today: date
) -> demo_stays.Told:
    rng = Random(SEED + 1)  # noqa: S311 - a story
    return demo_stays.tell(people=everybody, cards=cards, bookings=size.bookings, today=today, rng=rng)


def _enrol(scene: story.Scene, everybody: Sequence[Person]) -> dict[int, str]:
    """The members' profiles and cards; returns the card numbers by person."""
    members = [(person, person.joined_on) for person in everybody if person.joined_on]
    guests = Guest.objects.bulk_create(_guest(scene.group, person) for person, _joined_on in members)
    cards = {}
    for (person, joined_on), guest in zip(members, guests, strict=True):
        membership = enrolment.join(
            guest=guest, membership_type=scene.membership_type, by=scene.manager, on=joined_on
        )
        cards[person.number] = membership.card_number
        if person.is_blocked:
            enrolment.block(membership=membership, reason="The card was reported lost", by=scene.manager)
    return cards


def _guest(group: PropertyGroup, person: Person) -> Guest:
    return Guest(
        group=group,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        phone=person.phone,
        birth_date=person.birth_date,
        language=person.language,
    )


def _cards(membership_type: MembershipType, everybody: Sequence[Person]) -> dict[int, str]:
    rows = Membership.objects.filter(membership_type=membership_type).values_list(
        "guest__email", "card_number"
    )
    by_email = dict(rows)
    return {person.number: by_email[person.email] for person in everybody if person.joined_on}


def _record(
    messages: Sequence[BookingMessage], *, hotels: Mapping[str, Property], by: str, at: datetime
) -> None:
    for start in range(0, len(messages), BATCH):
        outcomes = record_bookings(messages=messages[start : start + BATCH], properties=hotels, by=by, at=at)
        for outcome in outcomes:
            if outcome.problems:
                raise RuntimeError(f"{outcome.key}: {'; '.join(map(str, outcome.problems))}")

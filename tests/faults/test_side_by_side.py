"""Intake, sweeps, two calculations and a front desk at once: no dead-lock, no stay credited from two versions."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import close_old_connections, connection
from django.db.models import F

from bookings.intake import record_bookings
from bookings.models import Booking, BookingNight, Property
from loyalty import audit, enrolment, stays
from loyalty.jobs import runner
from loyalty.models import Job, LedgerEntry, Membership, MembershipType, Stay
from tests import factories
from tests.faults import year
from tests.faults.test_order_never_matters import LAST_TILL

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


class Together:
    """Runs functions in threads of their own, again and again, until ``finish``; keeps what went wrong."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self.over = threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self, act: object) -> None:
        def again_and_again() -> None:
            try:
                while not self.over.is_set():
                    act()
            except BaseException as error:
                self.errors.append(error)
            finally:
                connection.close()

        self.threads.append(threading.Thread(target=again_and_again))
        self.threads[-1].start()

    def finish(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "it hangs"


def test_everything_at_once(settings: object) -> None:
    kind = year.make(members=20, stays_each=8)
    settings.CALCULATION_CHUNK_SIZE = 10
    together = Together()
    for act in (Changes(kind), Sweeps(kind), Calculates(kind), Calculates(kind), Blocks(kind)):
        together.start(act)
    year.wait_until(lambda: LedgerEntry.objects.count() >= 100 or bool(together.errors), seconds=60)
    together.finish()
    close_old_connections()

    assert together.errors == []
    assert not list(audit.audit())
    for entry in LedgerEntry.objects.select_related("booking").iterator():
        nights = BookingNight.objects.filter(booking=entry.booking, version=entry.booking_version)
        room = sum(night.amount for night in nights)
        assert entry.explanation["amounts"][0]["amount"] == f"{room.normalize():f}", (
            "nights of the version it names"
        )
    moved = Stay.objects.filter(entry__isnull=False).exclude(booking_version=F("entry__booking_version"))
    assert not moved.exists()


class Changes:
    """The PMS sends the bookings again, with other amounts."""

    def __init__(self, kind: MembershipType) -> None:
        self.kind, self.turn = kind, 0

    def __call__(self) -> None:
        self.turn += 1
        hotels = {hotel.code: hotel for hotel in Property.objects.filter(group=self.kind.group)}
        bookings = Booking.objects.select_related("property").prefetch_related("cards").order_by("?")[:20]
        messages = [
            factories.booking_message(
                booking.property,
                number=booking.number,
                card=booking.cards.all()[0].number,
                arrival=booking.arrival_date,
                departure=booking.departure_date,
                room_revenue=Decimal(100 + self.turn),
                updated_at=year.AFTERWARDS + timedelta(seconds=self.turn),
            )
            for booking in bookings
        ]
        record_bookings(messages=messages, properties=hotels, by="test", at=year.AFTERWARDS)


class Sweeps:
    def __init__(self, kind: MembershipType) -> None:
        self.kind = kind

    def __call__(self) -> None:
        stays.sweep(group=self.kind.group, at=year.AFTERWARDS)


class Calculates:
    def __init__(self, kind: MembershipType) -> None:
        self.kind = kind

    def __call__(self) -> None:
        runner.ask(
            process=Job.Process.CALCULATE_POINTS,
            membership_type=self.kind,
            till=LAST_TILL,
            by=None,
            at=year.AFTERWARDS,
        )
        runner.plan_waiting(clock=lambda: year.AFTERWARDS)
        runner.work(clock=lambda: year.AFTERWARDS)


class Blocks:
    """The front desk blocks a card and unblocks it."""

    def __init__(self, kind: MembershipType) -> None:
        self.cards = list(Membership.objects.filter(membership_type=kind).order_by("pk")[:3])

    def __call__(self) -> None:
        for card in self.cards:
            enrolment.block(membership=card, reason="Lost", by=None)
            enrolment.unblock(membership=card, reason="Found", by=None)

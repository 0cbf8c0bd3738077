"""The screens of the bookings storage: what a saved change sets going, and what a booking's page shows."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from oauth2_provider.generators import generate_client_secret

from bookings import models as bookings
from bookings.messages import NightMessage
from bookings.models import (
    ApiClient,
    Booking,
    BookingChange,
    Guest,
    RatePlan,
    SourceRecord,
    StaffAssignment,
    User,
)
from tests import factories
from tests.extranet import House, address, browser, house, text_of, worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> House:
    return house("Seaside", hotel="SEA1")


@pytest.fixture
def manager(place: House) -> Any:
    return browser(worker("Programme manager", at=place))


def looked_at_again() -> list[str]:
    return sorted(BookingChange.objects.values_list("booking__number", flat=True))


class TestRatePlans:
    def test_the_membership_flag_has_its_bookings_looked_at_again(self, place: House, manager: Any) -> None:
        ada = place.join()
        place.stay(ada, "R1")
        place.stay(ada, "R2", rate_plan="OTHER")
        BookingChange.objects.all().delete()
        plan = RatePlan.objects.get(code="BAR")

        manager.post(address(plan, "change"), {"name": "Best available", "membership": "on"})
        assert looked_at_again() == []
        manager.post(address(plan, "change"), {"name": "Best available"})
        assert looked_at_again() == ["R1"]

    def test_so_has_a_new_plan_with_the_flag(self, place: House, manager: Any) -> None:
        place.stay(place.join(), "R1", rate_plan="NEW")
        BookingChange.objects.all().delete()
        manager.post(
            address(RatePlan, "add"), {"property": place.hotel.pk, "code": "NEW", "membership": "on"}
        )
        assert looked_at_again() == ["R1"]

    def test_so_has_one_that_is_deleted(self, place: House, manager: Any) -> None:
        place.stay(place.join(), "R1")
        BookingChange.objects.all().delete()
        manager.post(address(RatePlan.objects.get(code="BAR"), "delete"), {"post": "yes"})
        assert not RatePlan.objects.filter(code="BAR").exists()
        assert looked_at_again() == ["R1"]

    def test_property_and_code_stay(self, place: House, manager: Any) -> None:
        form = manager.get(address(RatePlan.objects.get(code="BAR"), "change")).context["adminform"].form
        assert set(form.fields) == {"name", "membership"}


class TestGuests:
    def change(self, place: House, manager: Any, guest: Guest, **values: str) -> Any:
        sent = {"kind": "individual", "first_name": guest.first_name, "last_name": guest.last_name, **values}
        return manager.post(address(guest, "change"), sent)

    def test_another_phone_has_the_guests_bookings_looked_at_again(self, place: House, manager: Any) -> None:
        place.stay(place.join(), "R1")
        guest = Booking.objects.get().guests.get().guest
        BookingChange.objects.all().delete()

        self.change(place, manager, guest, email="ada@example.com")
        assert looked_at_again() == []
        self.change(place, manager, guest, phone="+49 (151) 234-56789")
        assert looked_at_again() == ["R1"]
        guest.refresh_from_db()
        assert guest.phone == "+4915123456789"

    @pytest.mark.parametrize("phone", ["0151 2345678", "call me"])
    def test_a_phone_without_its_country(self, place: House, manager: Any, phone: str) -> None:
        guest = factories.GuestFactory(group=place.group)
        response = self.change(place, manager, guest, phone=phone)
        assert "Write the phone with its country code and digits only" in text_of(response)

    def test_the_page_shows_cards_bookings_and_what_sources_call_the_guest(
        self, place: House, manager: Any
    ) -> None:
        ada = place.join(first_name="Ada", last_name="Byron", email="ada@example.com")
        booking = place.stay(ada, "R1")
        shown = text_of(manager.get(address(ada.guest, "change")))
        assert address(ada, "change") in shown
        assert address(booking, "change") in shown
        assert "PR1" in shown

    def test_nobody_deletes_a_guest(self, place: House, manager: Any) -> None:
        assert manager.get(address(factories.GuestFactory(group=place.group), "delete")).status_code == 403

    @pytest.mark.parametrize("words", ["Byron", "ada@example.com", "+4915112345678", "PR1"])
    def test_found_by_name_mail_phone_and_external_id(self, place: House, manager: Any, words: str) -> None:
        ada = place.join(first_name="Ada", last_name="Byron", email="ada@example.com", phone="+4915112345678")
        place.stay(ada, "R1")
        place.join(first_name="Grace", last_name="Hopper")
        listed = manager.get(address(Guest), {"q": words}).context["cl"].result_list
        assert [row.last_name for row in listed] == ["Byron"]


class TestABookingsPage:
    def test_nights_guests_folio_sources_and_points(self, place: House, manager: Any) -> None:
        ada = place.join(first_name="Ada", last_name="Byron")
        booking = place.stay(ada, "R1")
        place.calculate()
        page = manager.get(address(booking, "change"))
        titles = [str(panel.title) for panel in page.context["panels"]]
        assert titles == [
            "Points of this booking", "Nights", "Guests", "Folio", "What the sources call it",
            "Versions and source records",
        ]  # fmt: skip
        shown = text_of(page)
        for words in ("€50.00", "SPA", "15 points", "Ada Byron", ada.card_number):
            assert words in shown
        assert address(SourceRecord.objects.get(), "change") in shown
        assert "add up to" not in shown

    def test_where_sent_nights_and_room_revenue_differ_the_difference_is_shown(
        self, place: House, manager: Any
    ) -> None:
        nights = (NightMessage(date=factories.NOON.date(), amount=Decimal(90), rate_plan="BAR"),)
        booking = place.stay(
            place.join(), "R1", arrival=factories.NOON.date(), departure=factories.NOON.date().replace(month=7, day=1),
            room_revenue=Decimal(100), nights=nights,
        )  # fmt: skip
        assert (
            "The nights add up to €90.00, the room revenue sent is €100.00: a difference of -€10.00. The nights count."
            in text_of(manager.get(address(booking, "change")))
        )

    def test_marketing_sees_no_booking_and_front_desk_no_source_record(self, place: House) -> None:
        booking = place.stay(place.join(), "R1")
        assert browser(worker("Marketing", at=place)).get(address(booking, "change")).status_code == 403
        desk = browser(worker("Front desk", at=place)).get(address(booking, "change"))
        assert "Versions and source records" not in text_of(desk)

    @pytest.mark.parametrize("words", ["R1", "7700000016", "Byron"])
    def test_found_by_number_card_and_guest(self, place: House, manager: Any, words: str) -> None:
        ada = place.join(first_name="Ada", last_name="Byron")
        place.stay(ada, "R1")
        place.stay(place.join(first_name="Grace", last_name="Hopper"), "X2")
        listed = manager.get(address(Booking), {"q": words}).context["cl"].result_list
        assert [row.number for row in listed] == ["R1"]


class TestApiClients:
    @pytest.fixture
    def told(self, monkeypatch: pytest.MonkeyPatch) -> str:
        """The secret that will be made: known, so that the page can be searched for it."""
        secret = generate_client_secret()
        monkeypatch.setattr("bookings.api_clients.generate_client_secret", lambda: secret)
        return secret

    def test_the_secret_is_shown_once_and_kept_as_a_hash(self, place: House, told: str) -> None:
        client = browser(worker("Integrator", at=place))
        sent = {"name": "Engine", "property_group": place.group.pk}
        response = client.post(address(ApiClient, "add"), sent)
        made = ApiClient.objects.get()
        assert told in text_of(response)
        assert "no-store" in response["Cache-Control"]
        assert (made.client_type, made.authorization_grant_type) == ("confidential", "client-credentials")
        assert made.client_secret != told
        assert told not in text_of(client.get(address(made, "change")))
        assert made.client_secret not in text_of(client.get(address(made, "change")))

    def test_a_new_secret(self, place: House, told: str) -> None:
        made = ApiClient.objects.create(name="Engine", property_group=place.group, hash_client_secret=False)
        before = made.client_secret
        client = browser(worker("Integrator", at=place))
        url = reverse("admin:bookings_apiclient_change", args=[made.pk]).replace("change/", "new-secret/")
        assert "stops working at once" in text_of(client.get(url))
        made.refresh_from_db()
        assert made.client_secret == before
        assert told in text_of(client.post(url))
        made.refresh_from_db()
        assert made.client_secret != before

    def test_without_a_name(self, place: House) -> None:
        client = browser(worker("Integrator", at=place))
        client.post(address(ApiClient, "add"), {"name": "", "property_group": place.group.pk})
        assert not ApiClient.objects.exists()


class TestUsers:
    """Superusers only: who gives rights has them all."""

    def test_a_new_user_logs_in_by_e_mail(self) -> None:
        admin = browser(factories.UserFactory(is_superuser=True))
        sent = {"email": "new@example.com", "name": "New", "usable_password": "true", "password1": "harbour-lights-9",
                "password2": "harbour-lights-9"}  # fmt: skip
        response = admin.post(address(User, "add"), sent)
        assert response.status_code == 302, response.context["errors"]
        assert User.objects.get(email="new@example.com").check_password("harbour-lights-9")

    def test_the_same_address_in_capitals(self) -> None:
        factories.UserFactory(email="desk@example.com")
        admin = browser(factories.UserFactory(is_superuser=True))
        sent = {"email": "Desk@example.com", "name": "", "usable_password": "false"}
        response = admin.post(address(User, "add"), sent)
        assert "A user with this e-mail address already exists." in text_of(response)

    def test_where_a_user_works(self, place: House) -> None:
        admin = browser(factories.UserFactory(is_superuser=True))
        user = factories.UserFactory()
        sent = {
            "email": user.email, "name": user.name, "is_active": "on", "is_staff": "on",
            "groups": [Group.objects.get(name="Front desk").pk], "assignments-TOTAL_FORMS": 1,
            "assignments-INITIAL_FORMS": 0, "assignments-0-user": user.pk, "assignments-0-group": place.group.pk,
            "assignments-0-property": "",
        }  # fmt: skip
        response = admin.post(address(user, "change"), sent)
        assert response.status_code == 302, response.context["errors"]
        assert StaffAssignment.objects.get().group == place.group
        assert [group.name for group in user.groups.all()] == ["Front desk"]

    def test_a_property_of_another_group_is_refused(self, place: House) -> None:
        admin = browser(factories.UserFactory(is_superuser=True))
        user = factories.UserFactory()
        sent = {
            "email": user.email, "name": "", "is_active": "on", "assignments-TOTAL_FORMS": 1,
            "assignments-INITIAL_FORMS": 0, "assignments-0-user": user.pk, "assignments-0-group": place.group.pk,
            "assignments-0-property": factories.PropertyFactory().pk,
        }  # fmt: skip
        assert "different property groups" in text_of(admin.post(address(user, "change"), sent))
        assert not StaffAssignment.objects.exists()

    def test_nobody_else_even_with_every_permission(self, place: House) -> None:
        client = browser(worker(at=place, everything=True))
        for model in (User, Group):
            assert client.get(address(model)).status_code == 403
            assert client.post(address(model, "add"), {}).status_code == 403
        assert client.get(reverse("admin:django_celery_beat_periodictask_changelist")).status_code == 403


class TestStaffGroups:
    def test_made_with_what_they_may_do(self) -> None:
        names = set(Group.objects.values_list("name", flat=True))
        assert names == {"Programme manager", "Front desk", "Marketing", "Accountant", "Integrator"}

    def test_made_again_they_keep_what_staff_added_and_get_back_what_the_table_says(self) -> None:
        call_command("migrate", verbosity=0)
        desk = Group.objects.get(name="Front desk")
        before = set(desk.permissions.values_list("codename", flat=True))
        assert "view_booking" in before
        desk.permissions.remove(desk.permissions.get(codename="view_booking"))
        desk.permissions.add(
            *Group.objects.get(name="Accountant").permissions.filter(codename="view_sourcerecord")
        )
        call_command("migrate", verbosity=0)
        assert set(desk.permissions.values_list("codename", flat=True)) == before | {"view_sourcerecord"}

    @pytest.mark.parametrize(
        ("group", "sees", "does_not"),
        [
            ("Front desk", bookings.Booking, bookings.SourceRecord),
            ("Marketing", bookings.Guest, bookings.FolioLine),
            ("Accountant", bookings.FolioLine, bookings.ApiClient),
            ("Integrator", bookings.SourceRecord, bookings.FolioLine),
        ],
    )
    def test_what_each_sees(self, place: House, group: str, sees: Any, does_not: Any) -> None:
        client = browser(worker(group, at=place))
        assert client.get(address(sees)).status_code == 200
        assert client.get(address(does_not)).status_code == 403

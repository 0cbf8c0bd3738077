"""Two groups of hotels, and a user of each: neither ever sees, opens, chooses or saves the other's rows."""

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings import models as bookings
from config.extranet import ViewOnlyAdmin
from loyalty import models as loyalty
from tests import extranet, factories
from tests.extranet import address, browser, furnished, worker

pytestmark = pytest.mark.django_db

OURS = [model for model in apps.get_app_config("bookings").get_models() if model in admin.site._registry]
OURS += [model for model in apps.get_app_config("loyalty").get_models() if model in admin.site._registry]
OF_A_GROUP = [model for model in OURS if model is not bookings.User]
VIEW_ONLY = [model for model in OURS if isinstance(admin.site._registry[model], ViewOnlyAdmin)]


def rows_listed(response: Any) -> set[int]:
    return {row.pk for row in response.context["cl"].result_list}


@pytest.fixture
def two_houses() -> Any:
    return furnished("Seaside", hotel="SEA1"), furnished("Alpine", hotel="ALP1")


def test_every_model_of_a_group_has_a_row_in_this_test(two_houses: Any) -> None:
    (_, seaside), _ = two_houses
    assert set(seaside) == set(OF_A_GROUP)


def test_a_list_shows_the_own_groups_rows_only(two_houses: Any) -> None:
    (house, mine), (_, theirs) = two_houses
    client = browser(worker(at=house, everything=True))
    for model in OF_A_GROUP:
        listed = rows_listed(client.get(address(model)))
        assert mine[model].pk in listed, model
        assert theirs[model].pk not in listed, model


@pytest.mark.parametrize("page", ["change", "history"])
def test_anothers_id_is_not_found(two_houses: Any, page: str) -> None:
    (house, mine), (_, theirs) = two_houses
    client = browser(worker(at=house, everything=True))
    for model in OF_A_GROUP:
        assert client.get(address(theirs[model], page)).status_code == 404, model
        assert client.get(address(mine[model], page)).status_code == 200, model


def test_anothers_row_is_never_deleted(two_houses: Any) -> None:
    (house, mine), (_, theirs) = two_houses
    client = browser(worker(at=house, everything=True))
    for model in OF_A_GROUP:
        may_delete = client.get(address(mine[model], "delete")).status_code == 200
        sent = client.post(address(theirs[model], "delete"), {"post": "yes"})
        assert sent.status_code == 404 if may_delete else sent.status_code in (403, 404), model
        assert model._default_manager.filter(pk=theirs[model].pk).exists(), model


def test_own_pages_name_nobody_of_the_other_group(two_houses: Any) -> None:
    (house, mine), (other, _) = two_houses
    client = browser(worker(at=house, everything=True))
    for model in OF_A_GROUP:
        for url in (address(model), address(mine[model], "change")):
            shown = client.get(url).content.decode()
            assert "Alpine" not in shown, url
            assert other.hotel.code not in shown, url


def test_a_search_finds_nothing_of_the_other_group(two_houses: Any) -> None:
    (house, _), (_, theirs) = two_houses
    client = browser(worker(at=house, everything=True))
    card = theirs[loyalty.Membership].card_number
    for model in OF_A_GROUP:
        for words in ("Alpine", card):
            assert theirs[model].pk not in rows_listed(client.get(address(model), {"q": words})), model


def test_autocomplete_offers_the_own_groups_rows_only(two_houses: Any) -> None:
    (house, mine), (_, theirs) = two_houses
    client = browser(worker(at=house, everything=True))
    fields = [
        (loyalty.Membership, "guest"),
        (bookings.RatePlan, "property"),
        (loyalty.EarningRule, "membership_type"),
    ]
    for model, field in fields:
        asked = {
            "app_label": model._meta.app_label,
            "model_name": model._meta.model_name,
            "field_name": field,
        }
        answer = client.get(reverse("admin:autocomplete"), asked).json()
        offered = {int(row["id"]) for row in answer["results"]}
        remote = model._meta.get_field(field).related_model
        assert mine[remote].pk in offered
        assert theirs[remote].pk not in offered


def test_who_works_at_one_hotel_sees_its_bookings_and_the_groups_members() -> None:
    place, rows = furnished("Seaside", hotel="SEA1")
    second = factories.PropertyFactory(group=place.group, code="SEA2", name="Second hotel")
    client = browser(worker(at=place, hotel=second, everything=True))
    of_the_hotel = [
        model for model in OF_A_GROUP if hasattr(model, "PROPERTY_PATH") and model is not bookings.Property
    ]
    for model in of_the_hotel:
        assert rows_listed(client.get(address(model))) == set(), model
        assert client.get(address(rows[model], "change")).status_code == 404, model
    assert rows_listed(client.get(address(bookings.Property))) == {second.pk}
    for model in (
        loyalty.Membership,
        loyalty.LedgerEntry,
        bookings.Guest,
        loyalty.MembershipType,
        loyalty.PointsLot,
    ):
        assert rows[model].pk in rows_listed(client.get(address(model))), model


def test_an_entry_of_another_hotel_shows_its_property_without_a_link_or_number() -> None:
    place, rows = furnished("Seaside", hotel="SEA1")
    second = factories.PropertyFactory(group=place.group, code="SEA2")
    client = browser(worker(at=place, hotel=second, everything=True))
    for row in (rows[loyalty.LedgerEntry], rows[loyalty.Membership]):
        shown = client.get(address(row, "change")).content.decode()
        assert "Seaside hotel (SEA1)" in shown
        assert "Seaside-1" not in shown
        assert address(rows[bookings.Booking], "change") not in shown


def test_a_booking_number_finds_entries_of_the_own_hotels_only() -> None:
    place, rows = furnished("Seaside", hotel="SEA1")
    second = factories.PropertyFactory(group=place.group, code="SEA2")
    ledger = address(loyalty.LedgerEntry)
    entry = rows[loyalty.LedgerEntry].pk
    there = browser(worker(at=place, hotel=second, everything=True))
    here = browser(worker(at=place, hotel=place.hotel, everything=True))
    not_asked = (bookings.Property, bookings.Guest)  # the guest's own number at the PMS is PSeaside-1
    for words in ("Seaside-1", "Seaside-", "side-1"):
        assert rows_listed(here.get(ledger, {"q": words})) == {entry}, words
        for model in [model for model in OF_A_GROUP if model not in not_asked]:
            assert rows_listed(there.get(address(model), {"q": words})) == set(), (model, words)
    assert rows_listed(there.get(ledger, {"q": "Member"})) == {entry}


@pytest.mark.parametrize("model", VIEW_ONLY)
def test_what_machines_write_is_looked_at_and_never_touched(model: type[Any]) -> None:
    _, rows = furnished("Seaside", hotel="SEA1")
    client = browser(factories.UserFactory(is_superuser=True))
    before = list(model.objects.values())
    assert client.get(address(model, "add")).status_code == 403
    assert client.post(address(model, "add"), {}).status_code == 403
    assert client.post(address(rows[model], "change"), {"number": "9"}).status_code == 403
    assert client.post(address(rows[model], "delete"), {"post": "yes"}).status_code == 403
    assert list(model.objects.values()) == before


def test_which_screens_are_view_only() -> None:
    assert set(VIEW_ONLY) == {
        bookings.Booking, bookings.BookingGuestCard, bookings.BookingReference, bookings.FolioLine,
        bookings.SourceRecord, loyalty.Job, loyalty.LedgerEntry, loyalty.LevelChange, loyalty.PointsLot, loyalty.Stay,
    }  # fmt: skip


class TestSavingIntoAnotherGroup:
    """What a form did not offer is refused when it is sent, and nothing changes."""

    def test_a_rate_plan_of_anothers_hotel(self, two_houses: Any) -> None:
        (house, _), (other, _) = two_houses
        client = browser(worker(at=house, everything=True))
        sent = {"property": other.hotel.pk, "code": "NEW"}
        response = client.post(address(bookings.RatePlan, "add"), sent)
        assert "property" in response.context["adminform"].form.errors
        assert not bookings.RatePlan.objects.filter(code="NEW").exists()

    def test_a_guest_of_another_group(self, two_houses: Any) -> None:
        (house, _), (other, _) = two_houses
        client = browser(worker(at=house, everything=True))
        sent = {"group": other.group.pk, "kind": "individual", "last_name": "Intruder"}
        response = client.post(address(bookings.Guest, "add"), sent)
        assert "group" in response.context["adminform"].form.errors
        assert not bookings.Guest.objects.filter(last_name="Intruder").exists()

    def test_a_class_of_another_group_on_an_own_type(self, two_houses: Any) -> None:
        (house, _), (_, theirs) = two_houses
        client = browser(worker(at=house, everything=True))
        sent = {
            "group": house.group.pk,
            "membership_class": theirs[loyalty.MembershipClass].pk,
            "code": "NEW",
        }
        response = client.post(address(loyalty.MembershipType, "add"), sent)
        assert "membership_class" in response.context["adminform"].form.errors

    def test_rows_of_two_groups_never_go_together_whoever_saves_them(self, two_houses: Any) -> None:
        (house, _), (other, _) = two_houses
        client = browser(factories.UserFactory(is_superuser=True))
        sent = {
            "group": house.group.pk, "property": other.hotel.pk, "exchange_type": "LOYALTY", "from_currency": "CHF",
            "to_currency": "EUR", "rate": "1.05", "valid_from": "2026-01-01",
        }  # fmt: skip
        response = client.post(address(bookings.ExchangeRate, "add"), sent)
        assert "different property groups" in extranet.text_of(response)
        assert not bookings.ExchangeRate.objects.filter(from_currency="CHF").exists()

    def test_who_works_for_one_group_is_not_asked_for_it(self, two_houses: Any) -> None:
        (house, _), _ = two_houses
        client = browser(worker(at=house, everything=True))
        form = client.get(address(bookings.Guest, "add")).context["adminform"].form
        assert form.fields["group"].widget.is_hidden
        assert form["group"].value() == house.group.pk

    def test_who_works_for_one_hotel_may_name_any_hotel_of_the_group_on_the_groups_own_rows(
        self, two_houses: Any
    ) -> None:
        (house, _), _ = two_houses
        second = factories.PropertyFactory(group=house.group)
        client = browser(worker(at=house, hotel=second, everything=True))
        form = client.get(address(bookings.ExchangeRate, "add")).context["adminform"].form
        assert set(form.fields["property"].queryset) == {house.hotel, second}


def test_a_list_runs_the_same_number_of_queries_for_3_and_30_rows() -> None:
    place, _ = furnished("Seaside", hotel="SEA1")
    client = browser(factories.UserFactory(is_superuser=True))
    _fill(place, range(3))
    client.get(address(bookings.Guest))  # whatever is read once a process
    few = list_all(client)
    _fill(place, range(3, 30))
    many = list_all(client)
    assert {model.__name__: (few[model], many[model]) for model in OURS if few[model] != many[model]} == {}
    assert max(many.values()) <= 20


def list_all(client: Any) -> dict[type[Any], int]:
    counts = {}
    for model in OURS:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(model)).status_code == 200
        counts[model] = len(queries)
    return counts


def _fill(place: extranet.House, numbers: range) -> None:
    for n in numbers:
        member = place.join(first_name="Guest", last_name=f"Number {n}")
        place.stay(member, f"F{n}")
        factories.MembershipTypeFactory(group=place.group, membership_class__code=f"C{n}", code=f"T{n}")
        factories.EarningRuleFactory(
            membership_type=place.type, valid_from=date(1900 + n, 1, 1), valid_until=date(1901 + n, 1, 1)
        )
        factories.PropertyFactory(group=place.group)
        bookings.RatePlan.objects.create(property=place.hotel, code=f"R{n}")
        bookings.TransactionCode.objects.create(property=place.hotel, code=f"X{n}")
        bookings.ExchangeRate.objects.create(
            group=place.group, from_currency="USD", to_currency="EUR", rate=1, valid_from=date(2000 + n, 1, 1)
        )
        bookings.ApiClient.objects.create(
            name=f"engine {n}", property_group=place.group, hash_client_secret=False
        )
        factories.UserFactory()
        factories.GroupFactory()
        job = loyalty.Job.objects.create(
            process="calculate_points", membership_type=place.type, till_date=extranet.TILL
        )
        loyalty.JobProgress.objects.create(
            job=job, process=job.process, membership_type=place.type, state="finished"
        )
    place.calculate()

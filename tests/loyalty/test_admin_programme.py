"""Setting a programme up in the extranet: a draft with its settings, its rules, and the button that activates it."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from bookings.models import BookingChange
from loyalty.models import CalculationPolicy, EarningRule, LevelPolicy, MembershipClass, MembershipType
from tests import factories
from tests.extranet import House, address, browser, house, text_of, worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> House:
    return house("Seaside", hotel="SEA1")


@pytest.fixture
def client(place: House) -> Any:
    return browser(worker("Programme manager", at=place))


def formset(prefix: str, *rows: dict[str, Any], existing: int = 0) -> dict[str, Any]:
    sent = {
        f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": existing, f"{prefix}-MIN_NUM_FORMS": 0,
        f"{prefix}-MAX_NUM_FORMS": 1000,
    }  # fmt: skip
    for number, row in enumerate(rows):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


class TestAMembershipType:
    def sent(self, place: House, **values: Any) -> dict[str, Any]:
        membership_class = MembershipClass.objects.get(group=place.group)
        base = {"rank": 1, "code": "BASE", "name": "Base"}
        return {
            "group": place.group.pk, "membership_class": membership_class.pk, "code": "CLUB", "name": "Club",
            "kind": "points", "currency": "EUR", "points_label": "Miles", "display_sequence": 10,
            **formset("levels", base), **formset("cards", {"prefix": "77", "length": 10}),
            **formset("calculation", {"delay_days": 5, "rounding": "down", "exchange_type": "LOYALTY"}),
            **formset("expiry", {"months": ""}), **formset("level_policy", {"measure": "nights"}), **values,
        }  # fmt: skip

    def test_a_draft_is_saved_with_all_its_settings_though_each_is_as_proposed(
        self, place: House, client: Any
    ) -> None:
        response = client.post(address(MembershipType, "add"), self.sent(place))
        assert response.status_code == 302, response.context["errors"]
        made = MembershipType.objects.get(code="CLUB")
        assert made.state == "draft"
        for policy in ("cards", "calculation", "expiry", "level_policy"):
            assert getattr(made, policy)
        assert made.levels.get().name == "Base"

    def test_code_and_group_stay(self, place: House, client: Any) -> None:
        draft = factories.MembershipTypeFactory(
            group=place.group, membership_class=place.type.membership_class, code="OLD", state="draft"
        )
        shown = client.get(address(draft, "change")).context["adminform"].form.fields
        assert not {"code", "group", "state"} & set(shown)

    def test_once_activated_what_points_rest_on_stays_too(self, place: House, client: Any) -> None:
        page = client.get(address(place.type, "change"))
        assert not {"kind", "currency", "membership_class"} & set(page.context["adminform"].form.fields)
        formsets = {row.formset.prefix: row.formset for row in page.context["inline_admin_formsets"]}
        assert "measure" not in formsets["level_policy"].forms[0].fields
        assert client.get(address(place.type, "delete")).status_code == 403

    def change(self, place: House, client: Any, **values: Any) -> None:
        levels = [
            {"id": row.pk, "membership_type": place.type.pk, "rank": row.rank, "code": row.code, "name": row.name,
             "threshold_nights": row.threshold_nights or "", "threshold_money": ""}
            for row in place.type.levels.order_by("rank")
        ]  # fmt: skip
        own = {"membership_type": place.type.pk}
        calculation = {
            "delay_days": 5,
            "rounding": "down",
            "exchange_type": "LOYALTY",
            "reward_pms": "on",
            **own,
        }
        sent = {
            "name": "Stay & Earn", "points_label": "points", "display_sequence": 10,
            **formset("levels", *levels, existing=4),
            **formset("cards", {"prefix": "77", "length": 10, **own}, existing=1),
            **formset("calculation", {**calculation, **values.pop("calculation", {})}, existing=1),
            **formset("expiry", {"months": "", **own}, existing=1),
            **formset("level_policy", own, existing=1), **values,
        }  # fmt: skip
        response = client.post(address(place.type, "change"), sent)
        assert response.status_code == 302, response.context["errors"]

    def test_a_changed_delay_has_every_open_stay_looked_at_again(self, place: House, client: Any) -> None:
        place.stay(place.join(), "R1")
        BookingChange.objects.all().delete()
        self.change(place, client, calculation={"delay_days": 2})
        assert CalculationPolicy.objects.get(membership_type=place.type).delay_days == 2
        assert [row.booking.number for row in BookingChange.objects.all()] == ["R1"]

    def test_so_has_switching_it_off(self, place: House, client: Any) -> None:
        place.stay(place.join(), "R1")
        BookingChange.objects.all().delete()
        self.change(place, client, inactive="on")
        assert [row.booking.number for row in BookingChange.objects.all()] == ["R1"]

    def test_another_name_changes_no_stay(self, place: House, client: Any) -> None:
        place.stay(place.join(), "R1")
        BookingChange.objects.all().delete()
        self.change(place, client, name="Sea & Earn")
        assert MembershipType.objects.get(pk=place.type.pk).name == "Sea & Earn"
        assert not BookingChange.objects.exists()

    def test_its_history_is_kept_and_shown(self, place: House, client: Any) -> None:
        self.change(place, client, name="Sea & Earn")
        assert "Sea &amp; Earn" in text_of(client.get(address(place.type, "history")))

    def test_nothing_is_put_back_from_the_history(self, place: House, client: Any) -> None:
        record = place.type.history.first()
        url = reverse("admin:loyalty_membershiptype_simple_history", args=[place.type.pk, record.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {}).status_code == 403


class TestActivation:
    @pytest.fixture
    def draft(self, place: House) -> MembershipType:
        return factories.MembershipTypeFactory(
            group=place.group,
            membership_class=place.type.membership_class,
            code="CLUB",
            name="Club",
            state="draft",
        )

    def activate(self, client: Any, draft: MembershipType) -> Any:
        return client.post(f"{address(draft, 'change')[: -len('change/')]}activate/", follow=True)

    def test_members_can_join_and_bookings_are_looked_at_again(
        self, place: House, client: Any, draft: MembershipType
    ) -> None:
        place.stay(place.join(), "R1")
        BookingChange.objects.all().delete()
        factories.EarningRuleFactory(membership_type=draft)

        response = self.activate(client, draft)

        draft.refresh_from_db()
        assert draft.state == "activated"
        assert "Club (CLUB) is activated: members can join and earn." in text_of(response)
        assert [row.booking.number for row in BookingChange.objects.all()] == ["R1"]

    def test_it_needs_an_earning_rule(self, client: Any, draft: MembershipType) -> None:
        response = self.activate(client, draft)
        assert "Club (CLUB) has no earning rule: say how points are earned first." in text_of(response)
        draft.refresh_from_db()
        assert draft.state == "draft"

    def test_it_needs_a_base_level(self, client: Any, draft: MembershipType) -> None:
        factories.EarningRuleFactory(membership_type=draft)
        draft.levels.filter(rank=1).delete()
        assert "has no base level: add a level of rank 1 first." in text_of(self.activate(client, draft))

    def test_it_needs_its_settings(self, client: Any, draft: MembershipType) -> None:
        factories.EarningRuleFactory(membership_type=draft)
        LevelPolicy.objects.filter(membership_type=draft).delete()
        assert "lacks settings: save each of its tabs first." in text_of(self.activate(client, draft))

    def test_the_button_stands_on_drafts_only(self, place: House, client: Any, draft: MembershipType) -> None:
        assert "activate/" in text_of(client.get(address(draft, "change")))
        assert "activate/" not in text_of(client.get(address(place.type, "change")))
        assert self.activate(client, place.type).status_code == 403

    def test_another_groups_draft_is_not_found(self, draft: MembershipType) -> None:
        stranger = browser(worker("Programme manager", at=house("Alpine", hotel="ALP1")))
        assert self.activate(stranger, draft).status_code == 404


class TestEarningRules:
    def add(self, place: House, client: Any, rates: Any = (), properties: Any = (), **values: Any) -> Any:
        sent = {
            "membership_type": place.type.pk, "name": "New rule", "kind": "base", "method": "percentage", "value": "7",
            "per_amount": "", "minimum_nights": 0, "valid_from": "2027-01-01", "valid_until": "",
            **formset("rates", *({"level": level.pk, "value": value} for level, value in rates)),
            **formset("properties", *({"property": row.pk} for row in properties)), **values,
        }  # fmt: skip
        return client.post(address(EarningRule, "add"), sent)

    def refused(self, response: Any, words: str) -> None:
        assert response.status_code == 200
        assert words in text_of(response)
        assert not EarningRule.objects.filter(name="New rule").exists()

    def test_a_second_main_rule_in_the_same_period(self, place: House, client: Any) -> None:
        page = self.add(place, client)
        self.refused(page, f"The main rule “{place.rule}” of this kind applies in the same period (from ")
        assert "Another main rule" not in text_of(page)

    def test_a_main_rule_after_the_first_has_ended(self, place: House, client: Any) -> None:
        EarningRule.objects.update(valid_until=date(2027, 1, 1))
        assert self.add(place, client).status_code == 302

    def test_a_rule_for_a_hotel_beside_the_main_rule(self, place: House, client: Any) -> None:
        response = self.add(place, client, properties=[place.hotel], for_chosen_properties="on")
        assert response.status_code == 302
        assert EarningRule.objects.get(name="New rule").properties.get().property == place.hotel

    def test_two_rules_for_a_hotel_in_the_same_period(self, place: House, client: Any) -> None:
        first = factories.EarningRuleFactory(
            membership_type=place.type, name="First", for_chosen_properties=True
        )
        first.properties.create(property=place.hotel)
        response = self.add(place, client, properties=[place.hotel], for_chosen_properties="on")
        self.refused(response, "the rule “First” of this kind applies in the same period. End it first.")

    def test_moving_a_rule_onto_anothers_period(self, place: House, client: Any) -> None:
        """The copies that the database compares are moved by a trigger: the form says so before."""
        first = factories.EarningRuleFactory(
            membership_type=place.type, name="First", for_chosen_properties=True, valid_until=date(2026, 1, 1)
        )
        first.properties.create(property=place.hotel)
        second = factories.EarningRuleFactory(
            membership_type=place.type, name="Second", for_chosen_properties=True, valid_from=date(2026, 1, 1)
        )
        row = second.properties.create(property=place.hotel)
        sent = {
            "name": "Second", "kind": "base", "method": "percentage", "value": "5", "minimum_nights": 0,
            "valid_from": "2025-12-31", "for_chosen_properties": "on", **formset("rates"),
            **formset("properties", {"id": row.pk, "rule": second.pk, "property": place.hotel.pk}, existing=1),
        }  # fmt: skip
        response = client.post(address(second, "change"), sent)
        assert "the rule “First” of this kind applies in the same period" in text_of(response)
        second.refresh_from_db()
        assert second.valid_from == date(2026, 1, 1)

    def test_rules_for_a_hotel_one_after_the_other(self, place: House, client: Any) -> None:
        first = factories.EarningRuleFactory(
            membership_type=place.type, for_chosen_properties=True, valid_until=date(2027, 1, 1)
        )
        first.properties.create(property=place.hotel)
        assert (
            self.add(place, client, properties=[place.hotel], for_chosen_properties="on").status_code == 302
        )

    def test_a_hotel_chosen_twice(self, place: House, client: Any) -> None:
        response = self.add(place, client, properties=[place.hotel, place.hotel], for_chosen_properties="on")
        self.refused(response, "is chosen twice.")

    def test_chosen_properties_without_one(self, place: House, client: Any) -> None:
        self.refused(
            self.add(place, client, for_chosen_properties="on"),
            "“For chosen properties” needs at least one property.",
        )

    def test_properties_on_the_main_rule(self, place: House, client: Any) -> None:
        response = self.add(place, client, properties=[place.hotel], kind="bonus")
        self.refused(response, "Switch “for chosen properties” on, or remove the properties.")

    def test_by_level_without_a_rate(self, place: House, client: Any) -> None:
        response = self.add(place, client, kind="bonus", by_level="on", value="")
        self.refused(response, "“By level” needs a rate for at least one level.")

    def test_by_level(self, place: House, client: Any) -> None:
        rates = [(level, 5 + level.rank) for level in place.type.levels.order_by("rank")]
        response = self.add(place, client, rates, kind="bonus", by_level="on", value="")
        assert response.status_code == 302
        assert [row.value for row in EarningRule.objects.get(name="New rule").rates.order_by("pk")] == [
            6,
            7,
            8,
            9,
        ]

    def test_rates_by_level_on_a_flat_rule(self, place: House, client: Any) -> None:
        rates = [(place.type.levels.get(rank=1), 5)]
        response = self.add(place, client, rates, kind="bonus")
        self.refused(response, "Switch “by level” on, or remove the rates by level.")

    def test_a_level_of_another_programme(self, place: House, client: Any) -> None:
        other = factories.MembershipTypeFactory(
            group=place.group, membership_class=place.type.membership_class, code="CLUB"
        )
        rates = [(other.levels.get(rank=2), 5)]
        response = self.add(place, client, rates, kind="bonus", by_level="on", value="")
        self.refused(response, "Silver is a level of another membership type.")

    def test_a_percentage_of_a_level_above_100(self, place: House, client: Any) -> None:
        rates = [(place.type.levels.get(rank=1), 101)]
        response = self.add(place, client, rates, kind="bonus", by_level="on", value="")
        self.refused(response, "A percentage is from 0 to 100.")

    def test_a_flat_rule_without_a_rate(self, place: House, client: Any) -> None:
        response = self.add(place, client, kind="bonus", value="")
        self.refused(response, "Write one rate for all, or switch “by level” on and leave the rate empty.")

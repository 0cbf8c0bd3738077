"""The sidebar and the start page: in order, and only what the user may see."""

from typing import Any

import pytest
from django.urls import reverse

from tests import factories
from tests.extranet import browser, house, text_of, worker

pytestmark = pytest.mark.django_db


def sidebar(client: Any) -> dict[str, list[str]]:
    groups = client.get(reverse("admin:index")).context["sidebar_navigation"]
    return {str(group["title"]): [str(item["title"]) for item in group["items"]] for group in groups}


def test_a_superuser_sees_every_group_in_order() -> None:
    shown = sidebar(browser(factories.UserFactory(is_superuser=True)))
    assert list(shown) == [
        "Guest management", "Front desk", "Room management", "PMS integration", "Points management",
        "Administration",
    ]  # fmt: skip
    assert shown["Points management"] == [
        "Calculate points", "Jobs", "Stays", "Points ledger", "Points lots", "Level changes",
    ]  # fmt: skip


def test_marketing_sees_its_own() -> None:
    assert sidebar(browser(worker("Marketing", at=house()))) == {
        "Guest management": ["Members", "Guests", "Membership types", "Membership classes", "Earning rules"],
        "Room management": ["Properties", "Rate plans", "Property groups"],
        "Points management": ["Points ledger", "Points lots", "Level changes"],
    }


def test_who_has_no_rights_is_told_what_to_do() -> None:
    client = browser(factories.UserFactory())
    assert sidebar(client) == {}
    assert "You have no rights here yet." in text_of(client.get(reverse("admin:index")))


def test_who_is_not_staff_is_sent_to_the_log_in() -> None:
    client = browser(factories.UserFactory(is_staff=False))
    for name in ("admin:index", "admin:loyalty_calculate_points", "admin:loyalty_membership_changelist"):
        assert client.get(reverse(name)).status_code == 302


def test_the_start_page_counts_what_the_user_may_see(django_assert_max_num_queries: Any) -> None:
    place, other = house(), house("Alpine", hotel="ALP1")
    place.stay(place.join(), "R1")
    place.calculate()
    other.join()
    client = browser(worker("Programme manager", at=place))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("admin:index"))
    tiles = {str(tile["title"]): str(tile["figure"]) for tile in page.context["tiles"]}
    assert tiles == {
        "Active members": "1", "Stays due for points": "0", "Stays with exceptions": "0", "Last job": "Finished",
    }  # fmt: skip
    assert page.context["tiles"][-1]["note"] == "Stay & Earn till June 30, 2026"

"""The sidebar and the start page: in order, and only what the user may see."""

from typing import Any

import pytest
from django.template.loader import render_to_string
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
    client = browser(worker(at=house()))
    assert sidebar(client) == {}
    assert "You have no rights here yet." in text_of(client.get(reverse("admin:index")))


def test_who_works_nowhere_is_told_whom_to_ask() -> None:
    page = browser(worker("Programme manager")).get(reverse("admin:index"))
    assert page.context["sidebar_navigation"] == []
    assert "You are not assigned to a hotel yet." in text_of(page)
    assert 'class="tile"' not in text_of(page)


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


def test_an_empty_list_says_what_to_do() -> None:
    page = browser(worker("Front desk", at=house())).get(reverse("admin:bookings_booking_changelist"))
    assert "Nothing found. Change the search or reset the filters." in text_of(page)
    assert "yielded" not in text_of(page)


@pytest.mark.parametrize("name", ["403.html", "404.html", "500.html"])
def test_an_error_page_needs_nothing_and_leads_to_the_start(name: str) -> None:
    page = render_to_string(name)  # without a request: an error may have come before there was one
    assert '<meta name="viewport"' in page
    assert f'href="{reverse("admin:index")}"' in page
    assert "<script" not in page
    assert "style=" not in page


def test_who_integrates_a_pms_sees_no_member_through_stays() -> None:
    place = house()
    place.stay(place.join(), "R1")
    place.calculate()
    client = browser(worker("Integrator", at=place))
    for screen in ("loyalty_stay", "loyalty_membership", "loyalty_ledgerentry"):
        assert client.get(reverse(f"admin:{screen}_changelist")).status_code == 403


def test_the_keyboard_may_skip_the_sidebar() -> None:
    page = text_of(browser(worker("Front desk", at=house())).get(reverse("admin:index")))
    assert page.index('href="#content"') < page.index('id="nav-sidebar"') < page.index('id="content"')

"""A programme manager logs in, looks at a member with the keyboard, and follows *calculate points* to its end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bookings.models import User
from loyalty import tasks
from loyalty.jobs import runner
from loyalty.models import Job
from tests.extranet import House, address, house, worker

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


def fits(page: Any) -> bool:
    """Nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def log_in(page: Any, user: User) -> None:
    user.set_password("harbour-lights-9")
    user.save(update_fields=["password"])
    page.goto("/admin/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill("harbour-lights-9")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Points management").last).to_be_visible()
    assert fits(page)


def see_where_a_booking_came_from(page: Any, place: House) -> None:
    """The tooltip of the source icon: hidden, shown on focus, put away by Escape, shown again on touch or pointer."""
    page.goto(address(place.type.memberships.get(), "change"))
    expect(page.get_by_text("15 points").first).to_be_visible()
    assert fits(page)
    tooltip = page.get_by_role("tooltip", include_hidden=True)
    expect(tooltip).to_be_hidden()
    icon = page.get_by_role("button", name="Source: PMS")
    icon.focus()
    expect(tooltip).to_be_visible()
    expect(tooltip).to_have_text("This booking came from the PMS")
    expect(icon).to_have_accessible_description("This booking came from the PMS")
    assert fits(page)
    page.keyboard.press("Escape")
    expect(tooltip).to_be_hidden()
    icon.blur()
    icon.click()
    expect(tooltip).to_be_visible()


def calculate(page: Any) -> None:
    """The bar moves without the page being loaded again: what the page remembers is still there at the end."""
    page.goto("/admin/points-management/calculate/")
    page.get_by_role("button", name="Calculate points").click()
    job = Job.objects.latest("pk")
    expect(page.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
    expect(page.get_by_text("The workers cannot be reached just now")).to_be_visible()
    assert fits(page)
    page.evaluate("window.sameDocument = true")

    runner.plan_waiting(clock=lambda: NOW)
    expect(page.get_by_role("heading", name="Running")).to_be_visible()
    runner.work(clock=lambda: NOW)
    expect(page.get_by_role("heading", name="Finished")).to_be_visible()

    bar = page.get_by_role("progressbar").first
    expect(bar).to_have_attribute("aria-valuenow", "100")
    expect(page.get_by_role("status")).to_have_text("1 of 1 stays looked at.")
    expect(page.get_by_role("link", name="Refresh")).to_have_count(0)
    assert page.evaluate("window.sameDocument") is True
    assert runner.standing(job).credited == 1


def test_a_walk_through_the_extranet(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place = house()
    member = place.join(first_name="Ada", last_name="Byron")
    place.stay(member, "R1")
    place.calculate()
    place.stay(member, "R2", arrival=(NOW - timedelta(days=20)).date())
    log_in(page, worker("Programme manager", at=place))
    see_where_a_booking_came_from(page, place)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(
        tasks, "wake_planner", lambda: False
    )  # no worker runs beside this test: it works itself
    calculate(page)

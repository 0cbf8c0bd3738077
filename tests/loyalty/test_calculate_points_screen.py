"""The *Calculate points* screen (opera-calculate-points.txt): who may ask, what is refused, how a job is followed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from loyalty import tasks
from loyalty.jobs import runner
from loyalty.models import Job, JobChunk, JobProgress, Membership
from tests import factories
from tests.extranet import House, address, browser, house, text_of, worker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def place() -> House:
    return house("Seaside", hotel="SEA1")


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What the broker answers; the screen is outside of our rules here."""
    calls: list[bool] = []
    monkeypatch.setattr(tasks, "wake_planner", lambda: not calls.append(True))
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return calls


def screen() -> str:
    return reverse("admin:loyalty_calculate_points")


def ask(client: Any, place: House, till: str = "2026-06-30") -> Any:
    return client.post(screen(), {"membership_type": place.type.pk, "till_date": till})


def test_it_records_one_job_and_leads_to_its_page(place: House, woken: list[bool]) -> None:
    user = worker("Programme manager", at=place)

    response = ask(browser(user), place)

    job = Job.objects.get()
    assert (response.status_code, response.url) == (302, address(job, "change"))
    assert (job.process, job.membership_type, job.till_date, job.asked_by) == (
        "calculate_points", place.type, date(2026, 6, 30), user,
    )  # fmt: skip
    assert job.progress.state == JobProgress.State.WAITING
    assert woken == [True]


def test_asking_twice_finds_the_same_job(place: House, woken: list[bool]) -> None:
    client = browser(worker("Programme manager", at=place))
    ask(client, place)
    response = client.post(
        screen(), {"membership_type": place.type.pk, "till_date": "2026-06-30"}, follow=True
    )
    assert Job.objects.count() == 1
    assert f"Job {Job.objects.get().pk} is resumed." in text_of(response)


def test_when_the_broker_is_down_the_job_is_recorded_and_waits(
    place: House, woken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "wake_planner", lambda: False)
    client = browser(worker("Programme manager", at=place))
    response = client.post(
        screen(), {"membership_type": place.type.pk, "till_date": "2026-06-30"}, follow=True
    )
    assert Job.objects.count() == 1
    assert "it waits and starts by itself once they are back" in text_of(response)


def test_it_proposes_today_in_the_groups_time_zone_and_shows_the_delay(
    place: House, woken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 22:30 UTC it is the next day in Berlin already."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 6, 30, 22, 30, tzinfo=UTC))
    response = browser(worker("Programme manager", at=place)).get(screen())
    assert 'value="2026-07-01"' in text_of(response)
    assert "Seaside · delay 5 days · proposed till July 1, 2026" in text_of(response)


@pytest.mark.parametrize(
    ("till", "words"),
    [
        ("2026-07-01", "2026-07-01 is in the future: choose a till date up to today, 2026-06-30."),
        ("2026-02-30", "Enter a valid date."),
        ("", "This field is required."),
    ],
)
def test_a_till_date_that_cannot_be(place: House, woken: list[bool], till: str, words: str) -> None:
    response = ask(browser(worker("Programme manager", at=place)), place, till)
    assert response.status_code == 200
    assert words in text_of(response)
    assert not Job.objects.exists()
    assert woken == []


def test_another_till_date_while_one_is_not_finished(place: House, woken: list[bool]) -> None:
    client = browser(worker("Programme manager", at=place))
    ask(client, place)
    response = ask(client, place, "2026-06-29")
    assert (
        f"Job {Job.objects.get().pk} for Stay &amp; Earn (STAY) till 2026-06-30 is not finished"
        in text_of(response)
    )
    assert Job.objects.count() == 1


@pytest.mark.parametrize("values", [{"state": "draft"}, {"inactive": True}, {"kind": "external"}])
def test_a_type_that_earns_nothing_here_is_not_offered(place: House, woken: list[bool], values: Any) -> None:
    type(place.type).objects.filter(pk=place.type.pk).update(**values)
    client = browser(worker("Programme manager", at=place))
    assert "There is no programme to calculate" in text_of(client.get(screen()))
    assert ask(client, place).status_code == 200
    assert not Job.objects.exists()


def test_another_groups_type_is_neither_offered_nor_taken(place: House, woken: list[bool]) -> None:
    other = house("Alpine", hotel="ALP1")
    client = browser(worker("Programme manager", at=place))
    assert "Alpine" not in text_of(client.get(screen()))
    assert "Select a valid choice" in text_of(ask(client, other))
    assert not Job.objects.exists()


@pytest.mark.parametrize("group", ["Front desk", "Marketing", "Accountant", "Integrator"])
def test_only_programme_managers_may_run_it(place: House, woken: list[bool], group: str) -> None:
    client = browser(worker(group, at=place))
    assert client.get(screen()).status_code == 403
    assert ask(client, place).status_code == 403
    assert screen() not in text_of(client.get(reverse("admin:index")))
    assert not Job.objects.exists()


class TestFollowing:
    """The job's page and the figures that its bar asks for."""

    def figures(self, client: Any, job: Job) -> dict[str, Any]:
        return client.get(reverse("admin:loyalty_job_progress", args=[job.pk])).json()

    @pytest.fixture
    def job(self, place: House) -> Job:
        self.member: Membership = place.join()
        place.stay(self.member, "1")
        place.stay(self.member, "2", arrival=date(2026, 6, 10))
        job, _ = runner.ask(
            process="calculate_points", membership_type=place.type, till=date(2026, 6, 30), by=None, at=NOW
        )
        return job

    def test_from_waiting_to_finished(self, place: House, job: Job) -> None:
        client = browser(worker("Programme manager", at=place))
        waiting = self.figures(client, job)
        assert (waiting["state"], waiting["percent"], waiting["is_over"]) == (
            "Waiting for a worker",
            0,
            False,
        )

        runner.plan_waiting(clock=lambda: NOW)
        planned = self.figures(client, job)
        assert (planned["state"], planned["figures"]["seen"]) == ("Running", "0 / 2")

        runner.work(clock=lambda: NOW)
        assert self.figures(client, job) == {
            "state": "Finished",
            "is_over": True,
            "percent": 100,
            "summary": "2 of 2 stays looked at.",
            "figures": {"seen": "2 / 2", "credited": "2", "points": "30 points", "levels": "2"},
            "errors": [],
        }

    def test_the_page_says_the_same_without_a_script(self, place: House, job: Job) -> None:
        page = browser(worker("Programme manager", at=place)).get(address(job, "change"))
        shown = text_of(page)
        assert 'role="progressbar"' in shown
        assert 'aria-live="polite"' in shown
        assert reverse("admin:loyalty_job_progress", args=[job.pk]) in shown
        assert "Refresh" in shown

    def test_errors_are_shown(self, place: House, job: Job) -> None:
        runner.plan_waiting(clock=lambda: NOW)
        JobChunk.objects.update(state="failed", error="ValueError: a rate of <nothing>")
        JobProgress.objects.update(state="failed")
        client = browser(worker("Programme manager", at=place))
        assert self.figures(client, job)["errors"] == ["ValueError: a rate of <nothing>"]
        assert "ValueError: a rate of &lt;nothing&gt;" in text_of(client.get(address(job, "change")))
        assert "Ask for the same till date again" in text_of(client.get(address(job, "change")))

    def test_no_stay_due(self, place: House) -> None:
        job, _ = runner.ask(
            process="calculate_points", membership_type=place.type, till=date(2026, 6, 30), by=None, at=NOW
        )
        runner.plan_waiting(clock=lambda: NOW)
        assert self.figures(browser(worker("Programme manager", at=place)), job)["summary"] == (
            "No stay was due till June 30, 2026."
        )

    def test_another_groups_job_is_not_found(self, place: House, job: Job) -> None:
        client = browser(worker("Programme manager", at=house("Alpine", hotel="ALP1")))
        assert client.get(reverse("admin:loyalty_job_progress", args=[job.pk])).status_code == 404

    def test_who_may_not_see_jobs(self, place: House, job: Job) -> None:
        client = browser(worker("Marketing", at=place))
        assert client.get(reverse("admin:loyalty_job_progress", args=[job.pk])).status_code == 404


def test_yesterday_is_a_fine_till_date(place: House, woken: list[bool]) -> None:
    yesterday = factories.NOON.date() - timedelta(days=1)
    ask(browser(worker("Programme manager", at=place)), place, yesterday.isoformat())
    assert Job.objects.get().till_date == yesterday

"""``manage.py calculate_points``: what staff type, and the one sentence that answers nonsense (exit 2)."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from loyalty.models import Job, JobProgress
from tests import factories
from tests.loyalty.conftest import Programme, points


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("calculate_points", *arguments, stdout=out)
    return out.getvalue()


def test_calculates_here_and_says_what_came_of_it(programme: Programme) -> None:
    ada = programme.join()
    programme.stay(ada)

    said = run("STAY", "--till", "2026-06-30")

    assert said.splitlines()[1] == "1 stays calculated, 1 credited, 10 points, 0 levels reached."
    assert points(ada) == [10]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["NONE", "--till", "2026-06-30"], "There is no membership type NONE. Known: STAY."),
        (["STAY", "--till", "2099-01-01"], "2099-01-01 is in the future"),
        (["STAY", "--till", "30.06.2026"], "--till 30.06.2026 is not a date: write YYYY-MM-DD"),
        (["STAY", "--till", "2026-02-30"], "--till 2026-02-30 is not a date"),
        (["STAY", "--till", "2026-06-30", "--group", "elsewhere"], "There is no property group elsewhere"),
        (["STAY", "--till", "20260630"], "is not a date"),
    ],
)
def test_nonsense_is_one_sentence_and_exit_2(
    programme: Programme, arguments: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence) as refused:
        run(*arguments)
    assert refused.value.returncode == 2
    assert not Job.objects.exists()


def test_a_draft_is_refused(programme: Programme) -> None:
    programme.type.state = "draft"
    programme.type.save()
    with pytest.raises(CommandError, match="is a draft") as refused:
        run("STAY", "--till", "2026-06-30")
    assert refused.value.returncode == 2


def test_a_code_that_two_groups_have_needs_the_group(programme: Programme) -> None:
    factories.MembershipTypeFactory()

    with pytest.raises(CommandError, match="name one with --group"):
        run("STAY", "--till", "2026-06-30")
    run("STAY", "--till", "2026-06-30", "--group", programme.group.code)

    assert Job.objects.get().membership_type == programme.type


def test_queue_records_the_job_and_returns(programme: Programme) -> None:
    programme.stay(programme.join())

    said = run("STAY", "--till", "2026-06-30", "--queue")

    assert f"Job {Job.objects.get().pk} is recorded." in said
    assert JobProgress.objects.get().state == "waiting"

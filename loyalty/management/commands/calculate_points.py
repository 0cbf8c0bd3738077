"""``manage.py calculate_points TYPE --till DATE [--group CODE] [--queue]``."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from loyalty import tasks
from loyalty.jobs import runner
from loyalty.management.arguments import iso_date, membership_type
from loyalty.models import Job


class Command(BaseCommand):
    help = "Turns the due stays of a membership type into ledger entries, here or (--queue) on the workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("type", help="code of the membership type")
        parser.add_argument("--till", required=True, metavar="YYYY-MM-DD", help="calculate till date")
        parser.add_argument(
            "--group", default="", help="code of the property group, where several have this type code"
        )
        parser.add_argument(
            "--queue", action="store_true", help="record the job for the workers and return at once"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = membership_type(options["type"], group=options["group"])
        till: date = iso_date(options["till"], name="--till")
        try:
            job, found = runner.ask(
                process=Job.Process.CALCULATE_POINTS,
                membership_type=wanted,
                till=till,
                by=None,
                at=timezone.now(),
            )
        except runner.JobRefused as refused:
            raise CommandError(str(refused), returncode=2) from refused
        self.stdout.write(
            (_("Job %(id)d is resumed.") if found else _("Job %(id)d is recorded.")) % {"id": job.pk}
        )
        if options["queue"]:
            if not tasks.wake_planner():
                self.stdout.write(_("The broker is down: the job waits until it is back."))
            return
        self._run_here(job)

    def _run_here(self, job: Job) -> None:
        with tqdm(total=0, unit=" stays", disable=None) as bar:

            def show(_job: Job) -> None:
                standing = runner.standing(job)
                bar.total = standing.total
                bar.update(standing.seen - bar.n)

            runner.plan_waiting(clock=timezone.now)
            runner.work(clock=timezone.now, on_chunk=show)
        standing = runner.standing(job)
        if not standing.is_over:
            self.stdout.write(
                _("Other workers are still at it: ask again for the same till date to see the end.")
            )
        self.stdout.write(
            _("%(seen)d stays calculated, %(credited)d credited, %(points)d points, %(levels)d levels reached.")
            % {"seen": standing.seen, "credited": standing.credited, "points": standing.points,
               "levels": standing.level_changes}
        )  # fmt: skip
        if standing.errors:
            raise CommandError("\n".join(standing.errors))

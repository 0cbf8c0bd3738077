"""``manage.py demo [--no-serve]``: loads the demo where it is missing, calculates points, serves the site."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from config import serving
from loyalty.demo import calculation, database, load, story, summary
from loyalty.jobs import runner
from loyalty.models import Job, JobProgress

# No rate: it would count the worker's start and end too. The summary tells the job's own.
BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt}{unit} [{elapsed}]"


class Command(BaseCommand):
    help = "Loads a hotel group with members and bookings, calculates points on a worker, serves the site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="stop after the summary")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["no_serve"]:
            self._address()  # a wrong one is said before the work, not after it
        try:
            with database.one_at_a_time(say=self._say) as admin:
                job = self._prepare(admin)
        except (database.RebuildError, load.ForeignDataError) as refused:
            raise CommandError(str(refused), returncode=2) from refused
        except calculation.CalculationError as failed:
            raise CommandError(str(failed)) from failed
        except KeyboardInterrupt as stopped:
            raise CommandError(_("Stopped. Run it again: it goes on from here."), returncode=130) from stopped
        self._sum_up(job)
        if not options["no_serve"]:
            self._serve()

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _prepare(self, admin: Any) -> Job:
        """The demo, loaded and calculated. Each step is left out where it was done before."""
        database.make_ready(admin, say=self._say)
        if not connection.introspection.table_names():
            self._say(_("Making the tables …"))
        call_command("migrate", interactive=False, verbosity=0)
        job = load.first_job()
        if job is None:
            self._say(_("Loading the demo: members, and bookings through the intake …"))
            job = load.load(at=timezone.now())
        database.mark_as_ours(admin)
        self._calculate(job)
        load.change_too_late(job, at=timezone.now())
        return job

    def _calculate(self, job: Job) -> None:
        if runner.standing(job).state == JobProgress.State.FINISHED:
            self._say(_("The demo is loaded and calculated."))
            return
        self._say(_("Calculating points on a worker …"))
        with tqdm(total=0, unit=" stays", bar_format=BAR, disable=None) as bar:

            def show(standing: runner.Standing) -> None:
                bar.total = standing.total
                bar.update(standing.seen - bar.n)

            calculation.run(job, show=show)

    def _sum_up(self, job: Job) -> None:
        figures = summary.summarise(job)
        for line in summary.lines(figures):
            self._say(line)
        if figures.findings:
            raise CommandError(_("The ledger does not add up."))

    def _address(self) -> str:
        try:
            return serving.free_address()
        except ImproperlyConfigured as refused:
            raise CommandError(str(refused), returncode=2) from refused

    def _serve(self) -> None:
        bind = self._address()
        if bind != serving.DEFAULT_BIND:
            self._say(_("Port 8000 is not used: it is taken, or BIND names another address."))
        self._say("")
        self._say(_("The site: http://%(address)s/ (Ctrl-C ends it)") % {"address": bind})
        for login in story.LOGINS:
            self._say(f"  {login.email:<22}{login.password:<16}{login.name}")
        self._say("")
        connections.close_all()  # the processes to come are forked from this one
        sys.exit(serving.serve(bind=bind))

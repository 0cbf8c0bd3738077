"""The Points Management jobs: where each stands, its chunks, and the figures that its progress bar
follows."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from bookings.admin.looks import labelled
from bookings.admin.records import Column, Fact, Panel, RecordAdmin, day, link, list_link, may_view
from bookings.admin.scoped import ScopedFilter
from loyalty.admin.words import JOB_LABELS
from loyalty.explanation import points
from loyalty.jobs import runner
from loyalty.models import Job, JobProgress, Stay

SHOWN_CHUNKS = 100


def chunks(request: HttpRequest, job: Job) -> Panel:
    rows = list(job.chunks.order_by("pk")[: SHOWN_CHUNKS + 1])
    label = job.membership_type.points_label
    return Panel(
        title=_("Chunks"),
        columns=[
            Column(_("Chunk"), True),
            Column(_("State")),
            Column(_("Stays"), True),
            Column(_("Credited"), True),
            Column(_("Points"), True),
            Column(_("Levels reached"), True),
            Column(_("Seconds"), True),
            Column(_("Error")),
        ],
        rows=[
            (
                number,
                chunk.get_state_display(),
                f"{chunk.seen:,} / {chunk.stays:,}",
                f"{chunk.credited:,}",
                points(chunk.points, label),
                f"{chunk.level_changes:,}",
                f"{chunk.seconds:.1f}",
                chunk.error or "–",
            )
            for number, chunk in enumerate(rows[:SHOWN_CHUNKS], 1)
        ],
        note=_("The first %(count)s are shown.") % {"count": SHOWN_CHUNKS}
        if len(rows) > SHOWN_CHUNKS
        else "",
        empty=_("Not cut into chunks yet, or no stay is due."),
    )


@admin.register(Job)
class JobAdmin(RecordAdmin):
    change_form_template = "admin/loyalty/job_page.html"
    list_display = ("job", "membership_type", "till_date", "standing", "stays", "asked_at", "who")
    list_filter = (
        ("membership_type", ScopedFilter),
        ("progress__state", ChoicesDropdownFilter),
        ("till_date", RangeDateFilter),
    )
    list_select_related = ("membership_type", "progress", "asked_by")
    search_fields = ("=id", "membership_type__name", "membership_type__code")
    search_help_text = gettext_lazy("Job number, or membership type")
    panels = [chunks]

    @display(description=gettext_lazy("job"), ordering="pk")
    def job(self, job: Job) -> str:
        return str(job)

    @labelled(description=gettext_lazy("state"), colours=JOB_LABELS)
    def standing(self, job: Job) -> tuple[str, str]:
        return job.progress.state, job.progress.get_state_display()

    @display(description=gettext_lazy("stays to calculate"))
    def stays(self, job: Job) -> str:
        planned = job.progress.state != JobProgress.State.WAITING
        return f"{job.progress.total:,}" if planned else _("Not counted yet")

    @display(description=gettext_lazy("asked by"), ordering="asked_by")
    def who(self, job: Job) -> str:
        return str(job.asked_by or _("The system"))

    def get_urls(self) -> list[URLPattern]:
        progress = path(
            "<int:job_id>/progress/", self.admin_site.admin_view(self.progress), name="loyalty_job_progress"
        )
        return [progress, *super().get_urls()]

    def progress(self, request: HttpRequest, job_id: int) -> HttpResponse:
        """The figures of the bar, in words that the page shows as they are."""
        job = self.get_object(request, str(job_id))
        if job is None or not self.has_view_permission(request, job):
            raise Http404
        return JsonResponse(figures(job))

    def facts(self, request: HttpRequest, obj: Job) -> list[Fact]:
        progress = obj.progress
        return [
            (_("Process"), obj.get_process_display()),
            (_("Membership type"), link(request, obj.membership_type)),
            (_("Calculate till"), day(obj.till_date)),
            (_("Asked by"), self.who(obj)),
            (_("Asked"), _moment(obj.asked_at)),
            (_("Started"), progress.started_at and _moment(progress.started_at)),
            (_("Finished"), progress.finished_at and _moment(progress.finished_at)),
            (_("What came of them"), _without_points(request, obj) if progress.finished_at else ""),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        job = kwargs["obj"]
        context["progress"] = figures(job)
        context["progress_url"] = reverse("admin:loyalty_job_progress", args=[job.pk])
        return super().render_change_form(request, context, *args, **kwargs)


def _without_points(request: HttpRequest, job: Job) -> Any:
    """To the programme's stays in the states that may hold nothing earned; each names its reason."""
    if not may_view(request, Stay):
        return ""
    of_type = f"membership_type__id__exact={job.membership_type_id}&state__exact="
    calculated = list_link(Stay, of_type + Stay.State.CALCULATED, _("Calculated stays"))
    exceptions = list_link(Stay, of_type + Stay.State.EXCEPTION, _("Stays with exceptions"))
    return format_html("{} · {}", calculated, exceptions)


def figures(job: Job) -> dict[str, Any]:
    standing = runner.standing(job)
    label = job.membership_type.points_label
    return {
        "state": JobProgress.State(standing.state).label,
        "is_over": standing.is_over,
        "percent": standing.percent,
        "summary": _summary(standing, job),
        "figures": {
            "seen": f"{standing.seen:,} / {standing.total:,}",
            "credited": f"{standing.credited:,}",
            "points": points(standing.points, label),
            "levels": f"{standing.level_changes:,}",
        },
        "errors": list(standing.errors),
    }


def _summary(standing: runner.Standing, job: Job) -> str:
    """One sentence: where the job stands."""
    if standing.state == JobProgress.State.WAITING:
        return _(
            "Recorded. It starts when a worker takes it up, within about 15 seconds of the workers running."
        )
    if standing.state == JobProgress.State.FAILED:
        return _("Some chunks were stopped by an error. Ask for the same till date again to resume the rest.")
    if standing.state == JobProgress.State.FINISHED and not standing.total:
        return _("No stay was due till %(till)s.") % {"till": day(job.till_date)}
    counts = {"seen": f"{standing.seen:,}", "total": f"{standing.total:,}"}
    return _("%(seen)s of %(total)s stays looked at.") % counts


def _moment(value: Any) -> str:
    return date_format(timezone.localtime(value), "DATETIME_FORMAT")

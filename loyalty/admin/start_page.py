"""The start page: a few figures, each linked to the rows behind it, for whoever may see those rows."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.admin.records import day, may_view
from bookings.admin.scoped import staff
from loyalty import overview
from loyalty.models import Job, Membership, Stay


def figures(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Named in the settings as the site's dashboard."""
    context["tiles"] = [*_members(request), *_stays(request), *_last_job(request)]
    context["title"] = _("Start")
    return context


def _members(request: HttpRequest) -> list[dict[str, Any]]:
    if not may_view(request, Membership):
        return []
    return [
        _tile(
            _("Active members"),
            overview.active_members(staff(request)),
            "loyalty_membership",
            "status__exact=active",
            "card_membership",
        )
    ]


def _stays(request: HttpRequest) -> list[dict[str, Any]]:
    if not may_view(request, Stay):
        return []
    today = timezone.now().date()
    stays = overview.stays(staff(request), today=today)
    due = f"state__exact=due&due_on_to={today}"
    return [
        _tile(_("Stays due for points"), stays.due, "loyalty_stay", due, "luggage"),
        _tile(
            _("Stays with exceptions"), stays.exceptions, "loyalty_stay", "state__exact=exception", "error"
        ),
    ]


def _last_job(request: HttpRequest) -> list[dict[str, Any]]:
    if not may_view(request, Job):
        return []
    job = overview.last_job(staff(request))
    tile = {"title": _("Last job"), "icon": "schedule", "url": reverse("admin:loyalty_job_changelist")}
    if job is None:
        return [{**tile, "figure": _("None yet"), "note": _("Points are calculated when a job runs.")}]
    note = _("%(type)s till %(till)s") % {"type": job.membership_type.name, "till": day(job.till_date)}
    url = reverse("admin:loyalty_job_change", args=[job.pk])
    return [{**tile, "figure": job.progress.get_state_display(), "note": note, "url": url}]


def _tile(title: Any, figure: int, screen: str, query: str, icon: str) -> dict[str, Any]:
    url = reverse(f"admin:{screen}_changelist")
    return {"title": title, "figure": f"{figure:,}", "icon": icon, "url": f"{url}?{query}"}

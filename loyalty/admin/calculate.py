"""The *Calculate points* screen: choose a programme and a till date, record the job, follow it on its
page."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from bookings import access
from bookings.admin.forms import form_page
from bookings.admin.records import day
from bookings.admin.scoped import staff
from config.extranet import Page, add_page
from loyalty import tasks
from loyalty.jobs import runner
from loyalty.models import Job, MembershipType


class CalculateForm(forms.Form):
    membership_type = forms.ModelChoiceField(
        MembershipType.objects.none(),
        label=gettext_lazy("Membership type"),
        widget=forms.RadioSelect,
        empty_label=None,
    )
    till_date = forms.DateField(
        label=gettext_lazy("Calculate till date"),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text=gettext_lazy(
            "Stays whose check-out date plus the delay in days is on or before this day. Not after today."
        ),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A programme that can be calculated. ``today`` is the day in its group's time zone: the proposed till
    date."""

    type: MembershipType
    today: date

    def words(self) -> str:
        delay = self.type.calculation.delay_days
        return _("%(group)s · delay %(delay)s days · proposed till %(today)s") % {
            "group": self.type.group,
            "delay": delay,
            "today": day(self.today),
        }


def calculate_points(request: HttpRequest) -> HttpResponse:
    choices = _choices(request)
    form = CalculateForm(request.POST if request.method == "POST" else None, initial=_proposed(choices))
    fields: dict[str, Any] = form.fields
    fields["membership_type"].queryset = MembershipType.objects.filter(
        pk__in=[row.type.pk for row in choices]
    )
    if request.method == "POST" and form.is_valid():
        try:
            job, found = runner.ask(
                process=Job.Process.CALCULATE_POINTS,
                membership_type=form.cleaned_data["membership_type"],
                till=form.cleaned_data["till_date"],
                by=staff(request),
                at=timezone.now(),
            )
        except runner.JobRefused as refused:
            form.add_error(None, str(refused))
        else:
            _tell(request, job, found=found, woken=tasks.wake_planner())  # ``ask`` has committed
            return redirect("admin:loyalty_job_change", job.pk)
    return form_page(
        request,
        form=form,
        title=_("Calculate points"),
        submit=_("Calculate points"),
        back=reverse("admin:loyalty_job_changelist"),
        intro=_(
            "Turns stays that are due into entries on the members' cards. Doing it twice changes nothing."
        ),
        template="admin/loyalty/calculate_points.html",
        choices=choices,
        chosen=str(form["membership_type"].value() or ""),
        types_url=reverse("admin:loyalty_membershiptype_changelist"),
    )


def _choices(request: HttpRequest) -> list[Choice]:
    types = MembershipType.objects.filter(state=MembershipType.State.ACTIVATED, inactive=False)
    types = types.exclude(kind=MembershipType.Kind.EXTERNAL).select_related("group", "calculation")
    now = timezone.now()
    limited = access.limit(types, user=request.user).order_by("group__name", "display_sequence", "name")
    return [Choice(row, row.group.local_date(now)) for row in limited]


def _proposed(choices: list[Choice]) -> dict[str, Any]:
    """Today, in the time zone of the first programme; the only programme is chosen already."""
    if not choices:
        return {}
    only = choices[0].type.pk if len(choices) == 1 else None
    return {"membership_type": only, "till_date": min(row.today for row in choices).isoformat()}


def _tell(request: HttpRequest, job: Job, *, found: bool, woken: bool) -> None:
    said = _("Job %(id)s is resumed.") if found else _("Job %(id)s is recorded.")
    if woken:
        messages.success(request, said % {"id": job.pk})
    else:
        waits = _("The workers cannot be reached just now: it waits and starts by itself once they are back.")
        messages.warning(request, f"{said % {'id': job.pk}} {waits}")


add_page(
    Page(
        path="points-management/calculate/",
        name="loyalty_calculate_points",
        view=calculate_points,
        permission="loyalty.add_job",
    )
)

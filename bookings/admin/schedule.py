"""The schedule of the workers (django-celery-beat), in the extranet's looks. Superusers only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_celery_beat.admin import ClockedScheduleAdmin as BaseClockedScheduleAdmin
from django_celery_beat.admin import CrontabScheduleAdmin as BaseCrontabScheduleAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BasePeriodicTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from bookings.admin.scoped import ScopedScreen
from bookings.admin.users import SuperuserOnly

for _model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(_model)  # a solar schedule has no use here and stays off


class DressedTaskSelectWidget(UnfoldAdminSelectWidget, TaskSelectWidget):
    pass


class DressedPeriodicTaskForm(PeriodicTaskForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = DressedTaskSelectWidget()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(SuperuserOnly, ScopedScreen, BasePeriodicTaskAdmin, ModelAdmin):
    form = DressedPeriodicTaskForm
    date_hierarchy = None
    ordering = ("name",)
    list_display = ("name", "task", "interval", "crontab", "enabled", "last_run_at")
    list_filter = (("enabled", BooleanRadioFilter),)
    autocomplete_fields = ("interval", "crontab", "clocked")
    readonly_fields = ("last_run_at",)
    fieldsets = (
        (None, {"fields": ("name", "regtask", "task", "enabled", "description")}),
        (
            _("Schedule"),
            {"fields": ("interval", "crontab", "clocked", "start_time", "last_run_at", "one_off")},
        ),
        (_("Arguments"), {"fields": ("args", "kwargs"), "classes": ("collapse",)}),
        (
            _("Execution options"),
            {
                "fields": (
                    "expires",
                    "expire_seconds",
                    "queue",
                    "exchange",
                    "routing_key",
                    "priority",
                    "headers",
                ),
                "classes": ("collapse",),
            },
        ),
    )

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The base's own template carries a script inside the page; ours needs none."""
        return ModelAdmin.changeform_view(self, request, *args, **kwargs)

    change_form_template = None


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(SuperuserOnly, ScopedScreen, BaseCrontabScheduleAdmin, ModelAdmin):
    inlines = ()
    search_fields = ("minute", "hour")


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(SuperuserOnly, ScopedScreen, ModelAdmin):
    list_display = ("__str__",)
    search_fields = ("every", "period")


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(SuperuserOnly, ScopedScreen, BaseClockedScheduleAdmin, ModelAdmin):
    inlines = ()
    search_fields = ("clocked_time",)

"""What the sources said, whole: their numbers, and every message."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.paginator import InfinitePaginator

from bookings.admin.records import Fact, RecordAdmin, link
from bookings.admin.scoped import ScopedFilter
from bookings.models import BookingReference, SourceRecord


def moment(value: Any) -> str:
    return date_format(timezone.localtime(value), "DATETIME_FORMAT") if value else str(_("Not said"))


@admin.register(BookingReference)
class BookingReferenceAdmin(RecordAdmin):
    list_display = ("number", "leg", "source", "property", "booking", "updated_at")
    list_filter = (("property", ScopedFilter), ("source", ChoicesDropdownFilter))
    list_select_related = ("property", "booking")
    search_fields = ("number", "booking__number")
    search_help_text = _("Number at a source, or booking number")
    paginator = InfinitePaginator

    def facts(self, request: HttpRequest, obj: BookingReference) -> list[Fact]:
        return [
            (_("Source"), obj.get_source_display()),
            (_("Number"), obj.number),
            (_("Leg"), obj.leg),
            (_("Property"), link(request, obj.property)),
            (_("Booking"), link(request, obj.booking)),
            (_("Changed at the source"), moment(obj.updated_at)),
        ]


@admin.register(SourceRecord)
class SourceRecordAdmin(RecordAdmin):
    list_display = ("reference", "property", "received_at", "updated_at", "received_by", "became")
    list_filter = (
        ("reference__property", ScopedFilter),
        ("reference__source", ChoicesDropdownFilter),
        ("received_at", RangeDateTimeFilter),
    )
    list_select_related = ("reference__property",)
    search_fields = ("reference__number", "received_by")
    search_help_text = _("Number at the source, or who brought it")
    paginator = InfinitePaginator

    @display(description=_("property"))
    def property(self, record: SourceRecord) -> str:
        return str(record.reference.property)

    @display(description=_("became"))
    def became(self, record: SourceRecord) -> Any:
        if record.booking_version is None:
            return _("Nothing: a newer message was there")
        return _("Version %(version)s") % {"version": record.booking_version}

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        match = request.resolver_match
        return (
            rows.defer("payload")
            if match and match.url_name and match.url_name.endswith("changelist")
            else rows
        )

    def facts(self, request: HttpRequest, obj: SourceRecord) -> list[Fact]:
        text = json.dumps(obj.payload, indent=2, ensure_ascii=False)
        return [
            (_("Source"), obj.reference.get_source_display()),
            (_("Number"), link(request, obj.reference)),
            (_("Booking"), link(request, obj.reference.booking)),
            (_("Became"), self.became(obj)),
            (_("Changed at the source"), moment(obj.updated_at)),
            (_("Received"), moment(obj.received_at)),
            (_("Brought by"), obj.received_by),
            (_("Message"), format_html('<pre class="message" tabindex="0">{}</pre>', text)),
        ]

"""Property groups, properties, and what they call their rate plans and transaction codes. Exchange rates."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, RangeDateFilter

from bookings import changes
from bookings.admin.scoped import ScopedFilter, ScopedHistoryAdmin
from bookings.models import ExchangeRate, Property, PropertyGroup, RatePlan, TransactionCode


@admin.register(PropertyGroup)
class PropertyGroupAdmin(ScopedHistoryAdmin):
    list_display = ("name", "code", "currency", "time_zone")
    search_fields = ("name", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()


@admin.register(Property)
class PropertyAdmin(ScopedHistoryAdmin):
    list_display = ("name", "code", "group", "currency", "time_zone", "country")
    list_filter = (("group", ScopedFilter),)
    list_select_related = ("group",)
    search_fields = ("name", "code")
    autocomplete_fields = ("group",)
    fields = ("group", "code", "name", "currency", "time_zone", "country")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Bookings, guests and members follow the property: it stays in its group, under its code."""
        return ("group", "code") if obj else ()


class CodeAdmin(ScopedHistoryAdmin):
    list_select_related = ("property",)
    search_fields = ("code", "name", "property__name", "property__code")
    autocomplete_fields = ("property",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("property", "code") if obj else ()


@admin.register(RatePlan)
class RatePlanAdmin(CodeAdmin):
    list_display = ("code", "name", "property", "membership")
    list_filter = (("property", ScopedFilter), ("membership", BooleanRadioFilter))
    fields = ("property", "code", "name", "membership")

    def save_model(self, request: HttpRequest, obj: RatePlan, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "membership" in form.changed_data:
            changes.announce_rate_plan(obj)

    def delete_model(self, request: HttpRequest, obj: RatePlan) -> None:
        changes.announce_rate_plan(obj)
        super().delete_model(request, obj)


@admin.register(TransactionCode)
class TransactionCodeAdmin(CodeAdmin):
    list_display = ("code", "name", "property", "membership", "points_redemption")
    list_filter = (
        ("property", ScopedFilter),
        ("membership", BooleanRadioFilter),
        ("points_redemption", BooleanRadioFilter),
    )
    fields = ("property", "code", "name", "membership", "points_redemption")


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ScopedHistoryAdmin):
    list_display = ("worth", "valid_from", "exchange_type", "where", "group")
    list_filter = (
        ("group", ScopedFilter),
        ("property", ScopedFilter),
        "from_currency",
        ("valid_from", RangeDateFilter),
    )
    list_select_related = ("group", "property")
    search_fields = ("from_currency", "to_currency", "exchange_type")
    fieldsets = (
        (None, {"fields": ("group", "property", "exchange_type")}),
        (
            _("Rate"),
            {
                "fields": (("from_currency", "to_currency"), ("rate", "valid_from")),
                "description": _(
                    "A rate is used from its day on until a newer one begins. Never inverted or chained."
                ),
            },
        ),
    )

    @display(description=_("rate"), ordering="from_currency")
    def worth(self, rate: ExchangeRate) -> str:
        return f"1 {rate.from_currency} = {rate.rate.normalize():f} {rate.to_currency}"

    @display(description=_("property"), ordering="property")
    def where(self, rate: ExchangeRate) -> str:
        return str(rate.property or _("Every property"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExchangeRate]:
        return super().get_queryset(request)

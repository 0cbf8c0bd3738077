"""The ledger, its lots and the level changes: looked at, never touched. An entry's page is a bill."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.paginator import InfinitePaginator

from bookings import access
from bookings.admin.records import Fact, RecordAdmin, day, is_visible, link, money
from bookings.admin.scoped import ScopedFilter
from bookings.models import Booking
from loyalty.explanation import bill, points
from loyalty.models import LedgerEntry, LevelChange, PointsLot, Stay

SEARCH = (
    "account__membership__card_number",
    "account__membership__guest__last_name",
    "account__membership__guest__first_name",
    "account__membership__guest__email",
    "account__membership__guest__phone",
)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(RecordAdmin):
    change_form_template = "admin/loyalty/entry_page.html"
    list_display = (
        "entry",
        "guest",
        "kind",
        "given",
        "balance",
        "posted_on",
        "effective_date",
        "property",
    )
    list_filter = (
        ("membership_type", ScopedFilter),
        ("property", ScopedFilter),
        ("kind", ChoicesDropdownFilter),
        ("posted_on", RangeDateFilter),
        ("effective_date", RangeDateFilter),
    )
    list_select_related = ("account__membership__guest", "membership_type", "property")
    search_fields = SEARCH
    search_help_text = _("Card number, name, e-mail, phone or booking number")
    paginator = InfinitePaginator

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LedgerEntry], search_term: str
    ) -> tuple[QuerySet[LedgerEntry], bool]:
        """A booking number finds bookings at the user's own properties only: another's is not to be guessed."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if number := search_term.strip():
            own = access.limit(Booking.objects.filter(number__icontains=number), user=request.user)
            found |= queryset.filter(booking__in=own.values("pk"))
        return found, may_repeat

    @display(description=_("card / entry"))
    def entry(self, row: LedgerEntry) -> str:
        return f"{row.account.membership.card_number}/{row.number}"

    @display(description=_("guest"))
    def guest(self, row: LedgerEntry) -> str:
        return str(row.account.membership.guest)

    @display(description=_("points"))
    def given(self, row: LedgerEntry) -> str:
        return points(row.points, row.membership_type.points_label)

    @display(description=_("balance after"))
    def balance(self, row: LedgerEntry) -> str:
        return points(row.balance_after, row.membership_type.points_label)

    def facts(self, request: HttpRequest, obj: LedgerEntry) -> list[Fact]:
        label = obj.membership_type.points_label
        membership = obj.account.membership
        return [
            (_("Member"), link(request, membership, f"{membership.guest} · {membership.card_number}")),
            (_("Membership type"), obj.membership_type.name),
            (_("Entry"), _("Number %(number)s of this member") % {"number": obj.number}),
            (_("Kind"), obj.get_kind_display()),
            (_("Posted on"), day(obj.posted_on)),
            (_("Effective on"), day(obj.effective_date)),
            (_("Property"), obj.property),
            (_("Booking"), _booking(request, obj)),
            (_("Stay"), _stay(request, obj)),
            (_("Job"), link(request, obj.job) if obj.job else ""),
            (_("Posted by"), obj.posted_by),
            (_("Corrects"), link(request, obj.reverses) if obj.reverses else ""),
            (_("Tier points"), points(obj.tier_points, label)),
            (_("Nights"), obj.nights),
            (_("Stays"), obj.stays),
            (_("Earnings in money"), money(obj.money, obj.membership_type.currency)),
            (_("Expires"), _expiry(obj)),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        obj = kwargs["obj"]
        label = obj.membership_type.points_label
        context.update(
            bill=bill(obj.explanation, label=label),
            programme_currency=obj.membership_type.currency,
            given=points(obj.points, label),
            balance_after=points(obj.balance_after, label),
        )
        return super().render_change_form(request, context, *args, **kwargs)


def _booking(request: HttpRequest, entry: LedgerEntry) -> Any:
    """At the user's own properties only: of another's, property, date, points and explanation are enough."""
    if entry.booking is None or not is_visible(request, entry.booking):
        return ""
    words = {"number": entry.booking.number, "version": entry.booking_version}
    return link(request, entry.booking, _("%(number)s, version %(version)s") % words)


def _stay(request: HttpRequest, entry: LedgerEntry) -> Any:
    stay = Stay.objects.filter(
        booking=entry.booking_id, membership_type=entry.membership_type_id, entry=entry.pk
    ).first()
    return link(request, stay, stay.get_state_display()) if stay and is_visible(request, stay) else ""


def _expiry(entry: LedgerEntry) -> Any:
    """When the points that this entry gave can no longer be used."""
    days = sorted({lot.expires_on for lot in entry.lots.all() if lot.expires_on})
    if not days:
        return _("Never") if entry.points > 0 else ""
    return ", ".join(_("from %(day)s") % {"day": date_format(value)} for value in days)


@admin.register(PointsLot)
class PointsLotAdmin(RecordAdmin):
    list_display = ("card", "guest", "what_remains", "of_points", "expires", "is_open", "posted")
    list_filter = (
        ("entry__membership_type", ScopedFilter),
        ("is_open", BooleanRadioFilter),
        ("expires_on", RangeDateFilter),
    )
    list_select_related = ("account__membership__guest", "entry__membership_type")
    search_fields = SEARCH
    search_help_text = _("Card number, name, e-mail or phone")
    paginator = InfinitePaginator

    @display(description=_("card number"))
    def card(self, lot: PointsLot) -> str:
        return lot.account.membership.card_number

    @display(description=_("guest"))
    def guest(self, lot: PointsLot) -> str:
        return str(lot.account.membership.guest)

    @display(description=_("remaining"))
    def what_remains(self, lot: PointsLot) -> str:
        return points(lot.remaining, lot.entry.membership_type.points_label)

    @display(description=_("of"))
    def of_points(self, lot: PointsLot) -> str:
        return points(lot.points, lot.entry.membership_type.points_label)

    @display(description=_("expires"), ordering="expires_on")
    def expires(self, lot: PointsLot) -> Any:
        return day(lot.expires_on) if lot.expires_on else _("Never")

    @display(description=_("posted"))
    def posted(self, lot: PointsLot) -> str:
        return day(lot.entry.posted_on)

    def facts(self, request: HttpRequest, obj: PointsLot) -> list[Fact]:
        membership = obj.account.membership
        return [
            (_("Member"), link(request, membership, f"{membership.guest} · {membership.card_number}")),
            (_("Remaining"), self.what_remains(obj)),
            (_("Of"), self.of_points(obj)),
            (_("Cannot be used from"), self.expires(obj)),
            (
                _("Credited by"),
                link(request, obj.entry, _("Entry %(number)s") % {"number": obj.entry.number}),
            ),
        ]


@admin.register(LevelChange)
class LevelChangeAdmin(RecordAdmin):
    list_display = ("card", "guest", "change", "posted_on", "effective_date", "nights_then", "money_then")
    list_filter = (
        ("membership__membership_type", ScopedFilter),
        ("to_level", ScopedFilter),
        ("posted_on", RangeDateFilter),
    )
    list_select_related = ("membership__guest", "membership__membership_type", "from_level", "to_level")
    search_fields = tuple(field.removeprefix("account__") for field in SEARCH)
    search_help_text = _("Card number, name, e-mail or phone")
    paginator = InfinitePaginator

    @display(description=_("card number"))
    def card(self, row: LevelChange) -> str:
        return row.membership.card_number

    @display(description=_("guest"))
    def guest(self, row: LevelChange) -> str:
        return str(row.membership.guest)

    @display(description=_("level"))
    def change(self, row: LevelChange) -> str:
        return str(row)

    @display(description=_("nights then"))
    def nights_then(self, row: LevelChange) -> int:
        return row.nights

    @display(description=_("money then"))
    def money_then(self, row: LevelChange) -> str:
        return money(row.money, row.membership.membership_type.currency)

    def facts(self, request: HttpRequest, obj: LevelChange) -> list[Fact]:
        return [
            (
                _("Member"),
                link(request, obj.membership, f"{obj.membership.guest} · {obj.membership.card_number}"),
            ),
            (_("Level"), str(obj)),
            (_("Changed on"), day(obj.posted_on)),
            (_("Effective on"), day(obj.effective_date)),
            (_("Lifetime nights then"), obj.nights),
            (_("Lifetime money then"), self.money_then(obj)),
            (_("Because of"), link(request, obj.entry, _("Entry %(number)s") % {"number": obj.entry.number})),
        ]

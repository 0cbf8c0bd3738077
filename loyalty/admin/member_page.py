"""What a member's page shows: how the member stands, the history, what is pending; and a guest's cards."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings import access
from bookings.admin.guests import GuestAdmin
from bookings.admin.records import Column, Panel, day, link, list_link, may_view, money
from bookings.admin.scoped import staff
from bookings.models import Booking, Guest
from loyalty import member_summary
from loyalty.admin.stay_words import state_words
from loyalty.admin.words import source_icon
from loyalty.explanation import points
from loyalty.levels import NextLevel
from loyalty.models import LedgerEntry, Membership, MembershipType, Stay

SHOWN_ENTRIES = 25
SHOWN_STAYS = 25


@dataclass(frozen=True, slots=True)
class Progress:
    percent: int
    words: str


def context(request: HttpRequest, member: Membership, *, may_change: bool) -> dict[str, Any]:
    today = member.membership_type.group.local_date(timezone.now())
    summary = member_summary.summary(member, on=today)
    label = member.membership_type.points_label
    expiry = summary.next_expiry
    return {
        "member": member,
        "guest_link": link(request, member.guest),
        "balance": points(summary.balance, label),
        "expired": _("%(points)s of them have expired and cannot be used.")
        % {"points": points(summary.expired, label)}
        if summary.expired
        else "",
        "earnings": _earnings(summary, member),
        "level_progress": _progress(summary.next_level, member),
        "next_expiry": _("%(points)s on %(day)s")
        % {"points": points(expiry.points, label), "day": day(expiry.on)}
        if expiry
        else _("Nothing expires."),
        "status_url": _status_url(member) if may_change else "",
        "is_blocked": member.status == Membership.Status.BLOCKED,
        "panels": [panel for panel in (_pending(request, member), _history(request, member)) if panel],
    }


def _earnings(summary: member_summary.Summary, member: Membership) -> str:
    nights = ngettext("%(count)s night", "%(count)s nights", summary.nights) % {
        "count": f"{summary.nights:,}"
    }
    stays = ngettext("%(count)s stay", "%(count)s stays", summary.stays) % {"count": f"{summary.stays:,}"}
    return f"{nights} · {stays} · {money(summary.money, member.membership_type.currency)}"


def _progress(next_level: NextLevel | None, member: Membership) -> Progress:
    if next_level is None:
        return Progress(100, _("The highest level that can be reached."))
    missing = []
    if next_level.missing_nights is not None:
        count = next_level.missing_nights
        missing.append(ngettext("%(count)s night", "%(count)s nights", count) % {"count": count})
    if next_level.missing_money is not None:
        missing.append(money(next_level.missing_money, member.membership_type.currency))
    said = _("%(missing)s to %(level)s") % {
        "missing": _(" or ").join(missing),
        "level": next_level.level.name,
    }
    return Progress(next_level.percent, said)


def _status_url(member: Membership) -> str:
    if member.status == Membership.Status.ACTIVE:
        return reverse("admin:loyalty_membership_block", args=[member.pk])
    if member.status == Membership.Status.BLOCKED:
        return reverse("admin:loyalty_membership_unblock", args=[member.pk])
    return ""


def _pending(request: HttpRequest, member: Membership) -> Panel | None:
    if not may_view(request, Stay):
        return None
    stays = list(member_summary.pending_stays(member, user=staff(request))[: SHOWN_STAYS + 1])
    return Panel(
        title=_("Pending stays"),
        columns=[
            Column(_("Booking")),
            Column(_("Property")),
            Column(_("Departure")),
            Column(_("Due")),
            Column(_("State")),
        ],
        rows=[
            (
                link(request, stay.booking),
                str(stay.booking.property),
                day(stay.departure_date),
                day(stay.due_on),
                state_words(stay),
            )
            for stay in stays[:SHOWN_STAYS]
        ],
        empty=_(
            "No stay is pending at your properties. A booking with this card appears here once it is in."
        ),
        more=_all_of(Stay, member, _("All stays")) if len(stays) > SHOWN_STAYS else "",
    )


def _history(request: HttpRequest, member: Membership) -> Panel | None:
    if not may_view(request, LedgerEntry):
        return None
    entries = list(member_summary.history(member)[: SHOWN_ENTRIES + 1])
    mine = _visible_bookings(request, entries)
    label = member.membership_type.points_label
    return Panel(
        title=_("History"),
        columns=[
            Column(_("Entry"), True),
            Column(_("Posted")),
            Column(_("Source")),
            Column(_("What")),
            Column(_("Property")),
            Column(_("Points"), True),
            Column(_("Balance"), True),
        ],
        rows=[
            (
                link(request, entry, entry.number),
                day(entry.posted_on),
                source_icon(entry.booking, key=entry.pk),
                _what(request, entry, mine),
                str(entry.property or "–"),
                points(entry.points, label),
                points(entry.balance_after, label),
            )
            for entry in entries[:SHOWN_ENTRIES]
        ],
        empty=_("No entry yet. Points appear here after a stay is checked out and calculate points has run."),
        more=_all_of(LedgerEntry, member, _("All entries")) if len(entries) > SHOWN_ENTRIES else "",
    )


def _visible_bookings(request: HttpRequest, entries: list[LedgerEntry]) -> set[int]:
    if not may_view(request, Booking):
        return set()
    bookings = Booking.objects.filter(pk__in=[entry.booking_id for entry in entries if entry.booking_id])
    return set(access.limit(bookings, user=request.user).values_list("pk", flat=True))


def _what(request: HttpRequest, entry: LedgerEntry, mine: set[int]) -> Any:
    """The booking is named and linked at the user's own properties only."""
    if entry.booking is None or entry.booking.pk not in mine:
        return _("%(kind)s, departure %(day)s") % {
            "kind": entry.get_kind_display(),
            "day": day(entry.effective_date),
        }
    return link(request, entry.booking, _("%(kind)s %(number)s") % {
        "kind": entry.get_kind_display(), "number": entry.booking.number,
    })  # fmt: skip


def _all_of(model: type[LedgerEntry] | type[Stay], member: Membership, words: str) -> Any:
    return list_link(model, f"q={member.card_number}", words)


def cards(request: HttpRequest, guest: Guest) -> Panel | None:
    """On a guest's page."""
    if not may_view(request, Membership):
        return None
    rows = guest.memberships.select_related("membership_type", "level", "account").order_by("pk")
    add = ""
    types = MembershipType.objects.filter(
        state=MembershipType.State.ACTIVATED, inactive=False, group=guest.group_id
    )
    lacks_a_card = types.exclude(memberships__guest=guest).exists()
    if lacks_a_card and request.user.has_perm("loyalty.add_membership"):
        address = reverse("admin:loyalty_membership_add")
        add = format_html('<a href="{}?guest={}">{}</a>', address, guest.pk, _("Enrol this guest"))
    return Panel(
        title=_("Cards"),
        columns=[
            Column(_("Card number")),
            Column(_("Membership type")),
            Column(_("Level")),
            Column(_("Status")),
            Column(_("Balance"), True),
        ],
        rows=[
            (
                link(request, row),
                row.membership_type.name,
                row.level.name,
                row.get_status_display(),
                points(row.account.balance, row.membership_type.points_label),
            )
            for row in rows
        ],
        empty=_("This guest is no member yet."),
        more=add,
    )


GuestAdmin.panels.insert(0, cards)

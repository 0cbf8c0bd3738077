"""What the commands are told, read: a wrong argument is one sentence, and exit 2."""

from datetime import date, datetime

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from bookings.models import PropertyGroup
from loyalty.models import MembershipType


def membership_type(code: str, *, group: str = "") -> MembershipType:
    if group and not PropertyGroup.objects.filter(code=group).exists():
        known = ", ".join(PropertyGroup.objects.order_by("code").values_list("code", flat=True)) or "–"
        raise CommandError(
            _("There is no property group %(group)s. Known: %(known)s.") % {"group": group, "known": known},
            returncode=2,
        )
    types = MembershipType.objects.select_related("group").filter(code=code)
    if group:
        types = types.filter(group__code=group)
    found = list(types[:2])
    if not found:
        known = (
            ", ".join(MembershipType.objects.order_by("code").values_list("code", flat=True).distinct())
            or "–"
        )
        raise CommandError(
            _("There is no membership type %(code)s. Known: %(known)s.") % {"code": code, "known": known},
            returncode=2,
        )
    if len(found) > 1:
        raise CommandError(
            _("Several property groups have a membership type %(code)s: name one with --group.")
            % {"code": code},
            returncode=2,
        )
    return found[0]


def iso_date(text: str, *, name: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise CommandError(
            _("%(name)s %(text)s is not a date: write YYYY-MM-DD, such as 2026-09-19.")
            % {"name": name, "text": text},
            returncode=2,
        ) from error

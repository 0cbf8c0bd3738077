"""A draft becomes a programme that earns. What decides how points are counted can not be changed
afterwards."""

from django.db import transaction
from django.utils.translation import gettext as _

from bookings import changes
from bookings.models import Booking, User
from loyalty.models import EarningRule, MembershipType

POLICIES = ("cards", "calculation", "expiry", "level_policy")


class ActivationRefused(Exception):
    """The draft lacks something; the message is one sentence that says what."""


@transaction.atomic
def activate(*, membership_type: MembershipType, by: User | None) -> None:
    """Every booking of the group is looked at again: its stay may earn from now on. Raises
    ``ActivationRefused``."""
    if membership_type.state == MembershipType.State.ACTIVATED:
        raise ActivationRefused(_("%(type)s is activated already.") % {"type": membership_type})
    if any(not hasattr(membership_type, policy) for policy in POLICIES):
        raise ActivationRefused(
            _("%(type)s lacks settings: save each of its tabs first.") % {"type": membership_type}
        )
    if not membership_type.levels.filter(rank=1).exists():
        raise ActivationRefused(
            _("%(type)s has no base level: add a level of rank 1 first.") % {"type": membership_type}
        )
    if not EarningRule.objects.filter(membership_type=membership_type).exists():
        raise ActivationRefused(
            _("%(type)s has no earning rule: say how points are earned first.") % {"type": membership_type}
        )
    membership_type.state = MembershipType.State.ACTIVATED
    membership_type._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
    membership_type.save(update_fields=["state"])
    changes.announce(Booking.objects.filter(property__group=membership_type.group_id))

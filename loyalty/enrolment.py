"""Joining a programme: a guest gets a membership, a card number and a points account. And blocking the card."""

from datetime import date

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from simple_history.utils import update_change_reason

from bookings import changes
from bookings.models import Booking, Guest, User
from loyalty import card_numbers, ledger
from loyalty.models import Membership, MembershipType, PointsAccount


class EnrolmentRefused(Exception):
    """The guest was not enrolled, or the card not changed; the message is one sentence that says why."""


@transaction.atomic
def join(
    *,
    guest: Guest,
    membership_type: MembershipType,
    by: User | None,
    on: date,
    card_number: str = "",
    name_on_card: str = "",
) -> Membership:
    """Enrols a guest at the base level. Without ``card_number`` the next of the type's sequence is given.

    Raises ``EnrolmentRefused``, or ``card_numbers.CardNumbersUsedUp``.
    """
    _refuse_impossible(guest, membership_type)
    base_level = membership_type.levels.order_by("rank").first()
    if base_level is None:
        raise EnrolmentRefused(
            _("%(type)s has no level yet: add its base level first.") % {"type": membership_type}
        )
    number = _given_card_number(card_number, membership_type) or _next_card_number(membership_type)
    if Membership.objects.filter(group=membership_type.group_id, card_number=number).exists():
        raise EnrolmentRefused(_("Another member has the card number %(number)s.") % {"number": number})
    membership = Membership(
        group_id=membership_type.group_id,
        membership_type=membership_type,
        guest=guest,
        card_number=number,
        name_on_card=name_on_card or guest.full_name,
        level=base_level,
        joined_on=on,
    )
    membership._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
    try:
        with transaction.atomic():
            membership.save()
    except IntegrityError as error:  # in the same moment, by somebody else
        raise EnrolmentRefused(
            _("%(guest)s was given a card in this very moment: look at the guest again.") % {"guest": guest}
        ) from error
    PointsAccount.objects.create(membership=membership)
    _announce_bookings(membership)
    return membership


@transaction.atomic
def block(*, membership: Membership, reason: str, by: User | None) -> None:
    """No earning and no spending until it is unblocked; expiry goes on."""
    _change_status(membership, Membership.Status.ACTIVE, Membership.Status.BLOCKED, reason, by)


@transaction.atomic
def unblock(*, membership: Membership, reason: str, by: User | None) -> None:
    _change_status(membership, Membership.Status.BLOCKED, Membership.Status.ACTIVE, reason, by)


def _refuse_impossible(guest: Guest, membership_type: MembershipType) -> None:
    if not membership_type.earns:
        raise EnrolmentRefused(
            _("%(type)s takes no members: it is a draft or inactive.") % {"type": membership_type}
        )
    if guest.group_id != membership_type.group_id:
        raise EnrolmentRefused(_("The guest and the membership type belong to different property groups."))
    of_guest = Membership.objects.filter(guest=guest, membership_type=membership_type)
    if of_guest.filter(status__in=["active", "blocked", "expired"]).exists():
        raise EnrolmentRefused(
            _("%(guest)s has a card of %(type)s already.") % {"guest": guest, "type": membership_type}
        )


def _change_status(membership: Membership, expected: str, status: str, reason: str, by: User | None) -> None:
    """Locks the account first: a calculation reads the status under the same lock."""
    if not reason.strip():
        raise EnrolmentRefused(_("Say why: the reason is kept in the card's history."))
    ledger.lock_accounts([membership.pk])
    membership.refresh_from_db(fields=["status"])
    if membership.status != expected:
        raise EnrolmentRefused(
            _("The card is %(status)s.") % {"status": membership.get_status_display().lower()}
        )
    membership.status = status
    membership._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
    membership.save(update_fields=["status"])
    update_change_reason(membership, reason.strip()[:100])
    _announce_bookings(membership)


def _given_card_number(card_number: str, membership_type: MembershipType) -> str:
    """A number typed in must be one that the type could have made: a slip would be a card that nobody carries."""
    number, policy = card_numbers.normalise(card_number), membership_type.cards
    if number and not card_numbers.fits(number, prefix=policy.prefix, length=policy.length):
        raise EnrolmentRefused(
            _(
                "%(number)s is not a card number of %(type)s: %(length)d digits are needed, beginning with"
                " “%(prefix)s”, and the last one is a check digit. Look at the card again, or leave the number empty."
            )
            % {"number": number, "type": membership_type, "length": policy.length, "prefix": policy.prefix}
        )
    return number


def _next_card_number(membership_type: MembershipType) -> str:
    """The next number of the sequence that nobody holds; numbers given by hand are passed over."""
    policy = membership_type.cards
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO loyalty_cardsequence (membership_type_id, last_number) VALUES (%s, 1)
                ON CONFLICT (membership_type_id) DO UPDATE SET last_number = loyalty_cardsequence.last_number + 1
                RETURNING last_number
                """,
                [membership_type.pk],
            )
            (running_number,) = cursor.fetchone()
        number = card_numbers.generate(
            prefix=policy.prefix, length=policy.length, running_number=running_number
        )
        if not Membership.objects.filter(group=membership_type.group_id, card_number=number).exists():
            return number


def _announce_bookings(membership: Membership) -> None:
    """Bookings that carry this card or the guest's phone may be this member's now, or no longer. Two statements: an OR
    over both would read whole tables."""
    bookings = Booking.objects.filter(property__group=membership.group_id)
    changes.announce(bookings.filter(cards__number_key=membership.card_number).distinct())
    if membership.guest.phone:
        changes.announce(bookings.filter(guests__guest__phone=membership.guest.phone).distinct())

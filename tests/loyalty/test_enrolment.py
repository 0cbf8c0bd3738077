from datetime import date

import pytest

from loyalty import card_numbers, enrolment
from loyalty.models import CardPolicy, Membership, PointsAccount
from tests import factories
from tests.loyalty.conftest import Programme


def join(programme: Programme, **values: object) -> Membership:
    guest = values.pop("guest", None) or factories.GuestFactory(group=programme.group)
    fields = {"guest": guest, "membership_type": programme.type, "by": None, "on": date(2026, 6, 1)}
    return enrolment.join(**{**fields, **values})


def test_a_new_member_has_the_next_card_number_the_base_level_and_an_empty_account(
    programme: Programme,
) -> None:
    guest = factories.GuestFactory(group=programme.group, first_name="Ada", last_name="Adams")

    member = join(programme, guest=guest)

    assert (member.card_number, member.level.name, member.status) == ("7700000016", "Base", "active")
    assert (member.name_on_card, member.joined_on) == ("Ada Adams", date(2026, 6, 1))
    assert PointsAccount.objects.get(membership=member).balance == 0
    assert join(programme).card_number == "7700000024"


def test_a_number_given_by_hand_is_kept_normalised_and_passed_over_by_the_sequence(
    programme: Programme,
) -> None:
    assert join(programme, card_number="77-0000 0016").card_number == "7700000016"
    assert join(programme).card_number == "7700000024"


def test_who_enrolled_stands_in_the_history(programme: Programme) -> None:
    clerk = factories.UserFactory()

    member = join(programme, by=clerk)

    assert member.history.get().history_user == clerk


class TestRefused:
    def test_a_second_card_of_the_type(self, programme: Programme) -> None:
        member = join(programme)
        with pytest.raises(enrolment.EnrolmentRefused, match=r"has a card of .* already"):
            join(programme, guest=member.guest)

    def test_a_number_that_somebody_has(self, programme: Programme) -> None:
        join(programme, card_number="7700000016")
        with pytest.raises(enrolment.EnrolmentRefused, match="Another member has the card number 7700000016"):
            join(programme, card_number="77 0000 0016")

    @pytest.mark.parametrize("slip", ["7700000017", "770000001", "8800000018", "77OOOOOO16", "٧٧٠٠٠٠٠٠١٦"])
    def test_a_number_that_the_type_could_not_have_made(self, programme: Programme, slip: str) -> None:
        with pytest.raises(enrolment.EnrolmentRefused, match="is not a card number of"):
            join(programme, card_number=slip)
        assert not Membership.objects.exists()

    def test_a_guest_of_another_group(self, programme: Programme) -> None:
        with pytest.raises(enrolment.EnrolmentRefused, match="different property groups"):
            join(programme, guest=factories.GuestFactory())

    @pytest.mark.parametrize("change", [{"state": "draft"}, {"inactive": True}])
    def test_a_type_that_is_not_in_use(self, programme: Programme, change: dict[str, object]) -> None:
        for name, value in change.items():
            setattr(programme.type, name, value)
        with pytest.raises(enrolment.EnrolmentRefused, match="draft or inactive"):
            join(programme)

    def test_a_type_without_levels(self, programme: Programme) -> None:
        programme.type.levels.all().delete()
        with pytest.raises(enrolment.EnrolmentRefused, match="no level yet"):
            join(programme)

    def test_a_used_up_sequence(self, programme: Programme) -> None:
        CardPolicy.objects.update(prefix="777", length=4)
        programme.type.refresh_from_db()
        with pytest.raises(card_numbers.CardNumbersUsedUp):
            join(programme)

    def test_leaves_nothing_behind(self, programme: Programme) -> None:
        with pytest.raises(enrolment.EnrolmentRefused):
            join(programme, guest=factories.GuestFactory())
        assert not Membership.objects.exists()
        assert not PointsAccount.objects.exists()


class TestBlocking:
    def test_and_unblocking_keep_the_reason_and_who(self, programme: Programme) -> None:
        member, clerk = join(programme), factories.UserFactory()

        enrolment.block(membership=member, reason="Card lost", by=clerk)
        assert Membership.objects.get().status == "blocked"
        enrolment.unblock(membership=member, reason="Found again", by=clerk)

        assert Membership.objects.get().status == "active"
        reasons = member.history.values_list("history_change_reason", "history_user")
        assert list(reasons)[:2] == [("Found again", clerk.pk), ("Card lost", clerk.pk)]

    def test_needs_a_reason_and_an_active_card(self, programme: Programme) -> None:
        member = join(programme)
        with pytest.raises(enrolment.EnrolmentRefused, match="Say why"):
            enrolment.block(membership=member, reason=" ", by=None)
        with pytest.raises(enrolment.EnrolmentRefused, match="The card is active"):
            enrolment.unblock(membership=member, reason="?", by=None)

"""The member's page, enrolment at the desk, and blocking a card."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Guest
from loyalty.models import LedgerEntry, Membership, Stay
from tests import factories
from tests.extranet import House, address, browser, house, text_of, worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> House:
    return house("Seaside", hotel="SEA1", points_label="Miles", policies__months=12)


def page_of(member: Membership, client: Any) -> str:
    return text_of(client.get(address(member, "change")))


class TestTheMembersPage:
    @pytest.fixture
    def ada(self, place: House) -> Membership:
        """Six nights for €300: 15 miles and Silver; another booking is in house."""
        ada = place.join(first_name="Ada", last_name="Byron")
        place.stay(ada, "R1")
        place.stay(ada, "R2", arrival=date(2026, 6, 28), status="in_house")
        place.calculate()
        return ada

    def test_the_head(self, place: House, ada: Membership) -> None:
        shown = page_of(ada, browser(worker("Front desk", at=place)))
        posted = LedgerEntry.objects.get().posted_on
        assert ">15 Miles<" in shown
        assert ">Silver<" in shown
        assert "4 nights to Gold" in shown
        assert 'value="60"' in shown
        assert f"15 Miles on {posted:%B} {posted.day}, {posted.year + 1}" in shown
        assert "6 nights · 1 stay · €300.00" in shown

    def test_history_and_pending_stays(self, place: House, ada: Membership) -> None:
        page = browser(worker("Front desk", at=place)).get(address(ada, "change"))
        pending, history = page.context["panels"]
        assert [row[3:] for row in pending.rows] == [("July 9, 2026", "Waiting for check-out")]
        assert [row[-2:] for row in history.rows] == [("15 Miles", "15 Miles")]

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            ("pms", "This booking came from the PMS"),
            ("booking_engine", "This booking came from the booking engine"),
            ("manual", "This booking was entered by hand"),
        ],
    )
    def test_the_source_icon_has_a_tooltip_for_keyboards_too(
        self, place: House, source: str, words: str
    ) -> None:
        ada = place.join()
        place.stay(ada, "R1", source=source)
        place.calculate()
        entry = LedgerEntry.objects.get()
        shown = page_of(ada, browser(worker("Front desk", at=place)))
        assert '<button type="button" class="tip-icon"' in shown
        assert f'aria-describedby="tip-{entry.pk}"' in shown
        assert f'role="tooltip" id="tip-{entry.pk}">{words}</span>' in shown

    def test_points_that_lapsed_are_named(self, place: House, ada: Membership) -> None:
        ada.account.lots.update(expires_on=date(2020, 1, 1))
        shown = page_of(ada, browser(worker("Front desk", at=place)))
        assert "15 Miles of them have expired and cannot be used." in shown
        assert "Nothing expires." in shown

    def test_a_new_member_is_told_what_comes_next(self, place: House) -> None:
        shown = page_of(place.join(), browser(worker("Front desk", at=place)))
        assert (
            "No entry yet. Points appear here after a stay is checked out and calculate points has run."
            in shown
        )
        assert "No stay is pending at your properties." in shown

    def test_the_queries_do_not_grow_with_the_history(self, place: House, ada: Membership) -> None:
        client = browser(worker("Front desk", at=place))
        page_of(ada, client)

        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                page_of(ada, client)
            return len(captured)

        few = queries()
        for number in range(3, 33):
            place.stay(ada, f"R{number}")
        place.calculate()
        assert LedgerEntry.objects.count() == 31
        assert queries() == few

    def test_a_long_history_leads_to_all_entries(self, place: House, ada: Membership) -> None:
        for number in range(3, 33):
            place.stay(ada, f"R{number}")
        place.calculate()
        client = browser(worker("Front desk", at=place))
        page = client.get(address(ada, "change"))
        history = page.context["panels"][1]
        assert len(history.rows) == 25
        assert "All entries" in history.more
        listed = client.get(address(LedgerEntry), {"q": ada.card_number})
        assert len(listed.context["cl"].result_list) == 31

    def test_front_desk_changes_the_name_on_the_card_and_nothing_else(
        self, place: House, ada: Membership
    ) -> None:
        client = browser(worker("Front desk", at=place))
        sent = {"name_on_card": "A. Byron", "card_number": "1", "status": "closed", "level": "1"}
        assert client.post(address(ada, "change"), sent).status_code == 302
        ada.refresh_from_db()
        assert (ada.name_on_card, ada.card_number, ada.status) == ("A. Byron", "7700000016", "active")

    def test_marketing_looks_only(self, place: House, ada: Membership) -> None:
        client = browser(worker("Marketing", at=place))
        assert "Block the card" not in page_of(ada, client)
        assert client.post(address(ada, "change"), {"name_on_card": "X"}).status_code == 403
        assert client.get(reverse("admin:loyalty_membership_block", args=[ada.pk])).status_code == 403


class TestBlocking:
    def test_blocked_with_a_reason_and_unblocked_again(self, place: House) -> None:
        ada = place.join()
        user = worker("Front desk", at=place)
        client = browser(user)
        client.post(reverse("admin:loyalty_membership_block", args=[ada.pk]), {"reason": "Card lost"})
        ada.refresh_from_db()
        assert ada.status == "blocked"
        record = ada.history.first()
        assert (record.history_change_reason, record.history_user) == ("Card lost", user)
        assert "Unblock the card" in page_of(ada, client)

        client.post(reverse("admin:loyalty_membership_unblock", args=[ada.pk]), {"reason": "Found"})
        ada.refresh_from_db()
        assert ada.status == "active"

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_without_a_reason_nothing_changes(self, place: House, reason: str) -> None:
        ada = place.join()
        client = browser(worker("Front desk", at=place))
        response = client.post(reverse("admin:loyalty_membership_block", args=[ada.pk]), {"reason": reason})
        assert "This field is required." in text_of(response)
        ada.refresh_from_db()
        assert ada.status == "active"

    def test_a_refusal_is_said_on_the_form(self, place: House) -> None:
        ada = place.join()
        client = browser(worker("Front desk", at=place))
        response = client.post(
            reverse("admin:loyalty_membership_unblock", args=[ada.pk]), {"reason": "Why not"}
        )
        assert "The card is active." in text_of(response)

    def test_looking_at_the_question_blocks_nothing(self, place: House) -> None:
        ada = place.join()
        client = browser(worker("Front desk", at=place))
        assert client.get(reverse("admin:loyalty_membership_block", args=[ada.pk])).status_code == 200
        ada.refresh_from_db()
        assert ada.status == "active"

    def test_anothers_card_is_not_found(self, place: House) -> None:
        client = browser(worker("Front desk", at=house("Alpine", hotel="ALP1")))
        response = client.post(
            reverse("admin:loyalty_membership_block", args=[place.join().pk]), {"reason": "x"}
        )
        assert response.status_code == 404


class TestEnrolment:
    def enrol(self, place: House, guest: Guest, client: Any = None, **values: Any) -> Any:
        sent = {"membership_type": place.type.pk, "guest": guest.pk, **values}
        return (client or browser(worker("Front desk", at=place))).post(address(Membership, "add"), sent)

    def test_the_next_card_of_the_programme(self, place: House) -> None:
        guest = factories.GuestFactory(group=place.group, first_name="Ada", last_name="Byron")
        response = self.enrol(place, guest)
        member = Membership.objects.get()
        assert (response.status_code, response.url) == (302, address(member, "change"))
        assert (member.guest, member.card_number, member.level.name) == (guest, "7700000016", "Base")

    def test_a_card_number_that_was_handed_out(self, place: House) -> None:
        self.enrol(place, factories.GuestFactory(group=place.group), card_number="77-0000 0016")
        assert Membership.objects.get().card_number == "7700000016"

    def test_refusals_are_said_on_the_form(self, place: House) -> None:
        member = place.join()
        response = self.enrol(place, member.guest)
        assert "has a card of Stay &amp; Earn (STAY) already." in text_of(response)
        assert Membership.objects.count() == 1

    def test_another_groups_guest_is_refused(self, place: House) -> None:
        response = self.enrol(place, factories.GuestFactory())
        assert "Select a valid choice" in text_of(response)
        assert not Membership.objects.exists()

    def test_the_guests_page_offers_it(self, place: House) -> None:
        guest = factories.GuestFactory(group=place.group)
        client = browser(worker("Front desk", at=place))
        offer = f"{address(Membership, 'add')}?guest={guest.pk}"
        assert offer in text_of(client.get(address(guest, "change")))
        assert client.get(offer).context["form"]["guest"].value() == str(guest.pk)

    def test_marketing_may_not_enrol(self, place: House) -> None:
        client = browser(worker("Marketing", at=place))
        guest = factories.GuestFactory(group=place.group)
        assert self.enrol(place, guest, client).status_code == 403
        assert not Membership.objects.exists()


def test_a_members_stays_are_listed_by_reason(place: House) -> None:
    ada = place.join()
    place.stay(ada, "R1", rate_plan="COMP")
    place.calculate()
    client = browser(worker("Front desk", at=place))
    listed = client.get(address(Stay), {"reason__exact": "no_membership_rate"})
    assert [row.booking.number for row in listed.context["cl"].result_list] == ["R1"]
    assert "No rate plan with membership" in text_of(listed)

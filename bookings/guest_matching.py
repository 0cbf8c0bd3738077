"""The guest is found, or made. So are attached companies, travel agents, sources and groups.

Found by the source's id, else by full name and e-mail, else by full name and phone (``people.clues``), else
as the guest who stood in the same place of the same booking before, where nothing speaks against it, else
made. What a found profile leaves empty (e-mail, phone, birth date, language; the name where it has none at
all) is filled with what came; nothing is overwritten. So a guest of whom only a card is known gets a
profile once for each booking.

Two intakes at once never make the same guest twice: whoever has to make one, or to fill a profile, first
takes the lock of the property group, then looks again. Inside a batch the same new person is made once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bookings import guest_rows
from bookings.people import Clue, KnownGuest, Person, clues

FILLED = ("email", "phone", "birth_date", "language")


@dataclass(frozen=True, slots=True)
class Sought:
    """A person, and the id of the guest who stood in that place of the booking before."""

    person: Person
    before: int | None = None


def find_or_make(sought: Sequence[Sought], *, at: datetime) -> list[int]:
    """The id of a profile for each, in order."""
    if not sought:
        return []
    asked = {clue: each.person for each in reversed(sought) for clue in clues(each.person)}
    before = {each.before for each in sought if each.before}
    matching = _Matching(guest_rows.look_up(asked, before=before))
    guests = [matching.guest_for(each) for each in sought]
    if matching.changes_nothing:
        return [guest.id for guest in guests]
    guest_rows.lock_groups({each.person.group_id for each in sought})
    matching = _Matching(guest_rows.look_up(asked, before=before))
    guests = [matching.guest_for(each) for each in sought]
    matching.save(at=at)
    return [guest.id for guest in guests]


@dataclass(slots=True)
class _Matching:
    """Goes through people one by one, as if each had come alone, and remembers what is to be written."""

    profiles: guest_rows.Profiles
    made: list[tuple[Person, KnownGuest]] = field(default_factory=list)
    named: list[tuple[Person, KnownGuest]] = field(default_factory=list)
    filled: dict[int, KnownGuest] = field(default_factory=dict)

    @property
    def changes_nothing(self) -> bool:
        return not (self.made or self.named or self.filled)

    def guest_for(self, sought: Sought) -> KnownGuest:
        person = sought.person
        ways = list(clues(person))
        guest = self._by_clue(ways) or self._before(sought)
        if guest is None:
            guest = _new(person)
            self.made.append((person, guest))
        elif _fill(guest, person) and guest.id:
            self.filled[guest.id] = guest
        self._remember(guest, person, ways)
        return guest

    def save(self, *, at: datetime) -> None:
        guest_rows.add(self.made, at=at)
        guest_rows.add_external_ids(self.named)
        guest_rows.fill(list(self.filled.values()))

    def _by_clue(self, ways: Sequence[Clue]) -> KnownGuest | None:
        known = self.profiles.by_clue
        return next((known[clue] for clue in ways if clue in known), None)

    def _before(self, sought: Sought) -> KnownGuest | None:
        before = self.profiles.before.get(sought.before or 0)
        if before is None or not _may_be(before.guest, sought.person):
            return None
        if sought.person.external_id and sought.person.source in before.sources:
            return None
        return before.guest

    def _remember(self, guest: KnownGuest, person: Person, ways: Sequence[Clue]) -> None:
        """The profile is found from now on by what it holds, and by the source's id."""
        for clue in ways:
            if clue in self.profiles.by_clue:
                continue
            if clue.by == "external_id":
                self.named.append((person, guest))
            elif not _holds(guest, clue):
                continue
            self.profiles.by_clue[clue] = guest


def _new(person: Person) -> KnownGuest:
    return KnownGuest(
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        phone=person.phone,
        birth_date=person.birth_date,
        language=person.language,
    )


def _fill(guest: KnownGuest, person: Person) -> bool:
    """Whether anything was empty that is known now."""
    names = () if guest.full_name else ("first_name", "last_name")
    empty = [name for name in (*names, *FILLED) if not getattr(guest, name) and getattr(person, name)]
    for name in empty:
        setattr(guest, name, getattr(person, name))
    guest.filled.update(empty)
    return bool(empty)


def _holds(guest: KnownGuest, clue: Clue) -> bool:
    if guest.full_name.lower() != clue.name:
        return False
    return clue.by == "name" or getattr(guest, clue.by).lower() == clue.detail


def _may_be(guest: KnownGuest, person: Person) -> bool:
    """Nothing speaks against it: the same name (or the profile has none), and no other e-mail or phone."""
    if guest.full_name and guest.full_name.lower() != person.full_name.lower():
        return False
    return all(
        not held or not said or held.lower() == said.lower()
        for held, said in ((guest.email, person.email), (guest.phone, person.phone))
    )

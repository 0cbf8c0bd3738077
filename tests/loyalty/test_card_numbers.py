import pytest
from stdnum import luhn

from loyalty import card_numbers


def test_prefix_running_number_and_luhn_digit() -> None:
    assert card_numbers.generate(prefix="77", length=10, running_number=1) == "7700000016"


@pytest.mark.parametrize("running_number", [1, 42, 9_999_999])
def test_every_number_is_valid_and_of_the_length(running_number: int) -> None:
    number = card_numbers.generate(prefix="77", length=10, running_number=running_number)

    assert len(number) == 10
    assert luhn.is_valid(number)


@pytest.mark.parametrize(("prefix", "length", "running_number"), [("77", 10, 10_000_000), ("777", 4, 1)])
def test_a_used_up_sequence_says_what_to_do(prefix: str, length: int, running_number: int) -> None:
    with pytest.raises(card_numbers.CardNumbersUsedUp, match="Make the card number longer"):
        card_numbers.generate(prefix=prefix, length=length, running_number=running_number)


@pytest.mark.parametrize("written", ["ab 12-3", "AB123", " ab123 "])
def test_numbers_are_compared_without_spaces_hyphens_and_case(written: str) -> None:
    assert card_numbers.normalise(written) == "AB123"

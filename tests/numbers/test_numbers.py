"""Complaint numbers: checked, never reused, mistyped ones recognised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grievance import numbers

serials = st.integers(min_value=1, max_value=99_999_999)


@given(serials)
def test_a_number_survives_being_written_as_people_write_it(serial):
    number = numbers.compose(2026, serial)

    assert len(number) == 11
    assert numbers.clean(numbers.grouped(number)) == number
    assert numbers.clean(number.translate(str.maketrans("0123456789", "०१२३४५६७८९"))) == number


@given(serials, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_recognised(serial, place, shift):
    number = numbers.compose(2026, serial)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]

    with pytest.raises(numbers.Mistyped):
        numbers.clean(wrong)


@given(serials, st.integers(0, 9))
def test_two_swapped_digits_are_recognised(serial, place):
    number = numbers.compose(2026, serial)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    if swapped != number:
        with pytest.raises(numbers.Mistyped):
            numbers.clean(swapped)


@pytest.mark.parametrize("text", ["", "abc", "123", "9" * 40, "२६", "26 0000 0482"])
def test_what_is_no_number_is_mistyped(text):
    with pytest.raises(numbers.Mistyped):
        numbers.clean(text)


def test_a_number_is_never_given_twice_even_after_a_rollback(db):
    from django.db import transaction

    first = numbers.new_number()
    with transaction.atomic():
        second = numbers.new_number()
        transaction.set_rollback(True)

    assert len({first, second, numbers.new_number()}) == 3

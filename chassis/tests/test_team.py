"""Teams as text: nothing is lost, and thousands fit into a header."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.team import packed, unpacked


@given(st.frozensets(st.integers(min_value=1, max_value=2**63 - 1)))
def test_whoever_goes_in_comes_out_and_nobody_else(people: frozenset[int]) -> None:
    assert unpacked(packed(people)) == people


@given(st.integers(1, 10**6), st.integers(1, 3000))
def test_people_who_joined_one_after_the_other_cost_next_to_nothing(first: int, many: int) -> None:
    assert len(packed(range(first, first + many))) <= 8


def test_a_supervisor_of_five_thousand_in_a_firm_of_twenty_thousand_fits_into_a_header() -> None:
    people = random.Random(7).sample(range(1, 20_001), 5_000)

    assert len(packed(people)) < 11_000


@pytest.mark.parametrize("text", ["gA", "AQ", "AQEB", "A"])
def test_half_a_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"half|base64"):
        unpacked(text)

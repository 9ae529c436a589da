"""The seven days of the user guide are as the guide tells them, in both modes."""

from __future__ import annotations

import pytest

from tests.journeys.guide import Reader, Typed, contains, sections
from tests.system import System

DAYS = sections()


@pytest.mark.parametrize("day", DAYS)
def test_a_day_is_as_the_guide_tells_it(guanxi: System, day: str) -> None:
    reader = Reader(guanxi)

    for typed in DAYS[day]:
        reader.type(typed)


def test_there_are_seven_days() -> None:
    assert len(DAYS) == 7
    assert all(any(typed.answers for typed in day) for day in DAYS.values())


def test_an_answer_that_differs_is_noticed() -> None:
    shown = {"items": [{"name": "Acme", "at": "2026-11-23T17:48:27Z"}]}

    assert contains({"items": [{"name": "Bolt"}, {"name": "Acme", "at": "2027-01-01T00:00:00Z", "id": 3}]}, shown)
    assert not contains({"items": [{"name": "Acme", "at": "yesterday"}]}, shown)
    assert not contains({"items": []}, shown)
    assert not contains({"status": 404}, shown)


def test_a_line_that_nobody_could_type_is_noticed(guanxi: System) -> None:
    with pytest.raises(AssertionError, match="no reader could type this"):
        Reader(guanxi).type(Typed("please show me the customers"))

"""The table of faults is whole: each has a test or says why not, and the page is what the results say."""

from __future__ import annotations

import json
import os

import pytest

from tests.faults import mutate, page
from tests.faults.catalogue import FAULTS
from tests.faults.found import ROOT, marks_in, shown_by
from tests.faults.mutants import BY_GUARD, MUTANTS
from tests.faults.shop import some_of_each_kind
from tests.faults.surgery import nothing, operate

pytestmark = pytest.mark.fast


def test_every_fault_has_a_row_and_a_test_or_a_reason() -> None:
    tests = shown_by()

    assert list(FAULTS) == list(range(1, 56))
    assert [number for number, fault in FAULTS.items() if not tests[number] and not fault.not_run] == []


def test_no_test_names_a_fault_that_is_not_in_the_catalogue() -> None:
    assert set(shown_by()) <= set(FAULTS)


def test_marks_are_found_on_tests_and_on_their_parameters() -> None:
    source = """
@pytest.mark.fault(1, 2)
@pytest.mark.parametrize("way", [pytest.param("a", marks=pytest.mark.fault(3))])
def test_something(way): ...

@pytest.mark.fault(4)
def no_test(): ...
"""

    assert list(marks_in(source)) == [("test_something", 1), ("test_something", 2), ("test_something", 3)]


RESULTS = {
    "at": "2026-11-26T17:00+00:00",
    "machine": {"cores": 2, "load": [1.5, 3.0]},
    "tests": {
        "tests/faults/test_a.py::test_kill[1]": {"faults": [1, 2], "outcome": "passed", "seconds": 1.0},
        "tests/faults/test_a.py::test_kill[2]": {"faults": [1], "outcome": "failed", "seconds": 2.0},
        "tests/faults/test_b.py::test_all": {
            "faults": [55], "outcome": "passed", "seconds": 75.0, "chaos": True, "seed": "7",
            "figures": {"events": 5000, "doubled": 0, "missing": 0, "repeated": 12, "violations": 0, "troubles": 3},
            "happened": {"kill": 4, "black_hole": 2},
        },
    },
    "mutants": [{"guard": "the inbox", "outcome": "caught", "caught_by": "test_a.py::test_kill"}],
}  # fmt: skip


def row(text: str, begins: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(begins))


def test_the_page_tells_what_failed_what_held_and_what_was_not_run() -> None:
    text = page.rendered(RESULTS)

    assert "2 of 3 tests passed" in text
    assert "**failed** (1 of 2): `test_a.py::test_kill`" in row(text, "| 1 |")
    assert "held: `test_a.py::test_kill` | `make chaos FAULT=2` |" in row(text, "| 2 |")
    assert "no result yet" in row(text, "| 3 |")
    assert row(text, "| `test_all` |") == "| `test_all` | 5000 | 6 | 12 | 0 | 0 | 0 | 7 |"
    assert "`test_all`: black hole 2, kill 4." in text
    assert "| the inbox | caught | `test_a.py::test_kill` |" in text


def test_the_page_is_what_the_results_say() -> None:
    results = json.loads(page.RESULTS.read_text())

    assert page.PAGE.read_text() == page.rendered(results)
    assert all(f"\n| {number} | " in page.PAGE.read_text() for number in FAULTS)


def test_many_late_events_do_not_hide_one_out_of_order() -> None:
    found = [f"conservation: {number} was never heard" for number in range(100)] + ["order: toy 1"]

    assert some_of_each_kind(found) == [*found[:5], "order: toy 1"]


# Mutants


def test_every_mutant_has_a_name_of_its_own_and_a_test_that_exists() -> None:
    assert len(BY_GUARD) == len(MUTANTS)
    for mutant in MUTANTS:
        path, _, name = mutate.path_of(mutant).partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text(), mutant.caught_by
        assert mutant.shows
        assert not mutant.also or mutant.also in BY_GUARD


WINDOW = next(mutant for mutant in MUTANTS if "test_window" in mutant.caught_by)


def test_a_mutant_is_caught() -> None:
    assert mutate.judge(WINDOW, os.environ).outcome == "caught"


def test_a_mutant_under_which_its_test_passes_survives_and_one_that_says_something_else_is_unclear() -> None:
    assert mutate.outcome_of(WINDOW, 0, "1 passed") == "survived"
    assert mutate.outcome_of(WINDOW, 1, "Connection refused") == "unclear"
    assert mutate.outcome_of(WINDOW, 2, WINDOW.shows) == "unclear"


def test_of_recovery_a_test_that_passes_is_a_mutant_that_was_caught() -> None:
    said = "PASSED a.py::test[one]\nFAILED a.py::test[two] - assert [] != []\n"

    told = [mutate.outcome_in(said, f"a.py::test[{name}]") for name in ("one", "two", "three")]

    assert told == ["caught", "survived", "unclear"]


def test_a_guard_that_has_moved_is_missed() -> None:
    with pytest.raises(AttributeError):
        operate("chassis.window:Window.gone", nothing)

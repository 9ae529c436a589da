"""The table that a measurement writes into the page."""

from __future__ import annotations

import pytest

from tests.bench.bus.figures import Row, limit, ratio
from tests.bench.bus.page import BEGIN, END, PAGE, written

OLD = f"# What was measured\n\n{BEGIN}\nold\n{END}\n\nMore.\n"


def test_what_is_promised_takes_the_place_of_old_figures_and_nothing_else() -> None:
    rows = [Row("a", "5 events/s"), ratio("b", 24.3, at_least=20), limit("c", 31.2, "s", below=30)]

    page = written(OLD, rows, load=3.4)

    assert "5 events/s" not in page
    assert "| b | 24.3 times | at least 20 times |" in page
    assert "| c | 31.2 s (missed) | under 30 s |" in page
    assert "old" not in page
    assert page.startswith("# What was measured\n\n")
    assert page.endswith("\n\nMore.\n")
    assert written(page, rows, load=3.4) == page


def test_a_page_without_a_place_for_them_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks"):
        written("# Nothing here\n", [], load=0)


def test_our_page_has_a_place_for_them() -> None:
    assert written(PAGE.read_text(), [], load=0)

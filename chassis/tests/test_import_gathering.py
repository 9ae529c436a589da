"""Rows that belong together become one record, and a row that cannot be given to any spoils its neighbours."""

from __future__ import annotations

import pytest

from chassis.importing.columns import Said
from chassis.importing.gathering import Record, gathered, place_of, told_of
from chassis.importing.lines import Fault


def said(row: int, order: str | None, *, item: str = "", faulty: bool = False, **more: str) -> Said:
    values = {**({"order_no": order} if order else {}), **more}
    return Said(row, values, {"item": item} if item else {}, [Fault(row, "x", "wrong")] if faulty else [])


def together(*rows: Said) -> list[Record]:
    return list(gathered(iter(rows), "order_no", "lines"))


def wrong_rows(record: Record) -> list[int]:
    return sorted({fault.row for fault in told_of(record)})


def test_rows_with_one_key_below_each_other_are_one_record() -> None:
    first, second = together(
        said(2, "A", item="pump", city="Ulm"), said(3, "A", item="seal"), said(4, "B", city="Bonn")
    )

    assert (first.rows, first.values) == (
        [2, 3], {"order_no": "A", "city": "Ulm", "lines": [{"item": "pump"}, {"item": "seal"}]},
    )  # fmt: skip
    assert (second.rows, second.values) == ([4], {"order_no": "B", "city": "Bonn"})


def test_a_row_that_says_otherwise_takes_the_record_down() -> None:
    [record] = together(said(2, "A", item="pump", city="Ulm"), said(3, "A", item="seal", city="Bonn"))

    assert [(fault.row, fault.column, fault.reason) for fault in told_of(record)] == [
        (3, "city", "Row 2 of the same record says otherwise"),
        (2, "", "Row 3 of the same record is refused"),
    ]


def test_a_damaged_row_in_the_middle_takes_all_of_its_record_down() -> None:
    [record, after] = together(said(2, "A", item="pump"), said(3, "A", faulty=True), said(4, "A"), said(5, "B"))

    assert (wrong_rows(record), wrong_rows(after)) == ([2, 3, 4], [])


@pytest.mark.parametrize("faulty", [True, False])
def test_a_row_without_a_key_spoils_its_neighbours(faulty: bool) -> None:
    [above, below, other] = together(
        said(2, "A", item="pump"), said(3, None, item="seal", faulty=faulty), said(4, "B"), said(5, "C")
    )

    assert (wrong_rows(above), wrong_rows(below), wrong_rows(other)) == ([2, 3], [4], [])


def test_a_row_without_a_key_at_the_beginning_spoils_what_follows() -> None:
    [lost, below] = together(said(2, None, faulty=True), said(3, "B"))

    assert (wrong_rows(lost), wrong_rows(below)) == ([2], [3])


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/lines/1/item", (3, "item")),
        ("/lines/0/item", (2, "item")),
        ("/lines/7/item", (2, "lines/7/item")),
        ("/lines", (2, "lines")),
        ("/city", (2, "city")),
        ("", (2, "")),
    ],
)
def test_a_pointer_leads_to_the_row_of_the_part(pointer: str, place: tuple[int, str]) -> None:
    assert place_of(pointer, [2, 3], "lines") == place

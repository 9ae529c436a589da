"""Damaged files: each fault is named by row, column and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from guanxi.importing.reading import Column, Fault, Unreadable, moment, number, read, text

COLUMNS = (Column("name", text), Column("amount", number), Column("day", moment("%d-%m-%Y")))
GOOD = "name,amount,day\nAcme,5.50,31-01-2026\n"


def reading(path: Path, content: str | bytes) -> tuple[list[dict[str, object]], list[Fault]]:
    path = path / "table.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    faults: list[Fault] = []
    return [dict(record.values) for record in read(path, COLUMNS, faults)], faults


def test_a_good_file_is_read_as_it_stands(tmp_path: Path) -> None:
    [row], faults = reading(tmp_path, GOOD)

    assert (row["name"], str(row["amount"]), faults) == ("Acme", "5.50", [])


def test_a_wrong_header_stops_the_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refused:
        reading(tmp_path, "title,amount,day\nAcme,5,31-01-2026\n")

    assert (refused.value.fault.row, refused.value.fault.column) == (1, "name")


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("Acme,5,31-13-2026", "day", "is not a date like 31-01-2026"),
        ("Acme,5,2026-01-31", "day", "is not a date"),
        ("Acme,five,31-01-2026", "amount", "is not a number"),
        ("Acme,NaN,31-01-2026", "amount", "is not a number"),
        (",5,31-01-2026", "name", "is empty"),
        ('"=HYPERLINK(""x"")",5,31-01-2026', "name", "looks like a formula"),
        ("Ac\x07me,5,31-01-2026", "name", "control characters"),
        ("Acme,5", "", "cells instead of 3; is the file cut off"),
        ("Acme,5,31-01-2026,more", "", "cells instead of 3"),
        ('"Acme', "", "damaged"),
    ],
)
def test_a_wrong_row_is_named_and_the_others_are_read(tmp_path: Path, row: str, column: str, words: str) -> None:
    rows, [fault] = reading(tmp_path, f"{GOOD}{row}\n")

    assert (len(rows), fault.row, fault.column) == (1, fault.row, column)
    assert fault.row >= 3
    assert words in fault.reason


def test_a_cell_of_fifty_megabytes_is_one_fault(tmp_path: Path) -> None:
    rows, faults = reading(tmp_path, f"{GOOD}{'x' * 50_000_000},5,31-01-2026\nBeta,1,01-02-2026\n")

    assert [row["name"] for row in rows] == ["Acme", "Beta"]
    assert [fault.row for fault in faults] == [3]


def test_chinese_and_marked_encodings_are_read(tmp_path: Path) -> None:
    chinese = GOOD.replace("Acme", "张三丰科技")

    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        [row], _ = reading(tmp_path, chinese.encode(encoding))
        assert row["name"] == "张三丰科技"


def test_bytes_that_are_no_text_stop_the_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="not text"):
        reading(tmp_path, b"name,amount,day\n\x00\x01,5,31-01-2026\n")

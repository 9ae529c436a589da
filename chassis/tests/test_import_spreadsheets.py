"""Spreadsheets read with distrust: types are kept, and neither bombs nor far cells nor nonsense break anything."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.importing import xlsx_file
from chassis.importing.lines import Unreadable
from chassis.sheets import write_csv, write_xlsx
from tests.parts_list import COLUMNS, faults, read, refusal, repacked, rows, sheet, table


def test_a_spreadsheet_is_read_with_its_types() -> None:
    def fill(book: Any, paper: Any) -> None:
        moment, day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), book.add_format({"num_format": 14})
        paper.write_row(0, 0, ["零件编码", "名称", "单价", "件数", "Made at (UTC)", "on", "is_sold"])
        paper.write_row(2, 0, ["A-1", 13800138000, 0.1 + 0.2 + 0.2, 13])
        paper.write_datetime(2, 4, datetime.fromisoformat("2026-01-31T13:05:07"), moment)
        paper.write_datetime(2, 5, datetime.fromisoformat("2026-01-31"), day)
        paper.write_boolean(2, 6, True)
        paper.write_rich_string(3, 0, "A", book.add_format({"bold": True}), "-2")

    first, second = rows(sheet(fill), name="parts.xlsx")

    assert first == {"code": "A-1", "name": "13800138000", "price": "0.50", "pieces": 13,
                     "made_at": "2026-01-31T13:05:07+00:00", "on": "2026-01-31", "is_sold": True}  # fmt: skip
    assert second == {"code": "A-2"}


PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=30)


@given(st.lists(st.tuples(PRINTABLE, st.integers(0, 1000)), min_size=1, max_size=20))
def test_what_we_write_we_read(made: list[tuple[str, int]]) -> None:
    columns = COLUMNS.template("zh")
    shown = [{field.name: None for field in COLUMNS.fields} | {"code": "A", "name": name, "pieces": pieces}
             for name, pieces in made]  # fmt: skip
    for write, file in ((write_csv, "parts.csv"), (write_xlsx, "parts.xlsx")):
        found = list(read(b"".join(write(columns, shown)[0]), file).rows())
        assert [one.values.get("name", "") for one in found] == [name.strip() for name, _ in made]
        assert [one.values["pieces"] for one in found] == [pieces for _, pieces in made]


def test_ten_thousand_rows_of_a_sheet_are_read_in_little_memory() -> None:
    content = table(["code", "name"], *[[f"A-{number}", f"part {number}"] for number in range(20_000)])
    found = read(content, "parts.xlsx")
    tracemalloc.start()
    count = sum(1 for _ in found.rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 20_000
    assert peak < 5_000_000


def test_a_cell_far_away_costs_nothing() -> None:
    """Readers that reserve a place for each cell up to the last one need twelve gigabytes for this file."""
    content = sheet(lambda _, paper: (paper.write(0, 0, "code"), paper.write(900_000, 100, "x")))

    assert len(content) < 10_000
    assert faults(content, name="parts.xlsx") == [
        (900_001, "", "The row has 101 cells instead of 1; is the file cut off?")
    ]


def test_a_cell_beyond_the_columns_is_refused() -> None:
    content = sheet(lambda _, paper: (paper.write(0, 0, "code"), paper.write(1, 0, "A"), paper.write(2, 5000, "x")))

    assert "more than 200 columns" in refusal(content, name="parts.xlsx")


def test_formulas_and_errors_are_told_row_by_row() -> None:
    def fill(_book: Any, paper: Any) -> None:
        paper.write_row(0, 0, ["code", "pieces"])
        paper.write_row(1, 0, ["A-1"])
        paper.write_formula(1, 1, "=1+1", None, 2)
        paper.write_row(2, 0, ["A-2", 7])

    content = sheet(fill)
    error = repacked(content, xl__worksheets__sheet1_xml=(
        b'<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>code</t></is></c></row>'
        b'<row r="2"><c t="e"><v>#DIV/0!</v></c></row></sheetData></worksheet>'
    ))  # fmt: skip

    assert faults(content, name="x.xlsx") == [(2, "pieces", "The cell holds a formula; put its value in its place")]
    assert faults(error, name="x.xlsx") == [(2, "code", "The cell holds the error #DIV/0!")]


@pytest.mark.parametrize("name", ["parts.xls", "parts.xlsm", "parts.XLSB", "parts.ods", "parts.pdf"])
def test_other_forms_are_refused_by_name(name: str) -> None:
    assert "This form of file is not read" in refusal(table(["code"], ["A"]), name=name)


def test_what_a_file_is_its_content_says_and_not_its_name() -> None:
    assert rows(table(["code"], ["A"]), name="parts.csv") == [{"code": "A"}]
    assert rows(b"code\nA\n", name="parts.xlsx") == [{"code": "A"}]
    assert "This form of file" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, name="parts.xlsx")


def test_macros_are_refused_whatever_the_name() -> None:
    assert "macros" in refusal(repacked(table(["code"], ["A"]), xl__vbaProject_bin=b"x").replace(
        b"vbaProject_bin", b"vbaProject.bin"), name="parts.xlsx")  # fmt: skip


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")

    assert "no spreadsheet of ours" in refusal(buffer.getvalue(), name="parts.xlsx")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.99])
def test_a_spreadsheet_that_is_cut_off_is_refused(share: float) -> None:
    whole = table(["code", "name"], *[[f"A-{number}", f"part {number}"] for number in range(200)])

    assert "damaged" in refusal(whole[: int(len(whole) * share)], name="parts.xlsx")


def test_a_spreadsheet_with_a_flipped_byte_is_refused_or_read_right() -> None:
    whole = table(["code"], *[[f"A-{number}"] for number in range(200)])
    expected = [{"code": f"A-{number}"} for number in range(200)]
    outcomes = set()
    for place in range(0, len(whole), 97):
        broken = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            found = list(read(broken, "parts.xlsx").rows())
        except Unreadable:
            outcomes.add("refused")
            continue
        assert [dict(one.values) for one in found] == expected
        outcomes.add("read")

    assert "refused" in outcomes


def bomb(size: int) -> bytes:
    start, end = (
        b'<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>',
        b"</t></is></c></row></sheetData></worksheet>",
    )
    return repacked(table(["code"], ["A"]), xl__worksheets__sheet1_xml=start + b"x" * size + end)


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    assert "two hundred times" in refusal(bomb(20_000_000), name="parts.xlsx")


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "LARGEST_WHOLE", 5_000)

    assert "Unpacked the file has more than" in refusal(table(["code"], ["A"]), name="parts.xlsx")


def test_a_bomb_that_lies_about_its_size_is_found_out() -> None:
    honest = bomb(20_000_000)
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = honest.replace(struct.pack("<I", size), struct.pack("<I", 500_000))

    tracemalloc.start()
    assert "damaged" in refusal(lying, name="parts.xlsx")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_a_cell_of_many_megabytes_is_refused_without_being_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "LARGEST_RATIO", 10_000)
    header = b'<row r="1"><c t="inlineStr"><is><t>code</t></is></c></row>'
    content = repacked(table(["code"], ["A"]), xl__worksheets__sheet1_xml=(
        b"<worksheet><sheetData>" + header + b'<row r="2"><c t="inlineStr"><is><t>' + b"x" * 50_000_000
        + b"</t></is></c></row></sheetData></worksheet>"
    ))  # fmt: skip
    found = read(content, "parts.xlsx")

    tracemalloc.start()
    [said] = found.rows()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "characters or more" in said.faults[0].reason
    assert len(said.faults[0].value) <= 100
    assert peak < 5_000_000


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>',
    ],
)
def test_entities_are_refused(xml: bytes) -> None:
    content = repacked(table(["code"], ["A"]), xl__worksheets__sheet1_xml=xml)

    assert "document type" in refusal(content, name="parts.xlsx")


@pytest.mark.parametrize(
    "xml",
    [
        b"<worksheet><sheetData><row r='x'><c><v>1</v></c></row></sheetData></worksheet>",
        b"<worksheet><sheetData><row><c t='s'><v>x</v></c></row></sheetData></worksheet>",
        b"<worksheet><sheetData><row><c s='x'><v>1</v></c></row></sheetData></worksheet>",
        b"<worksheet><sheetData><row><c><v>one</v></c></row></sheetData></worksheet>",
        b"<worksheet><sheetData><row>",
        b"",
        b"\xff\xfe\x00",
    ],
)
def test_nonsense_in_a_sheet_is_refused(xml: bytes) -> None:
    content = repacked(table(["code"], ["A"]), xl__worksheets__sheet1_xml=xml)

    assert "damaged" in refusal(content, name="parts.xlsx") or "empty" in refusal(content, name="parts.xlsx")

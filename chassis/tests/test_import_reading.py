"""Files read with distrust: what is whole is read, and what is damaged is told by row, column and reason."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import marshmallow as ma
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from chassis.fields import Body, Choice, Money, Number, Required, Text, When
from chassis.importing import reading, xlsx_file
from chassis.importing.columns import Columns
from chassis.importing.lines import LONGEST_CELL, Unreadable
from chassis.importing.reading import Reading, form_of
from chassis.sheets import write_csv, write_xlsx
from chassis.titles import Titles


class PartRow(Body):
    """A part of a machine, as a supplier lists it."""

    code = Required(20)
    name = Text(100)
    price = Money(attribute="price_minor", negative=True)
    pieces = Number(0, 1000)
    grade = Choice([1, 2, 3])
    made_at = When()
    on = ma.fields.Date()
    is_sold = ma.fields.Boolean()
    lines = ma.fields.List(ma.fields.String())


TITLES = {
    "code": ("零件编码", "Part code"),
    "price": ("单价", "Price"),
    "pieces": ("件数", "Pieces"),
    "made_at": ("生产时间", "Made at"),
}
COLUMNS = Columns(PartRow, "parts", Titles(TITLES))
Fill = Callable[[Any, Any], None]


def read(content: bytes, name: str = "parts.csv", mapping: dict[str, str | None] | None = None) -> Reading:
    return Reading(form_of(name, content), content, COLUMNS, mapping or {})


def rows(content: bytes, **how: Any) -> list[dict[str, Any]]:
    found = list(read(content, **how).rows())
    assert [fault for one in found for fault in one.faults] == []
    return [dict(one.values) for one in found]


def faults(content: bytes, **how: Any) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.reason) for one in read(content, **how).rows() for fault in one.faults]


def refusal(content: bytes, **how: Any) -> str:
    with pytest.raises(Unreadable) as refused:
        list(read(content, **how).rows())
    return str(refused.value)


def sheet(fill: Fill) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    fill(book, book.add_worksheet("零件"))
    book.close()
    return buffer.getvalue()


def table(*lines: list[Any]) -> bytes:
    def fill(_book: Any, paper: Any) -> None:
        for number, line in enumerate(lines):
            paper.write_row(number, 0, line)

    return sheet(fill)


def repacked(content: bytes, **members: bytes | None) -> bytes:
    """The same archive with members replaced, added, or (None) left out; ``__`` is a slash and ``_`` a dot."""
    changes = {name.replace("__", "/").replace("_xml", ".xml"): data for name, data in members.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            data = changes[name] if name in changes else old.read(name)
            if data is not None:
                new.writestr(name, data)
    return buffer.getvalue()


# CSV that is whole


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_encoding_and_the_separator_are_found_out(encoding: str, separator: str) -> None:
    text = f"零件编码{separator}name\r\nA-1{separator}华星贸易\r\n"

    assert rows(text.encode(encoding)) == [{"code": "A-1", "name": "华星贸易"}]


@pytest.mark.parametrize("header", ["code", "Part code", "PART CODE *", " 零件编码 ", "part_code", "Code"])
def test_a_column_is_known_by_the_name_of_the_field_or_a_title_in_either_language(header: str) -> None:
    assert rows(f"{header}\nA-1\n".encode()) == [{"code": "A-1"}]


def test_what_has_another_title_is_mapped_and_what_is_not_wanted_is_left_out() -> None:
    content = b"Teil,Notiz,Stueck\nA-1,hm,7\n"

    assert rows(content, mapping={"Teil": "code", "Notiz": None, "Stueck": "件数"}) == [{"code": "A-1", "pieces": 7}]


def test_cells_are_read_as_people_write_them() -> None:
    content = """code,price,pieces,grade,made_at,on,is_sold
A-1,"1,234.5",13.0,2,2026-01-31 13:05,2026/1/31,是
A-2,¥-5,"1,000",1,2026年1月31日,2026-01-31,no
A-3,,,,2026-01-31T13:05:00+08:00,,
""".encode()

    first, second, third = rows(content)

    assert first == {"code": "A-1", "price": "1234.50", "pieces": 13, "grade": 2,
                     "made_at": "2026-01-31T13:05:00+00:00", "on": "2026-01-31", "is_sold": True}  # fmt: skip
    assert (second["price"], second["pieces"], second["made_at"]) == ("-5.00", 1000, "2026-01-31T00:00:00+00:00")
    assert third == {"code": "A-3", "made_at": "2026-01-31T13:05:00+08:00"}


def test_a_formula_is_text_and_a_quote_that_made_it_harmless_goes() -> None:
    content = b"code,name\nA-1,=1+1\nA-2,'=1+1\nA-3,+86 138\n"

    assert [row["name"] for row in rows(content)] == ["=1+1", "=1+1", "+86 138"]


def test_empty_rows_are_no_rows_and_numbers_count_as_in_an_editor() -> None:
    found = list(read(b'code,name\n\nA-1,"two\nlines"\n , \nA-2,x\n').rows())

    assert [(one.row, one.values["code"]) for one in found if not one.faults] == [(3, "A-1"), (6, "A-2")]


# CSV that is not


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "The file is empty"),
        (b"code,name\n", "no rows"),
        (b"name\nx\n", "The header lacks Part code (零件编码, code)".encode().decode()),
        (b"code,colour\nA-1,red\n", "No field is called so"),
        (b"code,Part code\nA-1,A-1\n", "Two columns are the same field"),
        (b"code\nA\x00-1\n", "zero bytes"),
        ("code\nA-1\n".encode("utf-16-le"), "zero bytes"),
        (b"code\nCaf\xe9,\xff\xfe\xff\n", "encoding is unknown"),
        (b"\xef\xbb\xbfcode\n\xff\xff\n", "encoding is unknown"),
        (b'"code\nA-1\n', "damaged or cut off"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_is_refused_as_a_whole(content: bytes, said: str) -> None:
    assert said in refusal(content)


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        ("A-1,many,1", "件数", "The cell is not a number"),
        ("A-1,1.5,1", "件数", "The cell is not a whole number"),
        ("A-1,1e999,1", "件数", "The cell is not a number that fits"),
        ("A-1,NaN,1", "件数", "The cell is not a number that fits"),
        ("A-1,1,1.234", "price", "The cell has more than two places"),
        ("A-1,1,12 €€x", "price", "The cell is not a number"),
        ("A-1,1", "", "The row has 2 cells instead of 3; is the file cut off?"),
        ("A-1,1,1,1", "", "The row has 4 cells instead of 3; is the file cut off?"),
        ("A-1,1,\x01", "price", "The cell has control characters"),
        (f"A-1,1,{'9' * 32_001}", "price", "The cell has 32001 characters or more; at most 32000 are read"),
    ],
)
def test_a_damaged_row_is_named_with_its_column_and_the_reason(line: str, column: str, said: str) -> None:
    content = f"code,件数,price\n{line}\nA-2,1,1\n".encode()

    assert faults(content) == [(2, column, said)]
    assert [one.values["code"] for one in read(content).rows() if not one.faults] == ["A-2"]


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("31.01.2026", "The cell is not a date like 2026-01-31"),
        ("2026-02-30", "The cell is no day of the calendar"),
        ("2026-01-31 25:00", "The cell is no day of the calendar"),
        ("2026-01-31 noon", "The cell is not a date and time like 2026-01-31 13:05"),
        ("soon", "The cell is not a date like 2026-01-31"),
        ("45000", "The cell is not a date like 2026-01-31"),
    ],
)
def test_a_bad_date_is_told(date: str, said: str) -> None:
    assert faults(f"code,made_at\nA-1,{date}\n".encode()) == [(2, "made_at", said)]


def test_a_file_that_ends_in_the_middle_of_a_row_loses_that_row_only() -> None:
    whole = b'code,name,pieces\nA-1,"one",1\nA-2,"two",2\n'

    for cut in range(whole.index(b"A-2") + 4, len(whole) - 3):
        found = list(read(whole[:cut]).rows())
        assert [one.row for one in found if one.faults] == [3], whole[:cut]
        assert found[0].values["code"] == "A-1"


def test_a_cell_of_a_megabyte_spoils_its_row_only() -> None:
    content = b"code,name\nA-1," + b"x" * 1_000_000 + b"\nA-2,y\n"

    found = list(read(content).rows())

    assert [bool(one.faults) for one in found] == [True, False]


def test_more_rows_than_a_person_can_check_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)

    assert len(rows(b"code\nA-1\nA-2\n")) == 2
    assert refusal(b"code\nA-1\nA-2\nA-3\n") == "The file has more than 2 rows; make parts of it"


# XLSX that is whole


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


# XLSX that is not


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


@given(st.binary(max_size=400))
def test_no_bytes_whatever_break_the_reader(content: bytes) -> None:
    for start in (b"", b"code\n", b"PK\x03\x04"):
        try:
            list(read(start + content).rows())
        except Unreadable:
            continue


def test_the_longest_cell_is_read_and_one_longer_is_not() -> None:
    assert rows(b"code,name\nA," + b"x" * LONGEST_CELL + b"\n")[0]["name"] == "x" * LONGEST_CELL
    assert faults(b"code,name\nA," + b"x" * (LONGEST_CELL + 1) + b"\n") != []

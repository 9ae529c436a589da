"""CSV read with distrust: what is whole is read, what is damaged is told by row, column and reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.importing import reading
from chassis.importing.lines import LONGEST_CELL, Unreadable
from tests.parts_list import faults, read, refusal, rows


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


def test_every_title_that_no_field_has_is_told_at_once() -> None:
    with pytest.raises(Unreadable) as refused:
        read(b"code,colour,Teil\nA-1,red,x\n")

    assert [(fault.row, fault.column) for fault in refused.value.faults] == [(1, "colour"), (1, "Teil")]
    assert refused.value.columns == [
        {"header": "code", "field": "code"},
        {"header": "colour", "field": None},
        {"header": "Teil", "field": None},
    ]


def test_a_cell_that_somebody_put_right_counts_instead_of_the_files() -> None:
    content = b"code,Pieces,price\nA-1,many,1\nA-2,2,x\nA-3,3,3\n"

    found = rows(content, fixes={2: {"Pieces": "7"}, 3: {"price": "2.50"}, 4: {"nonsense": "9"}})

    assert [(row["code"], row["pieces"], row["price"]) for row in found] == [
        ("A-1", 7, "1.00"), ("A-2", 2, "2.50"), ("A-3", 3, "3.00"),
    ]  # fmt: skip


def test_a_fix_that_is_wrong_itself_is_told_as_the_cell_would_be() -> None:
    assert faults(b"code,pieces\nA-1,many\n", fixes={2: {"pieces": "lots"}}) == [
        (2, "pieces", "The cell is not a number")
    ]


def test_a_row_that_is_cut_off_cannot_be_put_right() -> None:
    assert "is the file cut off?" in faults(b"code,name,pieces\nA-1,x\n", fixes={2: {"pieces": "1"}})[0][2]

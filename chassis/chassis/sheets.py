"""Tables as files: CSV that streams, XLSX that is built on disk; neither holds more than a page of rows in memory.

Text that a spreadsheet would run as a formula is made harmless: ``=1+1`` typed as a name stays a name.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import IO, Any

from chassis.downloads import CSV, XLSX

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Signs that make a spreadsheet calculate, also those of full width (some East Asian versions read them alike)."""
QUOTE = "'"
MARK = "\ufeff"
"""Without the mark Excel takes UTF-8 for the code page of the country."""
BLOCK = 64 * 1024
MOST_DIGITS = 15
"""A spreadsheet keeps numbers as binary fractions: more digits than these would be changed."""
LONGEST_CELL = 32_767
Row = Mapping[str, Any]


class Kind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    MOMENT = "moment"
    DAY = "day"
    YES_NO = "yes-no"


@dataclass(frozen=True)
class Column:
    """A column of the file: the name that rows use, its title, and what its cells hold."""

    name: str
    title: str
    kind: Kind


Write = Callable[[Sequence[Column], Iterable[Row]], tuple[Iterable[bytes], int | None]]
"""The blocks of a file and its size, if it is known before."""


@dataclass(frozen=True)
class Form:
    """One form of file."""

    content_type: str
    write: Write


def write_csv(columns: Sequence[Column], rows: Iterable[Row]) -> tuple[Iterable[bytes], None]:
    """UTF-8 with a mark, comma, CRLF; moments as ISO 8601 in UTC, money as plain decimals."""
    return _csv_blocks(columns, rows), None


def _csv_blocks(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(MARK)
    writer.writerow([column.title for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(row[column.name], column.kind) for column in columns])
        if buffer.tell() > BLOCK:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _csv_cell(value: Any, kind: Kind) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = as_text(value)
    return harmless(text) if kind == Kind.TEXT else text


def as_text(value: Any) -> str:
    """A value in words: nothing for None, ``true`` and ``false``, JSON for what has parts."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.isoformat() if isinstance(value, date) else str(value)


def harmless(text: str) -> str:
    """Text that no spreadsheet runs: a quote goes before what looks like a formula."""
    return QUOTE + text if looks_like_formula(text) else text


def as_typed(text: str) -> str:
    """The text as it was before it was made harmless."""
    return text[1:] if text.startswith(QUOTE) and looks_like_formula(text) else text


def looks_like_formula(text: str) -> bool:
    """Also behind quotes, so that a quote which was there before is not taken for ours."""
    return text.lstrip(QUOTE).startswith(FORMULA_STARTS)


def write_xlsx(columns: Sequence[Column], rows: Iterable[Row]) -> tuple[Iterable[bytes], int]:
    """One sheet with a frozen header; moments and days are real dates, money real numbers with two places."""
    import xlsxwriter  # here, so that a service that exports nothing today does not load it

    file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by whoever has read it)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    _Sheet(book, columns).fill(rows)
    book.close()
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return _file_blocks(file), size


def _file_blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK):
            yield block


class _Sheet:
    """Cells of one sheet, written row by row."""

    def __init__(self, book: Any, columns: Sequence[Column]) -> None:
        self.sheet, self.columns = book.add_worksheet(), columns
        self.bold = book.add_format({"bold": True})
        self.quoted = book.add_format({"quote_prefix": True})
        self.formats = {
            Kind.MOMENT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            Kind.DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
            Kind.MONEY: book.add_format({"num_format": "0.00"}),
        }

    def fill(self, rows: Iterable[Row]) -> None:
        self.sheet.freeze_panes(1, 0)
        for place, column in enumerate(self.columns):
            self.sheet.set_column(place, place, 20 if column.kind == Kind.MOMENT else 16)
            title = f"{column.title} (UTC)" if column.kind == Kind.MOMENT else column.title
            self.sheet.write_string(0, place, title, self.bold)
        for number, row in enumerate(rows, 1):
            for place, column in enumerate(self.columns):
                self._cell(number, place, row[column.name], column.kind)

    def _cell(self, row: int, place: int, value: Any, kind: Kind) -> None:
        if value is None or value == "":
            return
        if isinstance(value, bool):
            self.sheet.write_boolean(row, place, value)
        elif isinstance(value, datetime):
            self.sheet.write_datetime(row, place, value.astimezone(UTC).replace(tzinfo=None), self.formats[Kind.MOMENT])
        elif isinstance(value, date):
            self.sheet.write_datetime(row, place, value, self.formats[Kind.DAY])
        elif kind in (Kind.NUMBER, Kind.MONEY) and _fits(value):
            self.sheet.write_number(row, place, float(value), self.formats.get(kind))
        else:
            self._text(row, place, as_text(value)[:LONGEST_CELL])

    def _text(self, row: int, place: int, text: str) -> None:
        self.sheet.write_string(row, place, text, self.quoted if looks_like_formula(text) else None)


def _fits(value: Any) -> bool:
    return sum(sign.isdigit() for sign in str(value)) <= MOST_DIGITS


FORMS: Mapping[str, Form] = {"csv": Form(CSV, write_csv), "xlsx": Form(XLSX, write_xlsx)}

"""A CSV file read with distrust: every fault names its row, its column and its reason."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

LONGEST_CELL = 32_000
"""Longer than any field we keep; a cell of megabytes is damage, not data."""
LONGEST_LINE = 1_000_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
ENCODINGS = ("utf-8", "gb18030")
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclasses.dataclass(frozen=True)
class Fault:
    """What is wrong, and where: rows count as an editor shows them, the header being row 1."""

    row: int
    column: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Column:
    """A column we read: ``parse`` gives its value or raises ValueError with the reason."""

    name: str
    parse: Callable[[str], Any]
    is_required: bool = True


@dataclasses.dataclass(frozen=True)
class Record:
    """One good row."""

    row: int
    values: Mapping[str, Any]


class Unreadable(Exception):
    """Nothing of the file can be used."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def text(cell: str) -> str:
    """Text as it stands; what a spreadsheet would run as a formula is refused."""
    if cell.startswith(FORMULA_STARTS):
        raise ValueError("looks like a formula; put no = + - @ in front of text")
    if any(ord(sign) < ord(" ") or sign == "\x7f" for sign in cell):
        raise ValueError("has control characters")
    return cell


def number(cell: str) -> Decimal:
    """A plain decimal number."""
    try:
        found = Decimal(cell)
    except InvalidOperation as error:
        raise ValueError(f"{_short(cell)!r} is not a number") from error
    if not found.is_finite():
        raise ValueError(f"{_short(cell)!r} is not a number")
    return found


def whole(cell: str) -> int:
    """A whole number, also when a spreadsheet wrote it as ``13085.0``."""
    found = number(cell)
    if found != int(found):
        raise ValueError(f"{_short(cell)!r} is not a whole number")
    return int(found)


def moment(shape: str) -> Callable[[str], datetime]:
    """A date or moment written in this shape (strptime), taken as UTC."""

    def parse(cell: str) -> datetime:
        try:
            return datetime.strptime(cell, shape).replace(tzinfo=UTC)
        except ValueError as error:
            raise ValueError(f"{_short(cell)!r} is not a date like {_example(shape)}") from error

    return parse


def yes_or_no(cell: str) -> bool:
    if cell not in ("True", "False"):
        raise ValueError(f"{_short(cell)!r} is neither True nor False")
    return cell == "True"


def read(path: Path, columns: Sequence[Column], faults: list[Fault]) -> Iterator[Record]:
    """The good rows one by one; faults are appended as they are met.

    Raises Unreadable when the encoding or the header is wrong: then no row can be trusted.
    """
    with path.open(newline="", encoding=encoding_of(path), errors="replace") as file:
        rows = _numbered(csv.reader(_limited(file), strict=True), faults)
        header = next(rows, (1, []))[1]
        _check_header(header, columns)
        places = [(header.index(column.name), column) for column in columns]
        for row, cells in rows:
            values = _values(row, cells, len(header), places, faults)
            if values is not None:
                yield Record(row, values)


def encoding_of(path: Path) -> str:
    """By its mark, else strict UTF-8, else GB 18030. Raises Unreadable when it is none of them."""
    data = path.read_bytes()
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    if b"\x00" in data:
        raise Unreadable(Fault(1, "", "The file is not text (it has zero bytes)"))
    for encoding in ENCODINGS:
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable(Fault(1, "", f"The encoding is unknown; save the file as UTF-8 (tried {', '.join(ENCODINGS)})"))


def _limited(lines: Iterable[str]) -> Iterator[str]:
    """Lines without the endless ones: those are cut, so that the row counts and is refused for its width."""
    for line in lines:
        yield line if len(line) <= LONGEST_LINE else line[: LONGEST_CELL + 2].replace('"', "") + "\n"


def _numbered(reader: Any, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(Fault(reader.line_num, "", f"The row is damaged: {error}"))
            continue
        if cells:
            yield reader.line_num, cells


def _check_header(header: Sequence[str], columns: Sequence[Column]) -> None:
    missing = [column.name for column in columns if column.name not in header]
    if missing:
        raise Unreadable(
            Fault(1, missing[0], f"The header lacks {', '.join(missing)}; it has {', '.join(header)[:200]}")
        )


def _values(
    row: int, cells: Sequence[str], width: int, places: Sequence[tuple[int, Column]], faults: list[Fault]
) -> dict[str, Any] | None:
    if len(cells) != width:
        faults.append(Fault(row, "", f"The row has {len(cells)} cells instead of {width}; is the file cut off?"))
        return None
    values, is_good = {}, True
    for place, column in places:
        try:
            values[column.name] = _cell(cells[place].strip(), column)
        except ValueError as error:
            faults.append(Fault(row, column.name, str(error)))
            is_good = False
    return values if is_good else None


def _cell(cell: str, column: Column) -> Any:
    if len(cell) > LONGEST_CELL:
        raise ValueError(f"has {len(cell)} characters; at most {LONGEST_CELL} are read")
    if not cell:
        if column.is_required:
            raise ValueError("is empty")
        return None
    return column.parse(cell)


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else cell[:40] + "…"


def _example(shape: str) -> str:
    return datetime(2026, 1, 31, 13, 5, tzinfo=UTC).strftime(shape)

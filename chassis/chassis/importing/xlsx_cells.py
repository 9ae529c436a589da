"""What the parts of an XLSX file mean: shared texts, formats that make a number a date, and the cells of a sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from chassis.importing.lines import Cell, Line, Unreadable, Wrong

Attributes = Mapping[str, str]
DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""The numbers of built-in formats that show dates and times, those of Chinese editions too."""
EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  (a sheet knows no zone)
LATEST_DAY = 2_958_465
"""31 December 9999, the last day of a spreadsheet."""
LAST_LEAP_DAY = 60
"""Spreadsheets believe in 29 February 1900; before it their days are one off."""
A_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class _Part:
    """Handlers that look at nothing; each part of a file looks at something."""

    def start(self, name: str, attributes: Attributes) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...


class Book:
    """What a sheet needs to know of its workbook."""

    def __init__(self) -> None:
        self.workbook, self.relations, self.styles, self.strings = _Workbook(), _Relations(), _Styles(), _Strings()

    def first_sheet(self) -> str:
        """Where the first visible sheet lies. Raises Unreadable."""
        target = self.relations.targets.get(self.workbook.first)
        if target is None:
            raise Unreadable("The file has no sheet")
        return target

    @property
    def epoch(self) -> datetime:
        return EPOCH_1904 if self.workbook.is_1904 else EPOCH


class _Workbook(_Part):
    def __init__(self) -> None:
        self.first, self.is_1904 = "", False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet" and not self.first and attributes.get("state", "visible") == "visible":
            self.first = attributes.get("id", "")
        elif name == "workbookPr":
            self.is_1904 = attributes.get("date1904") in ("1", "true")


class _Relations(_Part):
    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "").removeprefix("/xl/")


class _Styles(_Part):
    """Which styles show dates."""

    def __init__(self) -> None:
        self.dates: list[bool] = []
        self._formats = set(DATE_FORMATS)
        self._is_inside = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt" and is_date_format(attributes.get("formatCode", "")):
            self._formats.add(int(attributes.get("numFmtId", "0")))
        elif name == "cellXfs":
            self._is_inside = True
        elif name == "xf" and self._is_inside:
            self.dates.append(int(attributes.get("numFmtId", "0")) in self._formats)

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._is_inside = False

    def are_dates(self, style: str) -> bool:
        number = int(style)
        return 0 <= number < len(self.dates) and self.dates[number]


class _Strings(_Part):
    """The texts that cells share; pronunciation guides are no part of them."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._parts: list[str] = []
        self._is_text = self._is_guide = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._is_guide = True
        elif name == "t":
            self._is_text = not self._is_guide

    def end(self, name: str) -> None:
        if name == "si":
            self.all.append("".join(self._parts))
        elif name == "rPh":
            self._is_guide = False
        elif name == "t":
            self._is_text = False

    def text(self, data: str) -> None:
        if self._is_text:
            self._parts.append(data)


class Sheet(_Part):
    """The rows of one sheet, as they come by."""

    def __init__(self, book: Book, *, longest: int, most_columns: int) -> None:
        self.book, self.longest, self.most_columns = book, longest, most_columns
        self._ready: list[Line] = []
        self._row = 0
        self._cells: dict[int, Cell] = {}
        self._column = -1
        self._kind = self._style = ""
        self._parts: list[str] = []
        self._length = 0
        self._is_value = self._is_formula = self._is_guide = False

    def taken(self) -> Iterator[Line]:
        """The rows that are complete by now, each once."""
        ready, self._ready = self._ready, []
        yield from ready

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._cells, self._column = {}, -1
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._is_formula = True
        elif name == "rPh":
            self._is_guide = True
        elif name in ("v", "t"):
            self._is_value = not self._is_guide

    def end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self._is_guide = False
        elif name in ("v", "t"):
            self._is_value = False

    def text(self, data: str) -> None:
        if self._is_value and self._length <= self.longest:
            self._parts.append(data)
            self._length += len(data)

    def _begin_cell(self, attributes: Attributes) -> None:
        place = A_PLACE.fullmatch(attributes.get("r", ""))
        self._column = _number_of(place[1]) if place else self._column + 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._parts, self._length, self._is_formula = [], 0, False

    def _end_cell(self) -> None:
        said = "".join(self._parts)
        if self._is_formula:
            self._keep(Wrong("holds a formula; put its value in its place"))
        elif said:
            self._keep(self._cell(said))

    def _keep(self, cell: Cell) -> None:
        if self._column >= self.most_columns:
            raise Unreadable(f"There are more than {self.most_columns} columns", row=self._row)
        self._cells[self._column] = cell

    def _end_row(self) -> None:
        if any(not isinstance(cell, str) or cell.strip() for cell in self._cells.values()):
            width = max(self._cells) + 1
            self._ready.append(Line(self._row, [self._cells.get(place, "") for place in range(width)]))

    def _cell(self, said: str) -> Cell:
        if self._kind == "s":
            texts, number = self.book.strings.all, int(said)
            return texts[number] if 0 <= number < len(texts) else Wrong("refers to a text that is not in the file")
        if self._kind == "b":
            return said == "1"
        if self._kind == "e":
            return Wrong(f"holds the error {said}")
        if self._kind == "n":
            return self._number(said)
        return said

    def _number(self, said: str) -> Cell:
        number = float(f"{float(said):.15g}")  # a spreadsheet shows 15 digits and stores 0.30000000000000004
        if self.book.styles.are_dates(self._style):
            return _moment(self.book.epoch, number)
        if number.is_integer() and abs(number) < 10**15:
            return int(number)
        return number if abs(number) < float("inf") else Wrong("holds no number")


def _moment(epoch: datetime, days: float) -> Cell:
    if not 0 <= days <= LATEST_DAY:
        return Wrong("holds no date")
    if epoch == EPOCH and days < LAST_LEAP_DAY:
        days += 1
    return epoch + timedelta(seconds=round(days * 86_400))


def _number_of(letters: str) -> int:
    """``A`` is 0, ``AA`` is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def is_date_format(code: str) -> bool:
    """Whether numbers in this format are shown as days or moments."""
    plain = re.sub(r'"[^"]*"|\\.|_.|\[[^\]]*\]', "", code).lower()
    return "general" not in plain and re.search(r"[ymdhs]", plain) is not None

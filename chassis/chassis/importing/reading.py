"""A file as rows of the API: what kind of file it is, which columns it has, and what its rows say."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from itertools import chain

from chassis.importing import csv_file, xlsx_file
from chassis.importing.columns import Columns, Placed, Said, said_in
from chassis.importing.lines import MOST_ROWS, Line, Unreadable

CSV, XLSX = "csv", "xlsx"
Fixes = Mapping[int, Mapping[str, str]]
"""Row of the file → column, by its title in the file or its field → what is to stand there."""
NO_FIXES: Fixes = {}
OTHER_FORMS = (".xls", ".xlsm", ".xlsb", ".xltm", ".ods", ".numbers", ".pdf", ".zip")


@dataclasses.dataclass(frozen=True)
class Form:
    """What kind of file it is; a spreadsheet has no encoding of its own."""

    name: str
    encoding: str


def form_of(name: str, content: bytes) -> Form:
    """Found out without opening what is inside, by the content rather than by the name. Raises Unreadable."""
    if name.lower().endswith(OTHER_FORMS) or content.startswith(xlsx_file.OLD_EXCEL):
        raise Unreadable("This form of file is not read; save it as a workbook without macros (.xlsx) or as CSV")
    if content.startswith(xlsx_file.PACKED):
        xlsx_file.must_be_harmless(content)
        return Form(XLSX, "")
    return Form(CSV, csv_file.encoding_of(content))


class Reading:
    """One file being read, with cells that somebody put right. ``placed`` is known once the reading has begun."""

    def __init__(
        self,
        form: Form,
        content: bytes,
        columns: Columns,
        mapping: Mapping[str, str | None],
        fixes: Fixes = NO_FIXES,
    ) -> None:
        self.form, self.fixes = form, fixes
        lines = xlsx_file.lines_of(content) if form.name == XLSX else csv_file.lines_of(content, form.encoding)
        header = next(lines, None)
        if header is None:
            raise Unreadable("The file is empty")
        if header.fault:
            raise Unreadable(header.fault, row=header.number)
        self.placed: list[Placed] = columns.placed(header, mapping)
        self._lines = lines

    def rows(self) -> Iterator[Said]:
        """Every row below the header. Raises Unreadable when there are none, or too many."""
        first = next(self._lines, None)
        if first is None:
            raise Unreadable("The file has a header and no rows")
        for number, line in enumerate(chain((first,), self._lines), 1):
            if number > MOST_ROWS:
                raise Unreadable(f"The file has more than {MOST_ROWS} rows; make parts of it", row=line.number)
            yield said_in(self._fixed(line), self.placed, is_ragged=self.form.name == XLSX)

    def _fixed(self, line: Line) -> Line:
        """The row with what somebody has put right; a row that cannot be read stays as it is."""
        wanted = self.fixes.get(line.number)
        if not wanted or line.fault:
            return line
        missing = len(self.placed) - len(line.cells) if self.form.name == XLSX else 0
        cells = [*line.cells, *[""] * missing]
        for place, one in enumerate(self.placed[: len(cells)]):
            said = next((value for name, value in wanted.items() if one.is_called(name)), None)
            cells[place] = cells[place] if said is None else said
        return dataclasses.replace(line, cells=cells)

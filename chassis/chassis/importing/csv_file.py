"""A CSV file read with distrust: its encoding is found, its damage is told row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from chassis.importing.lines import Line, Unreadable

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
ENCODINGS = ("utf-8", "gb18030")
"""In this order: what is valid UTF-8 is hardly ever anything else, and detectors guess wrong (stack.md, trap 8)."""
DELIMITERS = (",", ";", "\t")


def encoding_of(content: bytes) -> str:
    """By its mark, else strict UTF-8, else GB 18030. Raises Unreadable when it is none of them."""
    marked = [encoding for mark, encoding in MARKS if content.startswith(mark)]
    if not marked and b"\x00" in content:
        raise Unreadable("The file is not text (it has zero bytes)")
    for encoding in marked or ENCODINGS:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable("The encoding is unknown; save the file as UTF-8")


def lines_of(content: bytes, encoding: str) -> Iterator[Line]:
    """Every row that is not empty, the header first."""
    text = content.decode(encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(number, (), f"The row is damaged or cut off: {error}")
            continue
        if any(cell.strip() for cell in cells):
            yield Line(number, cells)


def _delimiter(text: str) -> str:
    """Comma, or what stands in the header more often: some countries' spreadsheets write semicolons."""
    header = text.lstrip("\r\n").partition("\n")[0]
    return max(DELIMITERS, key=header.count)

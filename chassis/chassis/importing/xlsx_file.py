"""An XLSX file read with distrust: sheets stream through a parser of our own, in bounded memory.

Usual readers reserve a cell for every place up to the last one, so that a file of five kilobytes can end the whole
process; and they show a formula by the result that happens to be stored (docs/adr/0018).
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any
from xml.parsers import expat

from chassis.importing.lines import LONGEST_CELL, MOST_COLUMNS, Line, Unreadable
from chassis.importing.xlsx_cells import Book, Sheet

MOST_MEMBERS = 2_000
LARGEST_WHOLE = 100 * 1024 * 1024
"""Bytes of all members together, unpacked: fifty thousand rows of thirty columns have less."""
LARGEST_RATIO = 200
"""Real sheets shrink to a tenth, the dullest to a hundredth; a bomb to a thousandth."""
SMALL = 1024 * 1024
BLOCK = 64 * 1024
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
PACKED = b"PK\x03\x04"
DAMAGE = (
    expat.ExpatError, zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ArithmeticError, LookupError,
    ValueError, RuntimeError,
)  # fmt: skip
"""What parsers raise about bytes that are not what they should be."""


def must_be_harmless(content: bytes) -> None:
    """What can be said of the file before anything in it is opened. Raises Unreadable."""
    with _archive(content) as archive:
        members = archive.infolist()
        names = {member.filename.lower() for member in members}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Unreadable("The file has macros; save it as a workbook without macros (.xlsx)")
    if "xl/workbook.xml" not in names or "[content_types].xml" not in names:
        raise Unreadable("The file is no spreadsheet of ours; save it as .xlsx or as CSV")
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST_WHOLE:
        raise Unreadable(f"Unpacked the file has more than {LARGEST_WHOLE // SMALL} MB")
    for member in members:
        if member.flag_bits & 1:
            raise Unreadable("The file is protected by a password")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("The file is packed in a way that spreadsheets are not")
        if member.file_size > SMALL and member.file_size > LARGEST_RATIO * max(member.compress_size, 1):
            raise Unreadable("The file unpacks to more than two hundred times its size")


def lines_of(content: bytes) -> Iterator[Line]:
    """Every row of the first sheet that is not empty. Raises Unreadable."""
    must_be_harmless(content)
    with _archive(content) as archive:
        book = Book()
        _parse(archive, "xl/workbook.xml", book.workbook)
        _parse(archive, "xl/_rels/workbook.xml.rels", book.relations)
        for name, handlers in (("xl/styles.xml", book.styles), ("xl/sharedStrings.xml", book.strings)):
            if name in archive.namelist():
                _parse(archive, name, handlers)
        sheet = Sheet(book, longest=LONGEST_CELL, most_columns=MOST_COLUMNS)
        for _ in _parsing(archive, posixpath.normpath(posixpath.join("xl", book.first_sheet())), sheet):
            yield from sheet.taken()


Handlers = Any
"""Something with ``start(name, attributes)``, ``end(name)`` and ``text(data)``."""


def _parse(archive: zipfile.ZipFile, name: str, handlers: Handlers) -> None:
    for _ in _parsing(archive, name, handlers):
        pass


def _parsing(archive: zipfile.ZipFile, name: str, handlers: Handlers) -> Iterator[None]:
    """One member through its handlers, block by block. Raises Unreadable."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = _with_short_name(handlers.start)
    parser.EndElementHandler = lambda name: handlers.end(name.rpartition(" ")[2])
    parser.CharacterDataHandler = handlers.text
    try:
        with archive.open(name) as member:
            while block := member.read(BLOCK):
                parser.Parse(block, False)
                yield
        parser.Parse(b"", True)
    except DAMAGE as error:
        raise Unreadable(f"The file is damaged: {str(error)[:200]}") from error
    yield


def _with_short_name(start: Callable[[str, Mapping[str, str]], None]) -> Callable[[str, Mapping[str, str]], None]:
    def started(name: str, attributes: Mapping[str, str]) -> None:
        start(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()})

    return started


def _refuse_doctype(*_: Any) -> None:
    raise Unreadable("The file declares a document type, which no spreadsheet does")


def _archive(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(BytesIO(content))
    except DAMAGE as error:
        raise Unreadable("The file is damaged or cut off: it cannot be unpacked") from error

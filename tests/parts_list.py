"""A noun with every kind of cell, and files about it: whole ones and damaged ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import marshmallow as ma
import pytest
import xlsxwriter

from chassis.fields import Body, Choice, Money, Number, Required, Text, When
from chassis.importing.columns import Columns
from chassis.importing.lines import Unreadable
from chassis.importing.reading import Fixes, Reading, form_of
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


def read(
    content: bytes, name: str = "parts.csv", mapping: dict[str, str | None] | None = None, fixes: Fixes | None = None
) -> Reading:
    return Reading(form_of(name, content), content, COLUMNS, mapping or {}, fixes or {})


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

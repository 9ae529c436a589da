"""Which column of a file is which field: by its title in Chinese or English, by the API's name, or as one says."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

import marshmallow as ma

from chassis.exporting import kind_of
from chassis.fields import Body
from chassis.importing.lines import Cell, Fault, Line, Unreadable, shortened
from chassis.importing.values import Convert, conversion_of, value_of
from chassis.sheets import Column, as_text
from chassis.titles import Language, Title, Titles
from chassis.titles import said_in as titled

UTC_MARK = re.compile(r"\s*\(utc\)$")


@dataclasses.dataclass(frozen=True)
class Field:
    """A field that a file may have a column for."""

    name: str
    title: Title
    column: Column
    convert: Convert
    is_required: bool
    is_part: bool = False


@dataclasses.dataclass(frozen=True)
class Placed:
    """A column of the file at hand and the field that it is; without one it is left out."""

    header: str
    field: Field | None
    is_unknown: bool = False
    """No field is called so, and nobody has said that it is to be left out."""

    def is_called(self, name: str) -> bool:
        return name == self.header or (self.field is not None and name == self.field.name)


class Columns:
    """The columns that files of one kind may have: the fields of a bulk row that fit a cell, and those of its parts."""

    def __init__(self, row: type[Body], noun: str, titles: Titles, *, parts: str = "") -> None:
        known = row().fields
        fitting = {name: field for name, field in known.items() if _fits(field)}
        self.fields = [_field(name, field, titles.of(noun, name)) for name, field in fitting.items()]
        inner: Any = known.get(parts)
        for name, field in inner.inner.schema.fields.items() if inner else ():
            self.fields.append(_field(name, field, titles.of(noun, name), is_part=True))
        self.by_word = {_word(said): field for field in self.fields for said in (field.name, *field.title)}

    def template(self, language: Language) -> list[Column]:
        """The columns of an empty file, required ones first."""
        ordered = sorted(self.fields, key=lambda field: not field.is_required)
        return [dataclasses.replace(field.column, title=titled(field.title, language)) for field in ordered]

    def placed(self, header: Line, mapping: Mapping[str, str | None]) -> list[Placed]:
        """Each column of the file with its field. Raises Unreadable when the header is wrong."""
        found = [self._placed(place, as_text(cell).strip(), mapping) for place, cell in enumerate(header.cells)]
        try:
            self._must_make_sense(header.number, found)
        except Unreadable as error:
            error.columns = told_columns(found)
            raise
        return found

    def _must_make_sense(self, row: int, found: Sequence[Placed]) -> None:
        """Raises Unreadable."""
        if unknown := [shortened(one.header) for one in found if one.is_unknown]:
            reason = f"No field is called so; there are {', '.join(one.name for one in self.fields)}"
            others = [Fault(row, name, reason) for name in unknown[1:]]
            raise Unreadable(reason, row=row, column=unknown[0], others=others)
        names = [one.field.name for one in found if one.field]
        twice = next((one.header for one in found if one.field and names.count(one.field.name) > 1), None)
        if twice is not None:
            raise Unreadable("Two columns are the same field", row=row, column=twice)
        if missing := [field for field in self.fields if field.is_required and field.name not in names]:
            words = ", ".join(f"{field.title[1]} ({field.title[0]}, {field.name})" for field in missing)
            raise Unreadable(f"The header lacks {words}", row=row, column=missing[0].title[1])

    def _placed(self, place: int, header: str, mapping: Mapping[str, str | None]) -> Placed:
        if header in mapping:
            name = mapping[header]
            return Placed(header, self.by_word[_word(name)] if name is not None else None)
        if not header:
            return Placed(f"column {place + 1}", None)
        field = self.by_word.get(_word(header))
        return Placed(header, field, is_unknown=field is None)

    def must_know(self, names: Sequence[str | None]) -> str | None:
        """The first of the names that no field has."""
        return next((name for name in names if name is not None and _word(name) not in self.by_word), None)


@dataclasses.dataclass(frozen=True)
class Said:
    """One row of the file: where it stands, what it says of the record and of its part, and what is wrong with it."""

    row: int
    values: dict[str, Any]
    part: dict[str, Any]
    faults: list[Fault]


def said_in(line: Line, placed: Sequence[Placed], *, is_ragged: bool) -> Said:
    """What a row says of each field. A ragged file may leave out empty cells at the end."""
    width = len(line.cells)
    if line.fault:
        return Said(line.number, {}, {}, [Fault(line.number, "", line.fault)])
    if width > len(placed) or (width < len(placed) and not is_ragged):
        reason = f"The row has {width} cells instead of {len(placed)}; is the file cut off?"
        return Said(line.number, {}, {}, [Fault(line.number, "", reason)])
    said = Said(line.number, {}, {}, [])
    for one, cell in zip(placed, line.cells, strict=False):
        try:
            value = _value(one, cell)
        except ValueError as error:
            said.faults.append(Fault(line.number, one.header, f"The cell {error}", shortened(cell)))
            continue
        if one.field and value is not None:
            (said.part if one.field.is_part else said.values)[one.field.name] = value
    return said


def told_columns(placed: Sequence[Placed]) -> list[dict[str, str | None]]:
    """Which column was taken for which field, as it is kept."""
    return [{"header": one.header, "field": one.field.name if one.field else None} for one in placed]


def _value(one: Placed, cell: Cell) -> Any:
    return value_of(cell, one.field.convert) if one.field else None


def _fits(field: ma.fields.Field[Any]) -> bool:
    """Whether a cell can hold it: lists and parts cannot."""
    return not isinstance(field, ma.fields.List | ma.fields.Nested | ma.fields.Dict)


def _field(name: str, field: ma.fields.Field[Any], title: Title, *, is_part: bool = False) -> Field:
    kind = kind_of(field)
    column = Column(name, title[1], kind)
    return Field(name, title, column, conversion_of(field, kind), field.required and not is_part, is_part)


def _word(said: str) -> str:
    """What a person may write otherwise without meaning otherwise: case, blanks, a star, the zone."""
    return re.sub(r"[\s_]+", " ", UTC_MARK.sub("", said.casefold().strip(" *")))

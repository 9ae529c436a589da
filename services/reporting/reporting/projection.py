"""What a report is made of: rows folded from events, and tallies that follow from rows.

A row is a frozen dataclass about one aggregate of another service; its first field is that aggregate's id and
``version`` is the last event it has heard. A tally counts rows by something they have in common. Beside each table of
rows stands one of everything that they were before, so that a report can be read as it was.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar, get_args, get_type_hints

import msgspec
import sqlalchemy as sa

from chassis.database import Moment
from chassis.events import Envelope, Heard
from chassis.personal import row_marks
from reporting.base import metadata


class FoldedRow(Protocol):
    """A frozen dataclass with defaults for everything but its key."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def version(self) -> int: ...


R = TypeVar("R", bound=FoldedRow)
Key = int | str
Place = tuple[Key, ...]
"""What a tally counts by: a named tuple."""
Counts = tuple[int, ...]
"""What it counts: a named tuple of whole numbers."""

PAST = "_past"
"""Ends the names of tables that hold what rows were before."""
RECORDED_AT = "recorded_at"
"""The moment at which the service that said it recorded the event that made the row so."""

COLUMN_TYPES: Mapping[Any, Any] = {
    int: sa.BigInteger(),
    str: sa.String(),
    bool: sa.Boolean(),
    datetime: Moment(),
}


def columns_of(row: Any, keys: int) -> list[sa.Column[Any]]:
    """A column per field, in their order, with its marks; the first ``keys`` of them are the primary key."""
    found, marks = [], row_marks(row)
    for place, (name, hint) in enumerate(get_type_hints(row).items()):
        kinds = [kind for kind in get_args(hint) or (hint,) if kind is not types.NoneType]
        is_key, is_optional = place < keys, types.NoneType in get_args(hint)
        column = COLUMN_TYPES[kinds[0]]
        info = marks.get(name, {})
        found.append(sa.Column(name, column, primary_key=is_key, nullable=is_optional, autoincrement=False, info=info))
    return found


def _columns_of_the_past(row: Any) -> list[sa.Column[Any]]:
    """The columns of a row, with the key of each of its versions first."""
    key, *others = columns_of(row, keys=1)
    version = sa.Column("version", sa.BigInteger(), primary_key=True, autoincrement=False)
    moment = sa.Column(RECORDED_AT, Moment, nullable=False)
    return [key, version, moment, *(column for column in others if column.name != "version")]


class Tally(Generic[R]):
    """Sums over rows, kept by differences: a row that changes is taken out as it was and put in as it is.

    ``of`` says where a row counts and for how much. A place where something once counted keeps its line, with
    zeros if need be, so that the lines do not depend on how events fell into batches. ``selected`` says the same as
    ``of`` in SQL: for rows as they were there are no sums that are kept.
    """

    def __init__(
        self,
        name: str,
        *indexes: Sequence[str],
        place: type[Place],
        counts: type[Counts],
        of: Callable[[R], Mapping[Any, Any]],
        selected: Callable[[sa.FromClause], Any],
    ) -> None:
        self.of, self.selected = of, selected
        self.places = list(get_type_hints(place))
        self.counts = list(get_type_hints(counts))
        self.nothing = (0,) * len(self.counts)
        columns = [*columns_of(place, keys=len(self.places)), *columns_of(counts, keys=0)]
        self.table = sa.Table(name, metadata, *columns)
        for names in indexes:
            sa.Index(None, *(self.table.c[column] for column in names))


def total(counted: Any) -> sa.ColumnElement[int]:
    """A sum of whole numbers as a whole number, which PostgreSQL would make a decimal one."""
    return sa.cast(sa.func.sum(counted), sa.BigInteger)


class Projection(Generic[R]):
    """A table of rows and how events change them.

    ``fold`` is pure: it takes an event, the row with its version raised already, and the moment it happened.
    """

    def __init__(
        self,
        name: str,
        *indexes: Sequence[str],
        row: type[R],
        heard: Sequence[type[Heard]],
        fold: Callable[[Any, R, datetime], R],
        tallies: Sequence[Tally[R]] = (),
    ) -> None:
        self.heard, self.fold, self.tallies = tuple(heard), fold, tuple(tallies)
        self.make: Callable[..., R] = row
        self.names = [field.name for field in dataclasses.fields(row)]
        self.table = sa.Table(name, metadata, *columns_of(row, keys=1))
        self.past = sa.Table(f"{name}{PAST}", metadata, *_columns_of_the_past(row))
        self.key_type: type[Key] = get_type_hints(row)[self.names[0]]
        self._decoders = {kind.event_type: msgspec.json.Decoder(kind, strict=False) for kind in heard}
        for names in indexes:
            sa.Index(None, *(self.table.c[column] for column in names))

    @property
    def tables(self) -> list[sa.Table]:
        return [self.table, self.past, *(tally.table for tally in self.tallies)]

    def key(self, envelope: Envelope) -> Key:
        """Which row an event is about."""
        return self.key_type(envelope.aggregate_id)

    def as_of(self, moment: datetime) -> list[sa.CTE]:
        """Rows and tallies as they were, under the names of the tables: a statement that is given them reads these."""
        then, later = self.past, self.past.alias()
        key = self.names[0]
        superseded = sa.exists().where(
            later.c[key] == then.c[key], later.c.version > then.c.version, later.c[RECORDED_AT] <= moment
        )
        newest = sa.select(*(then.c[name] for name in self.names)).where(then.c[RECORDED_AT] <= moment, ~superseded)
        sums = [tally.selected(self.table).cte(tally.table.name) for tally in self.tallies]
        return [newest.cte(self.table.name), *sums]

    def folded(self, row: R | None, envelope: Envelope) -> R:
        """The row after an event, a new one when there was none; the same row when the event is no news.

        Raises msgspec.ValidationError when the event is not what was promised.
        """
        version = envelope.ordinal
        if row is not None and version <= row.version:
            return row
        event = self._decoders[envelope.type].decode(envelope.data)
        if row is None:
            return self.fold(event, self.make(self.key(envelope), version=version), envelope.time)
        return self.fold(event, dataclasses.replace(row, version=version), envelope.time)


class OfEachEvent(Projection[R]):
    """Each event makes a row of its own, which nothing changes later."""

    def key(self, envelope: Envelope) -> Key:
        return f"{envelope.aggregate_id}/{envelope.aggregateversion}"


class OfEachPart(Projection[R]):
    """A row about a part of the aggregate: the row's second and third field are the ids of both."""

    def key(self, envelope: Envelope) -> Key:
        return f"{envelope.aggregate_id}/{msgspec.json.decode(envelope.data)[self.names[2]]}"

"""Lists: filter by field, search, sort, page with total or keyset cursor; never more than a page."""

from __future__ import annotations

import base64
import dataclasses
import json
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from chassis.fields import CONTROL, Body, QueryNumber, Text
from chassis.problems import wrong_field
from chassis.transaction import Transaction

DEFAULT_SIZE, LARGEST_SIZE = 20, 200
DEEPEST_PAGE = 10_000
"""Beyond this many rows an offset costs more than a cursor: the answer says to use ``cursor``."""

Column = Any
Condition = Callable[[str], sa.ColumnElement[bool]]


@dataclasses.dataclass(frozen=True)
class Page:
    """One page of rows; ``total`` only when asked for, ``next_cursor`` while there is more."""

    items: Sequence[Any]
    page: int
    size: int
    total: int | None
    next_cursor: str | None


def equal(column: Column) -> Condition:
    """``?status=2`` or ``?status=2,3``."""

    def condition(text: str) -> sa.ColumnElement[bool]:
        found: sa.ColumnElement[bool] = column.in_([_typed(column, part) for part in text.split(",")])
        return found

    return condition


def contains(column: Column) -> Condition:
    """``?customer_name=acme``: anywhere in the text, upper or lower case."""
    return lambda text: column.icontains(text, autoescape=True)


def since(column: Column) -> Condition:
    """``?created_from=2026-01-31``: that day or later (UTC)."""
    return lambda text: column >= _moment(text, time.min)


def until(column: Column) -> Condition:
    """``?created_to=2026-01-31``: that day or earlier (UTC)."""
    return lambda text: column <= _moment(text, time.max)


def present(column: Column) -> Condition:
    """``?overdue=true``: the field has a value; ``false``: it has none."""
    return lambda text: column.is_not(None) if _typed(sa.column("", sa.Boolean), text) else column.is_(None)


@dataclasses.dataclass(frozen=True)
class Listing:
    """What can be listed: the columns shown, the filters, the sort keys, and who owns a row.

    ``key`` makes every order total, so that pages neither repeat nor miss a row. ``owned_through`` is for
    rows that belong to a record with owners: (its reference, that record's key, that record's owners).
    ``whose`` is for rows that concern one person and nobody else, whatever the scope: inboxes, sessions.
    ``source`` is a join to select from, when a row shows columns of more than one table.
    ``finds`` is for a list that knows better how to look up what somebody types than by reading ``search`` through.
    ``defaults`` are filters that hold until somebody asks otherwise, such as hiding what was deleted.
    """

    columns: Mapping[str, Column]
    key: Column
    filters: Mapping[str, Condition]
    sorts: Mapping[str, Column]
    default_sort: str
    search: Sequence[Column] = ()
    finds: Condition | None = None
    owners: Sequence[Column] = ()
    owned_through: tuple[Column, Column, Sequence[Column]] | None = None
    whose: Column = None
    where: Sequence[sa.ColumnElement[bool]] = ()
    source: sa.FromClause | None = None
    defaults: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def query_schema(self) -> type[Body]:
        """The query parameters, for checking and for the OpenAPI document."""
        fields: dict[str, ma.fields.Field[Any]] = {name: Text(200) for name in self.filters}
        signs = [sign + name for name in self.sorts for sign in ("", "-")]
        if self.search or self.finds:
            fields["q"] = Text(100, metadata={"description": "Search in the main text fields"})
        fields |= {
            "sort": Text(60, choices=signs),
            "page": QueryNumber(1, 1_000_000),
            "size": QueryNumber(1, LARGEST_SIZE),
            "cursor": Text(400),
            "total": ma.fields.Boolean(metadata={"description": "false: do not count, for speed"}),
            "fields": Text(400, metadata={"description": "Only these fields, separated by commas"}),
        }
        return Body.from_dict(fields)  # type: ignore[return-value]

    def page(self, tx: Transaction, asked: Mapping[str, Any], *within: sa.ColumnElement[bool]) -> Page:
        """At most two statements: the rows, and the total unless ``total=false``."""
        conditions = self.conditions(tx, asked, within)
        size, number = asked.get("size", DEFAULT_SIZE), asked.get("page", 1)
        self._must_be_near(size, number, asked)
        order = _Order(self, asked.get("sort", self.default_sort))
        statement = sa.select(*self._shown(asked), order.column.label("_sort"), self.key.label("_key"))
        statement = statement.select_from(self._table()).where(*conditions)
        statement = statement.order_by(*order.by()).limit(size + 1)
        if asked.get("cursor"):
            statement = statement.where(order.after(asked["cursor"]))
        else:
            statement = statement.offset((number - 1) * size)
        rows = tx.rows(statement)
        total = None
        if asked.get("total", True) and not asked.get("cursor"):
            total = tx.scalar(sa.select(sa.func.count()).select_from(self._table()).where(*conditions))
        following = order.cursor(rows[size - 1]) if len(rows) > size else None
        return Page(items=rows[:size], page=number, size=size, total=total, next_cursor=following)

    def count(
        self, tx: Transaction, asked: Mapping[str, Any], within: Sequence[sa.ColumnElement[bool]], *, most: int
    ) -> int:
        """How many rows the whole list has, counted no further than ``most``."""
        some = sa.select(sa.literal(1).label("one")).select_from(self._table())
        some = some.where(*self.conditions(tx, asked, within)).limit(most)
        return int(tx.scalar(sa.select(sa.func.count()).select_from(some.subquery())))

    def conditions(
        self, tx: Transaction, asked: Mapping[str, Any], within: Sequence[sa.ColumnElement[bool]] = ()
    ) -> list[sa.ColumnElement[bool]]:
        """What the rows of the whole list have in common, in the data scope: for totals beside a page."""
        found = [*self.where, *within]
        if self.whose is not None:
            found.append(self.whose == tx.principal.user_id)
        if self.owners:
            found.append(tx.principal.only_seen(*self.owners))
        if self.owned_through and not tx.principal.sees_all:
            reference, key, owners = self.owned_through
            found.append(reference.in_(sa.select(key).where(tx.principal.only_seen(*owners))))
        asked = {**self.defaults, **asked}
        for name, condition in self.filters.items():
            if name in asked:
                try:
                    found.append(condition(asked[name]))
                except ValueError as error:
                    raise wrong_field(f"/{name}", str(error)) from error
        if asked.get("q"):
            found.append(self._found(asked["q"]))
        return found

    def _found(self, text: str) -> sa.ColumnElement[bool]:
        return self.finds(text) if self.finds else sa.or_(*(contains(column)(text) for column in self.search))

    def _table(self) -> Any:
        if self.source is not None:
            return self.source
        return getattr(self.key, "class_", None) or self.key.table

    def _shown(self, asked: Mapping[str, Any]) -> list[Any]:
        wanted = [name for name in asked.get("fields", "").split(",") if name] or list(self.columns)
        for name in wanted:
            if name not in self.columns:
                raise wrong_field("/fields", f"There is no field {name!r}")
        return [self.columns[name].label(name) for name in wanted]

    def _must_be_near(self, size: int, number: int, asked: Mapping[str, Any]) -> None:
        if size * (number - 1) > DEEPEST_PAGE and not asked.get("cursor"):
            raise wrong_field("/page", f"Pages beyond row {DEEPEST_PAGE} are read with next_cursor")


class _Order:
    """A sort key with its direction, made total by the record's key, empty values last."""

    def __init__(self, listing: Listing, sort: str) -> None:
        self.down = sort.startswith("-")
        self.name = sort
        self.column = listing.sorts[sort.removeprefix("-")]
        self.key = listing.key
        self.may_be_empty = getattr(self.column, "nullable", True)  # an expression may be, for all we know

    def by(self) -> list[Any]:
        direction = sa.desc if self.down else sa.asc
        column = direction(self.column)
        return [column.nulls_last() if self.may_be_empty else column, direction(self.key)]

    def cursor(self, row: Any) -> str:
        value = row._sort.isoformat() if isinstance(row._sort, datetime | date) else row._sort
        return base64.urlsafe_b64encode(json.dumps([self.name, value, row._key]).encode()).decode()

    def after(self, cursor: str) -> sa.ColumnElement[bool]:
        try:
            name, value, key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
            if name != self.name or not isinstance(key, int | str):
                raise ValueError("another order")
            value = None if value is None else _typed(self.column, str(value))
            key = _typed(self.key, str(key))
        except (ValueError, TypeError) as error:
            raise wrong_field("/cursor", "Not a cursor of this list in this order") from error
        further = operator.lt if self.down else operator.gt
        if value is None:
            return sa.and_(self.column.is_(None), further(self.key, key))
        beyond = further(self.column, value)
        if self.may_be_empty:
            return sa.or_(beyond, self.column.is_(None), sa.and_(self.column == value, further(self.key, key)))
        # said twice, so that an index on the column leads to the place instead of being read from its beginning
        here = operator.le if self.down else operator.ge
        return sa.and_(here(self.column, value), sa.or_(beyond, further(self.key, key)))


def _typed(column: Column, text: str) -> Any:
    kind = column.type.python_type
    if issubclass(kind, bool):
        return {"true": True, "false": False}[text] if text in ("true", "false") else _refuse(text)
    if issubclass(kind, int):
        number = int(text)
        return number if abs(number) < 2**63 else _refuse(text)
    if issubclass(kind, datetime):
        return _moment(text, time.min)
    if issubclass(kind, date):
        return date.fromisoformat(text)
    return _refuse(text) if CONTROL.search(text) else text


def _refuse(text: str) -> Any:
    raise ValueError(f"{text!r} cannot be compared with this field")


def _moment(text: str, at: time) -> datetime:
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), at, UTC)
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is beyond the calendar") from error

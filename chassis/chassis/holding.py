"""Holding: all that a service holds about a person, for whoever asks what we know; the same walk as blanking.

Read in bites: each looks at a limited number of rows and says where the next one begins, so that neither a request nor
the database is held up by a long log.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import marshmallow as ma
import msgspec
import sqlalchemy as sa

from chassis.blanking import Hit, Wanted, hits_by_name, hits_in, marks_by_name, wanted
from chassis.fields import BIGGEST, Body, Text, View
from chassis.personal import KIND_IN, Subject, marked_columns, subject_of
from chassis.problems import wrong_field
from chassis.routes import Route
from chassis.transaction import Transaction

if TYPE_CHECKING:
    from chassis.manifest import Service

log = logging.getLogger(__name__)
BITE = 2000
"""Rows looked at for one answer."""
EXPORT = "personal-data:export"
ROWS, EVENTS, DOCUMENTS = "rows", "envelope", "document"
Place = tuple[int, list[Any]]
"""Which store comes next, and after which key."""


class Asked(Body):
    """Whom it is about."""

    subjects = Text(1000, shortest=1, required=True, metadata={"description": "Like contact/7, with commas between"})
    cursor = Text(2000)


class HeldView(View):
    """One row or event that says something about a person."""

    table = ma.fields.String(required=True)
    key = ma.fields.List(ma.fields.String(), required=True)
    subjects = ma.fields.List(ma.fields.String(), required=True)
    event_type = ma.fields.String(allow_none=True, required=True)
    at = ma.fields.String(allow_none=True, required=True)
    values = ma.fields.Dict(required=True, metadata={"description": "By field, or by JSON pointer into the event"})


class HeldPage(View):
    """A part of all that a service holds about a person; ``subjects`` are all that are known to be the person."""

    service = ma.fields.String(required=True)
    subjects = ma.fields.List(ma.fields.String(), required=True)
    items = ma.fields.List(ma.fields.Nested(HeldView), required=True)
    next_cursor = ma.fields.String(allow_none=True, required=True)


class Holdings:
    """What one service holds."""

    def __init__(self, service: Service) -> None:
        self.service = service
        tables = service.metadata.sorted_tables
        columns = [(table, column) for table in tables for column in table.columns]
        self.stores: list[tuple[str, sa.Table, Any]] = [
            *((ROWS, table, None) for table in tables if marked_columns(table)),
            *((EVENTS, table, column) for table, column in columns if column.info.get(EVENTS)),
            *((DOCUMENTS, table, column) for table, column in columns if column.info.get(DOCUMENTS)),
        ]

    def hand_out(self, tx: Transaction, subjects: str, cursor: str = "") -> dict[str, Any]:
        """A part of what is held about these people, and where the next part begins."""
        named = _subjects(subjects)
        if not cursor:
            facts = {"subjects": list(map(str, named)), "to": tx.principal.user_id}
            log.info("Personal data is handed out", extra={"facts": facts})
        follow = self.service.same_person
        known = sorted({*named, *(follow(tx, named) if follow else ())})
        items, following = self.bite(tx, known, _place(cursor))
        return {
            "service": self.service.name,
            "subjects": list(map(str, known)),
            "items": items,
            "next_cursor": _cursor(following) if following else None,
        }

    def bite(self, tx: Transaction, subjects: Sequence[Subject], place: Place) -> tuple[list[dict[str, Any]], Any]:
        """What the next rows say about these people, and the place after them; None at the end."""
        whom = wanted((subject, True) for subject in subjects)
        (number, last), left, items = place, BITE, list[dict[str, Any]]()
        while number < len(self.stores) and left > 0:
            kind, table, column = self.stores[number]
            rows = self._rows(tx, (kind, table, column), whom, last, left)
            items += [item for row in rows if (item := self._item(kind, table, row, whom))]
            number, last = (number + 1, []) if len(rows) < left else (number, _key(table, rows[-1]))
            left -= len(rows)
        return items, (number, last) if number < len(self.stores) else None

    def _rows(
        self, tx: Transaction, store: tuple[str, sa.Table, Any], whom: Wanted, last: Sequence[Any], limit: int
    ) -> Sequence[sa.Row[Any]]:
        kind, table, column = store
        keys = list(table.primary_key)
        shown = [table] if kind == ROWS else [*keys, column.label("document")]
        statement = sa.select(*shown).order_by(*keys).limit(limit)
        if kind == ROWS:
            statement = statement.where(_about(table, whom))
        if last:
            typed = [_typed(key, value) for key, value in zip(keys, last, strict=True)]
            place = sa.tuple_(*keys) if len(keys) > 1 else keys[0]
            statement = statement.where(place > (sa.tuple_(*typed) if len(keys) > 1 else typed[0]))
        return tx.rows(statement)

    def _item(self, kind: str, table: sa.Table, row: sa.Row[Any], whom: Wanted) -> dict[str, Any] | None:
        found, event_type, at = list[Hit](), None, None
        if kind == ROWS:
            values = dict(row._mapping)
            for name, mark in marked_columns(table).items():
                if values[name] and not table.c[name].info.get("secret"):
                    whose = whom.of(mark, values.__getitem__)
                    found += [Hit(values, name, whose, name)] if whose else []
        else:
            document = _document(row.document)
            if kind == EVENTS:
                found = list(hits_in(document, self.service.marks(), whom))
                event_type, at = document.get("type"), document.get("time")
            else:
                found = list(hits_by_name(document, marks_by_name(self.service.marks()), whom))
        if not found:
            return None
        return {
            "table": str(table.name),
            "key": _key(table, row),
            "subjects": sorted({subject for hit in found for subject in hit.subjects}),
            "event_type": event_type,
            "at": at,
            "values": {hit.pointer: hit.value for hit in found},
        }


def all_held(service: Service, tx: Transaction, subjects: Sequence[Subject]) -> Iterator[dict[str, Any]]:
    """Everything, bite after bite."""
    holdings, place = Holdings(service), (0, list[Any]())
    while place is not None:
        items, place = holdings.bite(tx, subjects, place)
        yield from items


def routes_of(name: str, page: Any) -> list[Route]:
    """For a service's page; ``page`` gives the service once it is declared."""

    def hand_out(tx: Transaction, subjects: str, cursor: str = "") -> Mapping[str, Any]:
        """A part of all that the service holds about a person."""
        return Holdings(page()).hand_out(tx, subjects, cursor)

    return [
        Route(method="GET", path=f"/personal-data/{name}", calls=hand_out, asks=Asked, gives=HeldPage, needs=EXPORT)
    ]


def _about(table: sa.Table, whom: Wanted) -> sa.ColumnElement[bool]:
    conditions = []
    for mark in marked_columns(table).values():
        for kind, by in mark.whose.items():
            kinds = whom.names if kind.startswith(KIND_IN) else {kind: whom.names.get(kind, frozenset())}
            for one, keys in kinds.items():
                ids = [key for key in (_typed(table.c[by], text) for text in keys) if key is not None]
                said = table.c[kind.removeprefix(KIND_IN)] == one if kind.startswith(KIND_IN) else sa.true()
                conditions.append(sa.and_(said, table.c[by].in_(ids)))
    return sa.or_(*conditions)


def _typed(column: sa.ColumnElement[Any], text: Any) -> Any:
    """The text as a value of the column; None when it cannot be one."""
    kind = column.type.python_type
    try:
        value = kind(text)
    except ValueError:
        return None
    return value if kind is not int or abs(value) <= BIGGEST else None


def _document(raw: bytes) -> dict[str, Any]:
    """Empty for what cannot be read: nobody can say whose that is."""
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _key(table: sa.Table, row: sa.Row[Any]) -> list[str]:
    return [str(row._mapping[key.name]) for key in table.primary_key]


def _subjects(text: str) -> list[Subject]:
    try:
        return [subject_of(one.strip()) for one in text.split(",")]
    except ValueError as error:
        raise wrong_field("/subjects", str(error)) from error


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _place(cursor: str) -> Place:
    if not cursor:
        return 0, []
    try:
        number, last = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if not isinstance(number, int) or number < 0 or not isinstance(last, list):
            raise ValueError("another shape")
    except (ValueError, TypeError) as error:
        raise wrong_field("/cursor", "Not a cursor of ours") from error
    return number, [str(part) for part in last]

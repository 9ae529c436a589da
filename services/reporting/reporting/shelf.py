"""Where projections stand: looked up and written in bulk, one statement per projection and batch."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec
import sqlalchemy as sa

from chassis.bulk_insert import BulkInsert
from chassis.dialect import Talk, among, is_sqlite
from chassis.events import ONE_LIFE, Envelope
from reporting.batch import Batch, by_type
from reporting.projection import Projection, Tally

ROWS_AT_ONCE = 1000


class Shelf:
    """A set of projections in their tables; ``tables`` puts other tables in the place of the live ones, by name."""

    def __init__(self, projections: Sequence[Projection[Any]], tables: Mapping[str, sa.Table] | None = None) -> None:
        self.projections = projections
        self.by_type = by_type(projections)
        live = [table for projection in projections for table in projection.tables]
        self.tables = {table.name: (tables or {}).get(table.name, table) for table in live}
        self._upserts = {one: self._upsert(one) for one in projections}
        self._pasts = {one: self._addition_to_the_past(one) for one in projections}
        self._additions = {tally: self._addition(tally) for one in projections for tally in one.tallies}

    def _upsert(self, projection: Projection[Any]) -> BulkInsert:
        key, *others = projection.names

        def newest(statement: Any) -> Any:
            new = {name: statement.excluded[name] for name in others}
            return statement.on_conflict_do_update(index_elements=[key], set_=new)

        return BulkInsert(self.tables[projection.table.name], projection.names, newest)

    def _addition_to_the_past(self, projection: Projection[Any]) -> BulkInsert:
        table = self.tables[projection.past.name]
        return BulkInsert(table, table.c.keys(), lambda statement: statement.on_conflict_do_nothing())

    def _addition(self, tally: Tally[Any]) -> BulkInsert:
        table = self.tables[tally.table.name]

        def summed(statement: Any) -> Any:
            sums = {name: table.c[name] + statement.excluded[name] for name in tally.counts}
            return statement.on_conflict_do_update(index_elements=tally.places, set_=sums)

        return BulkInsert(table, [*tally.places, *tally.counts], summed)

    # -- a batch -------------------------------------------------------------------------------

    def begin(self, talk: Talk, envelopes: Iterable[Envelope]) -> Batch:
        """A batch that knows the rows which these events touch."""
        batch = Batch(self.by_type)
        self.look_up(talk, batch, envelopes)
        return batch

    def look_up(self, talk: Talk, batch: Batch, envelopes: Iterable[Envelope]) -> None:
        """Tell the batch the rows that it does not know yet."""
        for projection, keys in batch.unknown(envelopes).items():
            batch.know(projection, keys, self._rows(talk, projection, sorted(keys)))

    def _rows(self, talk: Talk, projection: Projection[Any], keys: list[Any]) -> dict[Any, Any]:
        table = self.tables[projection.table.name]
        key = table.c[projection.names[0]]
        rows = talk.execute(sa.select(table).where(among(key, keys)))
        return {row[0]: projection.make(*row) for row in rows}

    def store(self, talk: Talk, batch: Batch) -> None:
        """Write what the batch changed, in an order that all batches share, so that no two wait for each other."""
        for projection in self.projections:
            changed = batch.changed.get(projection, {})
            values = attrgetter(*projection.names)
            self._upserts[projection].run(talk, [values(changed[key]) for key in sorted(changed)])
            self._pasts[projection].run(talk, _past_rows(projection, batch))
            for tally in projection.tallies:
                differences = batch.differences.get(tally, {})
                self._additions[tally].run(talk, [(*place, *differences[place]) for place in sorted(differences)])

    # -- as a whole ----------------------------------------------------------------------------

    def digests(self, talk: Talk) -> dict[str, str]:
        """A digest per table, by the live table's name: equal if and only if the rows are. Needs a transaction."""
        return {name: digest(talk, table) for name, table in self.tables.items()}


def _past_rows(projection: Projection[Any], batch: Batch) -> list[tuple[Any, ...]]:
    key, *others, version = projection.names
    first, rest = attrgetter(key, version), [attrgetter(name) for name in others]
    became = batch.past.get(projection, ())
    return sorted((*first(row), at, *(value(row) for value in rest)) for at, row in became)


def digest(talk: Talk, table: sa.Table) -> str:
    """SHA-256 over columns and rows as canonical JSON, ordered by their key byte by byte on either database."""
    found = hashlib.sha256()
    found.update(msgspec.json.encode([str(column.name) for column in table.columns]))
    for rows in _pages_in_order(talk, table):
        found.update(msgspec.json.encode(rows))
    return found.hexdigest()


def in_order(talk: Talk, table: sa.Table) -> Iterator[tuple[Any, ...]]:
    """What a digest is made of, row by row."""
    return itertools.chain.from_iterable(_pages_in_order(talk, table))


def _pages_in_order(talk: Talk, table: sa.Table) -> Iterator[list[tuple[Any, ...]]]:
    """All rows in the order of their key; a version without the life of the source in which it was heard."""
    collation = None if is_sqlite(talk) else "C"
    keys = [sa.collate(key, collation) if collation and _is_text(key) else key for key in table.primary_key]
    columns = [column % ONE_LIFE if column.name == "version" else column for column in table.columns]
    rows_in_order = sa.select(*columns).order_by(*keys).execution_options(yield_per=ROWS_AT_ONCE)
    for rows in talk.execute(rows_in_order).partitions():
        yield [tuple(row) for row in rows]


def _is_text(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.String)

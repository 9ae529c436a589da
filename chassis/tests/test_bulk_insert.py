"""Many rows in one statement: whatever a value is, either database keeps it as it was given."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import applying
from chassis.applying import Stream
from chassis.bulk_insert import PARAMETER, BulkInsert, as_json
from chassis.database import Database, Moment
from chassis.tables import inbox_stream
from chassis.testing.statements import statements
from chassis.transaction import transaction
from tests import toy

MANY = 20_000
ODD = 'a "quoted" \\ line\n,\t{} 关系 \'); drop table odd; --'
MOMENT = datetime(2026, 11, 26, 23, 59, 59, 123456, tzinfo=UTC)
odd = sa.Table(
    "odd",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("text", sa.String(60)),
    sa.Column("is_so", sa.Boolean),
    sa.Column("at", Moment),
    sa.Column("known_as", sa.Uuid),
    sa.Column("body", sa.LargeBinary),
)
NAMES = [column.name for column in odd.c]


def summed(statement: Any) -> Any:
    return statement.on_conflict_do_update(index_elements=["id"], set_={"text": odd.c.text + statement.excluded.text})


@pytest.fixture
def kept(database: Database) -> Iterator[Callable[[], list[Any]]]:
    """A table with a column of each kind; call it for its rows."""
    odd.create(database.engine)

    def rows() -> list[Any]:
        return [tuple(row.values()) for row in sorted(toy.rows(database, odd), key=lambda row: row["id"])]

    yield rows
    odd.drop(database.engine)


def put(database: Database, rows: list[Any], resolve: Callable[[Any], Any] = lambda statement: statement) -> None:
    with database.connection() as connection:
        BulkInsert(odd, NAMES, resolve).run(connection, rows)


def test_every_kind_of_value_is_kept_as_it_was(database: Database, kept: Callable[[], list[Any]]) -> None:
    rows = [
        (1, ODD, True, MOMENT, uuid.UUID(int=7), bytes(range(256))),
        (2**63 - 1, "", False, MOMENT, uuid.UUID(int=8), b""),
        (-1, None, None, None, None, None),
    ]

    put(database, rows)

    assert kept() == sorted(rows)


def test_what_is_there_already_is_added_to(database: Database, kept: Callable[[], list[Any]]) -> None:
    insert = BulkInsert(odd, ["id", "text"], summed)
    for rows in ([(1, "a"), (2, "b")], [(2, "c"), (3, "d")]):
        with database.connection() as connection:
            insert.run(connection, rows)

    assert [row[:2] for row in kept()] == [(1, "a"), (2, "bc"), (3, "d")]


def test_only_new_rows_are_told(database: Database, kept: Callable[[], list[Any]]) -> None:
    insert = BulkInsert(odd, ["id"], lambda statement: statement.on_conflict_do_nothing())
    with database.connection() as connection:
        first = insert.run_returning(connection, [(1,), (2,)], "id")
        second = insert.run_returning(connection, [(2,), (3,), (3,)], "id")

    assert (sorted(first), second, insert.run_returning(connection, [], "id")) == ([1, 2], [3], [])
    assert len(kept()) == 3


@pytest.mark.infra
@pytest.mark.parametrize("text", ["x" * 61, "nul \x00"])
def test_postgresql_refuses_what_does_not_fit_and_cuts_nothing_off(
    new_postgres: Callable[[], Database], text: str
) -> None:
    with new_postgres().engine.connect() as connection:
        odd.create(connection)
        with pytest.raises(sa.exc.DataError):
            BulkInsert(odd, ["id", "text"], lambda statement: statement).run(connection, [(1, text)])


def test_any_number_of_rows_is_one_statement(database: Database, kept: Callable[[], list[Any]]) -> None:
    with statements(database) as sent:
        put(database, [(number, ODD, None, None, None, ODD.encode()) for number in range(MANY)])

    assert len([one for one in sent if one.startswith("INSERT")]) == 1
    assert len(kept()) == MANY


# The first user: where aggregates stand


@pytest.mark.infra
def test_finding_a_few_aggregates_among_many_costs_a_few_pages(new_postgres: Callable[[], Database]) -> None:
    """Also while nobody has counted yet how many there are: a plan for an empty table reads all of a full one."""
    database = new_postgres()
    everybody: list[Stream] = [("workshop", "toy", str(number)) for number in range(MANY)]
    with database.connection() as connection:
        connection.execute(sa.text("ALTER TABLE inbox_stream SET (autovacuum_enabled = false)"))
        connection.execute(sa.text("ANALYZE inbox_stream"))
        applying._STREAMS.run(connection, [("shelf", *stream, 1, 0) for stream in everybody])

    assert pages_read(database, everybody[::1000]) < 20 * 6
    with database.connection() as connection:
        connection.execute(sa.text("ALTER TABLE inbox_stream RESET (autovacuum_enabled)"))


def pages_read(database: Database, wanted: list[Stream]) -> int:
    """What PostgreSQL says that it read to find these."""
    text = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + str(applying._LOCKED_STREAMS.compile(database.engine))
    values = {"consumer": "shelf", PARAMETER: as_json(applying._STREAM_KEYS, wanted)}
    with database.connection() as connection:
        plan = connection.exec_driver_sql(text, values).scalar_one()[0]["Plan"]
    assert plan["Actual Rows"] == len(wanted)
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_the_same_aggregates_are_found_on_both(database: Database) -> None:
    known: list[Stream] = [("bank", "payment", "1"), ("workshop", "toy", "1"), ("workshop", "toy", "2")]
    with database.connection() as connection:
        applying._STREAMS.run(connection, [("shelf", *stream, 3, 0) for stream in known])
        connection.execute(sa.update(inbox_stream).where(inbox_stream.c.aggregate_id == "2").values(last_version=4))

    with transaction(database, "shelf") as tx:
        asked = [*known[1:], ("workshop", "parcel", "1"), ("bank", "toy", "1")]
        found = {row.aggregate_id: row.last_version for row in applying._streams_of(tx, "shelf", asked)}

    assert found == {"1": 3, "2": 4}


def test_rows_that_leave_a_column_to_the_model_are_refused(database: Database) -> None:
    """Its defaults are Python's: nobody would fill them in here, and the row would be another than it is elsewhere."""
    with transaction(database, "workshop") as tx, pytest.raises(TypeError, match="toy: nobody says colour, is_sold"):
        tx.add_rows(toy.Toy, [{"id": 1, "name": "bear"}], [])

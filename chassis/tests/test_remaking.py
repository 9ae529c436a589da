"""A table that a migration copied counts on and checks again, with its rows, indexes and those that refer to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from chassis.database import Database
from chassis.remaking import lost, remake_what_was_lost
from chassis.tables import BUS

COPIED = """CREATE TABLE shelf (id INTEGER NOT NULL, name VARCHAR(20) NOT NULL, PRIMARY KEY (id))"""
METADATA = sa.MetaData()
shelf = sa.Table(
    "shelf",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), nullable=False),
    sa.CheckConstraint("name <> ''", name="named"),
    info={"noun": "shelf"},
    sqlite_autoincrement=True,
)
board = sa.Table(
    "board",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("shelf_id", sa.ForeignKey("shelf.id", ondelete="CASCADE"), nullable=False),
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """As a migration left it: two shelves, the third was removed and only the log knows of it."""
    database = Database(f"sqlite:///{tmp_path / 'shelves.db'}")
    BUS.create_all(database.engine)
    with database.engine.connect() as found:
        found.exec_driver_sql(COPIED)
        found.exec_driver_sql("CREATE UNIQUE INDEX shelf_name ON shelf (name)")
        board.create(found)
        found.exec_driver_sql("INSERT INTO shelf VALUES (1, 'high'), (2, 'low')")
        found.exec_driver_sql("INSERT INTO board VALUES (1, 1), (2, 2)")
        names = (
            "event_id, event_type, aggregate_type, aggregate_id, aggregate_version, occurred_at, recorded_at, envelope"
        )
        told = "'00', 'crm.workshop.shelf.removed', 'shelf', '3', 2, '', '', ''"
        found.exec_driver_sql(f"INSERT INTO event_log ({names}) VALUES ({told})")  # noqa: S608  (our words)
        found.commit()
        yield found
    database.close()


def test_what_was_lost_is_there_again(connection: Connection) -> None:
    assert remake_what_was_lost(connection, METADATA) == ["shelf"]

    assert lost(connection, METADATA) == []
    assert connection.execute(sa.select(shelf)).all() == [(1, "high"), (2, "low")]
    assert connection.scalar(sa.select(sa.func.count()).select_from(board)) == 2
    assert connection.scalar(sa.text("SELECT count(*) FROM sqlite_master WHERE name = 'shelf_name'")) == 1
    with pytest.raises(sa.exc.IntegrityError, match="CHECK"):
        connection.execute(sa.insert(shelf).values(name=""))
    connection.rollback()
    with pytest.raises(sa.exc.IntegrityError, match="FOREIGN KEY"):
        connection.execute(sa.insert(board).values(shelf_id=9))


def test_the_number_of_a_removed_record_is_not_given_again(connection: Connection) -> None:
    remake_what_was_lost(connection, METADATA)

    added = connection.execute(sa.insert(shelf).values(name="middle"))

    assert added.inserted_primary_key == (4,)


def test_a_table_that_keeps_its_promises_is_left_alone(connection: Connection) -> None:
    remake_what_was_lost(connection, METADATA)

    assert remake_what_was_lost(connection, METADATA) == []


def test_a_row_that_breaks_a_check_stops_it_and_nothing_is_changed(connection: Connection) -> None:
    connection.exec_driver_sql("INSERT INTO shelf VALUES (7, '')")
    connection.commit()

    with pytest.raises(sa.exc.IntegrityError):
        remake_what_was_lost(connection, METADATA)

    assert [table.name for table in lost(connection, METADATA)] == ["shelf"]
    assert len(connection.execute(sa.select(shelf)).all()) == 3

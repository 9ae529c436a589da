"""A database comes back from an older backup, embedded as with RabbitMQ: a real copy, without what was said since."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.comparing import accept_extra, compare
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.lives import begin_life
from chassis.log import DatabaseLog
from chassis.tables import event_log
from tests import toy
from tests.conformance.bus import Bus, Listener, until
from tests.infra.postgres import DatabaseServer, fresh_name

pytestmark = pytest.mark.usefixtures("soon_reconciled")

COLOURS = ["red", "blue", "green"]


class Vault:
    """One backup of one database, and the way back to it."""

    def __init__(self, database: Database, folder: Path, server: Callable[[], DatabaseServer]) -> None:
        self.database, self.server = database, server
        self.file, self.name = folder / f"{fresh_name('backup')}.db", fresh_name("backup")

    def keep(self) -> None:
        """As it is now. PostgreSQL copies a database only while nobody is connected to it."""
        self.database.close()
        if self.database.is_sqlite:
            with sqlite3.connect(str(self.database.url.database)) as live, sqlite3.connect(self.file) as copy:
                live.backup(copy)
            live.close()
            copy.close()
        else:
            self._send_away()
            self.server().create_database(self.name, template=self.database.url.database)

    def bring_back(self) -> None:
        self.database.close()
        here = str(self.database.url.database)
        if self.database.is_sqlite:
            for part in ("-wal", "-shm"):
                Path(here + part).unlink(missing_ok=True)
            Path(here).write_bytes(self.file.read_bytes())
        else:
            self._send_away()
            self.server().drop_database(here)
            self.server().create_database(here, template=self.name)
            self.server().drop_database(self.name)

    def _send_away(self) -> None:
        with self.server().connect() as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            connection.execute(others, (self.database.url.database,))


@pytest.fixture
def vault(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[Database], Vault]:
    def vault(database: Database) -> Vault:
        return Vault(database, tmp_path, lambda: request.getfixturevalue("database_server"))

    return vault


@pytest.fixture
def shelf(silent_bus: Bus) -> Listener:
    silent_bus.start()
    listener = silent_bus.listener()
    listener.start()
    return listener


def stop(bus: Bus, shelf: Listener) -> None:
    shelf.stop()
    bus.stop()


def start(bus: Bus, shelf: Listener) -> None:
    bus.start()
    shelf.start()


def until_all_heard(bus: Bus, shelf: Listener) -> None:
    def is_all_heard() -> bool:
        (found,) = compare(consumer_of(bus, shelf))
        return not found.missing and found.expected == len(toy.rows(bus.said_in, event_log))

    until(is_all_heard, "everything to be heard")


def consumer_of(bus: Bus, shelf: Listener) -> Consumer:
    found = shelf.service.consumer(shelf.database, {"workshop": DatabaseLog(bus.said_in)})
    assert found
    return found


def outcome(bus: Bus, shelf: Listener) -> dict[int, tuple[str, str]]:
    """Toys whose label does not say what they look like."""
    with bus.said_in.reading() as session:
        toys = {one.id: one.colour or one.name for one in session.execute(sa.select(toy.Toy.__table__))}
    with shelf.database.reading() as session:
        labels = {one.toy_id: one.text for one in session.execute(sa.select(toy.Label.__table__))}
    return {one: (text, labels.get(one, "no label")) for one, text in toys.items() if labels.get(one) != text}


@pytest.mark.fault(38)
def test_what_a_restored_source_says_on_used_positions_and_versions_is_heard(
    silent_bus: Bus, shelf: Listener, vault: Callable[[Database], Vault]
) -> None:
    bus = silent_bus
    kept = [bus.make(*COLOURS) for _ in range(4)]
    until(lambda: len(shelf.notes) == 16)
    stop(bus, shelf)
    backup = vault(bus.said_in)
    backup.keep()
    start(bus, shelf)
    for one in kept:
        toy.paint(bus.said_in, one, "lost colour")
    lost = [bus.make("lost") for _ in range(3)]
    until(lambda: len(shelf.notes) == 26)
    stop(bus, shelf)

    backup.bring_back()
    begin_life(bus.said_in)
    start(bus, shelf)
    for one in kept[:3]:
        toy.paint(bus.said_in, one, "gold")
        toy.paint(bus.said_in, one, "silver")
    made = [bus.make("new") for _ in range(5)]
    until_all_heard(bus, shelf)

    assert set(made) & set(lost) == set(), "numbers that were given are not given again"
    assert outcome(bus, shelf) == {kept[3]: ("green", "lost colour")}, "nothing has been said of it since"
    (found,) = compare(consumer_of(bus, shelf))
    assert (len(found.missing), len(found.extra)) == (0, 4 + 6)
    for one in kept[:3]:
        assert shelf.of_toy(one) == [1, 2, 3, 4, 5, 5, 6]

    toy.paint(bus.said_in, kept[3], "bronze")
    until(lambda: outcome(bus, shelf) == {}, "the last label to be right again")
    stop(bus, shelf)
    accept_extra(consumer_of(bus, shelf), found.extra)
    assert compare(consumer_of(bus, shelf))[0].extra == frozenset()


@pytest.mark.fault(39)
def test_a_restored_listener_hears_again_what_it_has_forgotten(
    silent_bus: Bus, shelf: Listener, vault: Callable[[Database], Vault]
) -> None:
    bus = silent_bus
    toys = [bus.make(*COLOURS) for _ in range(4)]
    until(lambda: len(shelf.notes) == 16)
    stop(bus, shelf)
    backup = vault(shelf.database)
    backup.keep()
    start(bus, shelf)
    toys += [bus.make(*COLOURS) for _ in range(4)]
    for one in toys:
        toy.paint(bus.said_in, one, "gold")
    until(lambda: len(shelf.notes) == 40)
    stop(bus, shelf)

    backup.bring_back()
    begin_life(shelf.database)
    assert len(shelf.notes) == 16
    bus.start()
    while_it_was_away = bus.make("silver")
    shelf.start()
    until_all_heard(bus, shelf)

    assert {one: shelf.of_toy(one) for one in toys} == {one: [1, 2, 3, 4, 5] for one in toys}
    assert shelf.of_toy(while_it_was_away) == [1, 2]
    assert outcome(bus, shelf) == {}
    (found,) = compare(consumer_of(bus, shelf))
    assert (len(found.missing), len(found.extra)) == (0, 0)

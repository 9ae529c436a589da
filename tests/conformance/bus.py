"""The bus as services meet it: a workshop that says things, listeners that hear them, some transport between."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

import sqlalchemy as sa

from chassis.consumer import Consumer
from chassis.database import Database
from chassis.events import Heard
from chassis.log import DatabaseLog
from chassis.manifest import Service
from chassis.settings import Settings
from chassis.tables import parked_event
from chassis.transaction import Transaction
from chassis.worker import Worker
from tests import toy
from tests.infra.processes import PATIENCE_SECONDS, wait_until

Hears = Mapping[type[Heard], Callable[[Transaction, Any], None]]


class Listener:
    """One service that listens, with a database of its own; its worker may come and go."""

    def __init__(self, bus: Bus, service: Service, database: Database) -> None:
        self.bus, self.service, self.database = bus, service, database
        self.workers: list[Worker] = []

    def start(self, change: Callable[[Consumer], None] = lambda _consumer: None) -> Worker:
        """One worker more; ``change`` may put something wrong with its consumer before it begins."""
        worker = self.bus.worker(self.service, self.database)
        assert worker.consumer
        change(worker.consumer)
        self.bus.said_in.on_commit(worker.wake)
        worker.start()
        self.workers.append(worker)
        return worker

    def stop(self) -> None:
        while self.workers:
            self.workers.pop().stop()

    def upgrade(self, more: Hears) -> None:
        """The next worker is a build that hears more."""
        self.service = dataclasses.replace(self.service, hears={**self.service.hears, **more})

    @property
    def notes(self) -> list[tuple[int, int]]:
        return toy.notes(self.database)

    def of_toy(self, toy_id: int) -> list[int]:
        """The versions of one toy's events, in the order in which they had their effects."""
        return [version for one, version in self.notes if one == toy_id]

    @property
    def parked(self) -> list[tuple[int, str, str]]:
        rows = toy.rows(self.database, parked_event)
        return sorted((row["aggregate_version"], row["reason"], row["state"]) for row in rows)


class Bus:
    """A workshop with its worker, and as many listeners as the test asks for."""

    def __init__(self, new_database: Callable[[], Database], amqp_url: str, closing: ExitStack) -> None:
        self.new_database, self.amqp_url, self.closing = new_database, amqp_url, closing
        self.said_in = new_database()
        self.workshops: list[Worker] = []
        closing.callback(self.stop)

    @property
    def is_push(self) -> bool:
        return bool(self.amqp_url)

    def worker(self, service: Service, database: Database) -> Worker:
        settings = Settings(service=service.name, database_url="", keys_file="", amqp_url=self.amqp_url)
        return Worker(service, settings, database, {"workshop": DatabaseLog(self.said_in)})

    def start(self) -> Worker:
        """One worker more for the workshop: it relays, where there is something to relay to."""
        worker = self.worker(toy.workshop, self.said_in)
        worker.start()
        self.workshops.append(worker)
        return worker

    def stop(self) -> None:
        while self.workshops:
            self.workshops.pop().stop()

    def listener(self, name: str = "shelf", hears: Hears = toy.shelf.hears) -> Listener:
        """A listener without a worker yet."""
        service = dataclasses.replace(toy.shelf, name=name, hears=hears)
        found = Listener(self, service, self.new_database())
        self.closing.callback(found.stop)
        return found

    def until_looked(self) -> None:
        """The log was read often by whoever carries events from it: what could be heard would have been."""
        reads: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            reads.append(statement)

        sa.event.listen(self.said_in.engine, "before_cursor_execute", note)
        until(lambda: sum("event_log" in statement for statement in reads) >= 6, "the log to be read")

    def make(self, *colours: str) -> int:
        return toy.make(self.said_in, colours=colours)


def until(what: Callable[[], object], named: str = "it") -> None:
    wait_until(lambda: bool(what()), what=named, patience_seconds=PATIENCE_SECONDS)

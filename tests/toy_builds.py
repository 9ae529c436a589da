"""Builds of the shelf, each of which listens to more than the one before; told with by the tests of joining."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.consumer import Consumer
from chassis.database import Database
from chassis.events import Event, Heard
from chassis.joining import Joiner
from chassis.log import DatabaseLog, seal
from chassis.pruning import KEPT_FOR, prune_inbox
from chassis.pull import Puller, note_complete
from chassis.tables import inbox
from chassis.transaction import Transaction, transaction
from tests import toy
from tests.toy import HeardMade, HeardPainted, HeardSold

Hears = Mapping[type[Heard], Callable[[Transaction, Any], None]]


class BoxPacked(Event, type="workshop.box.packed"):
    """An aggregate that the shelf learns of late."""

    box_id: int


class HeardPacked(Heard, type="workshop.box.packed"):
    box_id: int


def note_box(tx: Transaction, event: HeardPacked) -> None:
    toy._note(tx, 1000 + event.box_id, "box")


class Box(toy.Aggregate, toy.Base):
    """Something else that the workshop makes."""

    __tablename__ = "box"
    noun = "box"

    id: toy.Mapped[int] = toy.mapped_column(toy.BigId, primary_key=True)


def pack(database: Database, number: int = 1) -> None:
    for _ in range(number):
        with transaction(database, "workshop") as tx:
            box = tx.add(Box())
            tx.publish(BoxPacked(box_id=box.id))


FIRST: Hears = {HeardMade: toy.print_label}
ALL: Hears = {**FIRST, HeardPainted: toy.print_again, HeardSold: toy.note_sale}


class Build:
    """One build of the shelf, started on its database; it hears by pulling."""

    def __init__(self, heard_in: Database, said_in: Database, hears: Hears, *, pulls: bool = True) -> None:
        service = dataclasses.replace(toy.shelf, hears=hears)
        self.said_in = said_in
        consumer = service.consumer(heard_in, {"workshop": DatabaseLog(said_in)})
        assert consumer
        self.consumer: Consumer = consumer
        self.joiner = Joiner(self.consumer, pulls=pulls)
        self.joiner.register()
        self.puller = Puller(self.consumer, self.joiner.meet)

    def hear(self) -> None:
        seal(self.said_in)
        while self.puller.pull("workshop"):
            pass

    def join(self) -> None:
        seal(self.said_in)
        self.joiner.join("workshop")

    def settle(self) -> Build:
        """Join what is new, and hear all there is."""
        self.join()
        self.hear()
        return self

    @property
    def notes(self) -> list[tuple[int, int]]:
        return toy.notes(self.consumer.database)


Builds = Callable[..., Build]


def ignored(build: Build) -> int:
    return len(toy.rows(build.consumer.database, inbox, reacted=0))


def prune(build: Build) -> None:
    """As it is when all of this is long ago."""
    head = DatabaseLog(build.said_in).head()
    note_complete(build.consumer, "workshop", head)
    long_ago = datetime.now(UTC) - KEPT_FOR - timedelta(hours=1)
    with build.consumer.database.connection() as connection:
        connection.execute(sa.update(inbox).values(processed_at=long_ago))
    with transaction(build.consumer.database, "shelf") as tx:
        prune_inbox(tx)

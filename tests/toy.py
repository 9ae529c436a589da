"""Two services as small as can be: a workshop makes toys, and a shelf prints a label for each it hears of.

The tests of the chassis, the conformance list and the fault tests are told with them. It lives here because
all three import it, the fault tests' processes too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis import bus_desk
from chassis.database import COLUMN_TYPES, BigId, Database, new_metadata
from chassis.events import Event, Heard
from chassis.fields import Body, Number, Required, Text, View
from chassis.log import prepare_log
from chassis.manifest import Service
from chassis.pages import Listing, contains, equal
from chassis.problems import Conflict
from chassis.routes import Route
from chassis.tables import add_bus_tables
from chassis.transaction import Aggregate, Transaction, transaction


class Base(DeclarativeBase):
    """Both services' tables: each test gives each service a database of its own."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


add_bus_tables(Base.metadata)


# The workshop


class ToyMade(Event, type="workshop.toy.made"):
    """There is a new toy."""

    toy_id: int
    name: str


class ToyPainted(Event, type="workshop.toy.painted"):
    """A toy has another colour."""

    toy_id: int
    colour: str


class ToySold(Event, type="workshop.toy.sold"):
    """A toy left the workshop."""

    toy_id: int


class AlreadySold(Conflict):
    """The toy is sold."""

    toy_id: int


class Toy(Aggregate, Base):
    """One toy."""

    __tablename__ = "toy"
    noun = "toy"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    colour: Mapped[str] = mapped_column(sa.String(300_000), default="")
    rank: Mapped[int | None]
    is_sold: Mapped[bool] = mapped_column(default=False)

    def made(self) -> ToyMade:
        return ToyMade(toy_id=self.id, name=self.name)

    def paint(self, colour: str) -> ToyPainted:
        if self.is_sold:
            raise AlreadySold(toy_id=self.id)
        self.colour = colour
        return ToyPainted(toy_id=self.id, colour=colour)

    def sell(self) -> ToySold:
        self.is_sold = True
        return ToySold(toy_id=self.id)


def make_toy(tx: Transaction, name: str, rank: int | None = None) -> Toy:
    """Make a toy."""
    toy = tx.add(Toy(name=name, rank=rank, colour="", is_sold=False))
    tx.publish(toy.made())
    return toy


def paint_toy(tx: Transaction, toy_id: int, colour: str) -> Toy:
    """Give it another colour."""
    toy = tx.get(Toy, toy_id)
    tx.publish(toy.paint(colour))
    return toy


def sell_toy(tx: Transaction, toy_id: int) -> None:
    """Let it go."""
    toy = tx.get(Toy, toy_id)
    tx.publish_removal(toy, toy.sell())


def get_toy(tx: Transaction, toy_id: int) -> Toy:
    """One toy."""
    return tx.get(Toy, toy_id)


TOYS = Listing(
    columns={"id": Toy.id, "name": Toy.name, "rank": Toy.rank, "version": Toy.version},
    key=Toy.id,
    filters={"name": contains(Toy.name), "rank": equal(Toy.rank)},
    sorts={"id": Toy.id, "name": Toy.name, "rank": Toy.rank},
    default_sort="id",
    search=(Toy.name,),
)


class NewToy(Body):
    """What a toy needs."""

    name = Required(100)
    rank = Number(-1000, 1000)


class Paint(Body):
    """A colour."""

    colour = Text(300_000, required=True)


class ToyView(View):
    """A toy."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    rank = ma.fields.Integer(allow_none=True, required=True)
    version = ma.fields.Integer(required=True)


ONE = "/toys/<int:toy_id>"

workshop = Service(
    name="workshop",
    title="Workshop",
    metadata=Base.metadata,
    migrations=Path(),
    routes=[
        Route(method="GET", path="/toys", lists=TOYS, gives=ToyView, needs="toy:read"),
        Route(method="GET", path=ONE, calls=get_toy, gives=ToyView, needs="toy:read"),
        Route(method="POST", path="/toys", calls=make_toy, takes=NewToy, gives=ToyView, needs="toy:write", status=201),
        Route(method="PATCH", path=ONE, calls=paint_toy, takes=Paint, gives=ToyView, needs="toy:write",
              needs_version=True, refuses=(AlreadySold,)),
        Route(method="DELETE", path=ONE, calls=sell_toy, needs="toy:write", status=204, needs_version=True),
    ],
    says=[ToyMade, ToyPainted, ToySold],
)  # fmt: skip


# The shelf


class HeardMade(Heard, type="workshop.toy.made"):
    toy_id: int
    name: str


class HeardPainted(Heard, type="workshop.toy.painted"):
    toy_id: int
    colour: str


class HeardSold(Heard, type="workshop.toy.sold"):
    toy_id: int


class LabelPrinted(Event, type="shelf.label.printed", key="toy_id"):
    """A label was printed, for the first time or again."""

    toy_id: int
    text: str


class Label(Aggregate, Base):
    """The label of one toy."""

    __tablename__ = "label"
    noun = "label"

    toy_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(sa.String(300_000))


note = sa.Table(
    "note",
    Base.metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("event_id", sa.String(40), nullable=False),
    sa.Column("toy_id", sa.BigInteger, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
"""The effects: one row per event that was applied. Nothing here keeps a second one out; that is the bus's duty."""

jam = sa.Table("jam", Base.metadata, sa.Column("colour", sa.String(100), primary_key=True))
"""Colours that jam the printer: a label in one of them fails, until somebody mends it."""


class PrinterJammed(Conflict):
    """The printer cannot print this colour."""

    colour: str


def print_label(tx: Transaction, event: HeardMade) -> None:
    """A toy came: print its label."""
    _note(tx, event.toy_id, event.name)
    label = tx.add(Label(toy_id=event.toy_id, text=event.name))
    tx.publish(LabelPrinted(toy_id=label.toy_id, text=label.text))


def print_again(tx: Transaction, event: HeardPainted) -> None:
    """It has another colour: print the label again."""
    if tx.row(sa.select(jam).where(jam.c.colour == event.colour)):
        raise PrinterJammed(colour=event.colour)
    _note(tx, event.toy_id, event.colour)
    label = tx.get(Label, event.toy_id)
    label.text = event.colour
    tx.publish(LabelPrinted(toy_id=label.toy_id, text=label.text))


def note_sale(tx: Transaction, event: HeardSold) -> None:
    """It is gone."""
    _note(tx, event.toy_id, "sold")


def _note(tx: Transaction, toy_id: int, text: str) -> None:
    assert tx.cause is not None
    tx.execute(sa.insert(note).values(event_id=tx.cause.id, toy_id=toy_id, version=tx.heard_version, text=text[:100]))


shelf = Service(
    name="shelf",
    title="Shelf",
    metadata=Base.metadata,
    migrations=Path(),
    routes=bus_desk.routes_of("shelf"),
    says=[LabelPrinted],
    hears={HeardMade: print_label, HeardPainted: print_again, HeardSold: note_sale},
)


# What tests do with them


def prepare(database: Database) -> None:
    """Make the tables, unless a template brought them."""
    Base.metadata.create_all(database.engine)
    with database.connection() as connection:
        prepare_log(connection)


def make(database: Database, name: str = "bear", colours: Sequence[str] = ()) -> int:
    """A toy, painted in each colour, each in a transaction of its own; its id."""
    with transaction(database, "workshop") as tx:
        toy_id = make_toy(tx, name).id
    for colour in colours:
        paint(database, toy_id, colour)
    return toy_id


def paint(database: Database, toy_id: int, colour: str) -> None:
    with transaction(database, "workshop") as tx:
        paint_toy(tx, toy_id, colour)


def notes(database: Database) -> list[tuple[int, int]]:
    """(toy, version) of each effect, in the order in which they happened."""
    with database.reading() as session:
        rows = session.execute(sa.select(note.c.toy_id, note.c.version).order_by(note.c.id))
        return [(row.toy_id, row.version) for row in rows]


def at_once(*works: Callable[[], object]) -> None:
    """Run all at the same time, each in a thread; the first failure is raised here."""
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result(timeout=60)


def jam_printer(database: Database, colour: str) -> None:
    with database.connection() as connection:
        connection.execute(sa.insert(jam).values(colour=colour))


def mend_printer(database: Database) -> None:
    with database.connection() as connection:
        connection.execute(sa.delete(jam))


def rows(database: Database, table: sa.Table, **where: Any) -> list[Mapping[str, Any]]:
    """The rows of a table as mappings."""
    conditions = [table.c[name] == value for name, value in where.items()]
    with database.reading() as session:
        return [row._asdict() for row in session.execute(sa.select(table).where(*conditions))]

"""The shelf of toys as the tests of the consumer tell of it: lives of toys, and what became of them."""

from __future__ import annotations

import dataclasses

import sqlalchemy as sa

from chassis.database import Database
from chassis.events import Event, Heard
from chassis.reconcile import Reconciler
from chassis.redrive import Redriver
from chassis.tables import inbox, parked_event
from chassis.testing.stage import Stage
from chassis.transaction import Transaction, transaction
from tests import toy
from tests.toy import HeardMade, HeardPainted, notes

COLOURS = ("red", "blue", "green", "white")


class ToyRepainted(Event, type="workshop.toy.painted.v2", key="toy_id"):
    """A toy has several colours now; who only knows one cannot read this."""

    toy_id: int
    colours: list[str]


class HeardRepainted(Heard, type="workshop.toy.painted.v2", key="toy_id"):
    toy_id: int
    colours: list[str]


def print_in_colours(tx: Transaction, event: HeardRepainted) -> None:
    toy.print_again(tx, HeardPainted(toy_id=event.toy_id, colour=", ".join(event.colours)))


newer_shelf = dataclasses.replace(toy.shelf, hears={**toy.shelf.hears, HeardRepainted: print_in_colours})
"""The next build of the shelf: it knows that toys may have several colours."""


def repaint(database: Database, toy_id: int, colours: list[str]) -> None:
    """The next build of the workshop says it in the new way."""
    with transaction(database, "workshop") as tx:
        painted = tx.get(toy.Toy, toy_id)
        painted.colour = ", ".join(colours)
        tx.publish(ToyRepainted(toy_id=toy_id, colours=colours))


class ToyWrapped(Heard, type="workshop.toy.wrapped"):
    """Nobody on the shelf listens to this."""

    toy_id: int


def life_of(shelf: Stage, toy_id: int = 1, colours: tuple[str, ...] = COLOURS) -> list[bytes]:
    """What the workshop says of one toy, not delivered yet."""
    said: list[Heard] = [HeardMade(toy_id=toy_id, name="bear")]
    said += [HeardPainted(toy_id=toy_id, colour=colour) for colour in colours]
    return [shelf.says(event) for event in said]


def whole(toy_id: int = 1, versions: int = 5) -> list[tuple[int, int]]:
    return [(toy_id, version) for version in range(1, versions + 1)]


def states(shelf: Stage) -> dict[int, str]:
    """What became of each event of toy 1, by version."""
    return {row["aggregate_version"]: row["state"] for row in toy.rows(shelf.database, inbox, aggregate_id="1")}


def parked(shelf: Stage) -> list[tuple[int, str, str]]:
    """(version, reason, state) of what is put aside."""
    found = toy.rows(shelf.database, parked_event)
    return sorted((row["aggregate_version"], row["reason"], row["state"]) for row in found)


def let_time_pass(database: Database) -> None:
    """All that is to be tried again some day is due now."""
    with database.connection() as connection:
        due = sa.update(parked_event).where(parked_event.c.next_attempt_at.is_not(None))
        connection.execute(due.values(next_attempt_at=parked_event.c.first_at))


def try_again(shelf: Stage) -> int:
    assert shelf.consumer
    let_time_pass(shelf.database)
    return Redriver(shelf.consumer).run_due()


def reconcile(shelf: Stage) -> int:
    """Twice, because a difference is repaired when it stands still; how many are missing then."""
    assert shelf.consumer
    reconciler = Reconciler(shelf.consumer)
    reconciler.run_once()
    reconciler.run_once()
    return reconciler.check("workshop")


def of_toy(shelf: Stage, toy_id: int) -> list[tuple[int, int]]:
    return [one for one in notes(shelf.database) if one[0] == toy_id]

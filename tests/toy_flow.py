"""A long flow as small as can be: a toy was sold, so it must be paid and then packed, or the money goes back.

Money and parcels are other services' business; the shelf owns the flow.
"""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from chassis import flowing
from chassis.database import Database
from chassis.dialect import clock
from chassis.events import Heard
from chassis.flow_desk import routes_of
from chassis.flows import Flow, Run, Step
from chassis.problems import Conflict
from chassis.redrive import Redriver
from chassis.schedule import Releaser
from chassis.tables import flow, flow_step, parked_event, scheduled_message
from chassis.testing.stage import Stage, some_settings
from chassis.transaction import Transaction
from tests import toy
from tests.toy import HeardSold, Label, LabelPrinted

PAYMENT_TIME, PARCEL_TIME = timedelta(minutes=2), timedelta(hours=24)


class Paid(Heard, type="bank.payment.made"):
    payment_id: int
    toy_id: int


class NotPaid(Heard, type="bank.payment.refused"):
    payment_id: int
    toy_id: int


class Packed(Heard, type="warehouse.parcel.packed"):
    parcel_id: int
    toy_id: int


class Broken(Heard, type="warehouse.parcel.broken"):
    parcel_id: int
    toy_id: int
    how: str


class TillStuck(Conflict):
    """The till does not open, so no money goes back."""


def note(tx: Transaction, run: Run, text: str) -> None:
    """One row for each effect; nothing here keeps a second one out."""
    values = {"event_id": "flow", "toy_id": int(run.correlation_id), "version": run.version, "text": text}
    tx.execute(sa.insert(toy.note).values(values))


def take_money(tx: Transaction, run: Run, event: Paid) -> None:
    run.data["payment_id"] = event.payment_id
    note(tx, run, "money taken")


def give_money_back(tx: Transaction, run: Run) -> None:
    if tx.row(sa.select(toy.jam).where(toy.jam.c.colour == "till")):
        raise TillStuck
    note(tx, run, f"payment {run.data['payment_id']} given back")


def ask_for_parcel(tx: Transaction, run: Run) -> None:
    toy_id = int(run.correlation_id)
    label = tx.find(Label, toy_id) or tx.add(Label(toy_id=toy_id, text="pack me"))
    tx.publish(LabelPrinted(toy_id=toy_id, text=label.text))


def send_parcel(tx: Transaction, run: Run, event: Packed) -> None:
    note(tx, run, "parcel sent")


SALE = Flow(
    name="sale",
    steps=[
        Step(
            name="payment",
            within=PAYMENT_TIME,
            answers={"bank.payment.made": take_money},
            refusals={"bank.payment.refused": lambda event: "The bank refused"},
            undoes=give_money_back,
        ),
        Step(
            name="parcel",
            within=PARCEL_TIME,
            answers={"warehouse.parcel.packed": send_parcel},
            refusals={"warehouse.parcel.broken": lambda event: f"Broken: {event.how}"},
            asks=ask_for_parcel,
        ),
    ],
)


def begin_sale(tx: Transaction, event: HeardSold) -> None:
    flowing.start(tx, SALE, event.toy_id)


def go_on_with_sale(tx: Transaction, event: Paid | NotPaid | Packed | Broken) -> None:
    flowing.hear(tx, SALE, event.toy_id, event)


counter = dataclasses.replace(
    toy.shelf,
    routes=routes_of(SALE),
    flows=[SALE],
    hears={
        HeardSold: begin_sale,
        Paid: go_on_with_sale,
        NotPaid: go_on_with_sale,
        Packed: go_on_with_sale,
        Broken: go_on_with_sale,
    },
)


SOLD = HeardSold(toy_id=1)
PAID, NOT_PAID = Paid(payment_id=11, toy_id=1), NotPaid(payment_id=11, toy_id=1)
PACKED, BROKEN = Packed(parcel_id=21, toy_id=1), Broken(parcel_id=21, toy_id=1, how="no ears")
TOY_1 = "sale:1"


# What tests do with it


def some_stage(database: Database) -> Stage:
    return Stage(counter, database, some_settings(counter.name, str(database.url)))


def run_of(database: Database, flow_id: str = TOY_1) -> dict[str, Any]:
    (row,) = toy.rows(database, flow, id=flow_id)
    return dict(row)


def state(database: Database, flow_id: str = TOY_1) -> tuple[str, str]:
    """(state, step)"""
    row = run_of(database, flow_id)
    return row["state"], row["step"]


def story(database: Database) -> list[tuple[str, str]]:
    """(step, outcome) of all that happened."""
    return [(row["step"], row["outcome"]) for row in toy.rows(database, flow_step)]


def effects(database: Database) -> list[str]:
    return [row["text"] for row in toy.rows(database, toy.note)]


def deadlines(database: Database) -> dict[str, str]:
    """What became of each deadline."""
    return {row["dedupe_key"]: row["state"] for row in toy.rows(database, scheduled_message)}


def let_time_pass(database: Database) -> None:
    """Whatever is to happen some day is due now."""
    with database.connection() as connection:
        past = clock(connection) - timedelta(seconds=1)
        connection.execute(sa.update(scheduled_message).values(next_attempt_at=past))
        parked = sa.update(parked_event).where(parked_event.c.next_attempt_at.is_not(None))
        connection.execute(parked.values(next_attempt_at=past))


def miss_deadlines(database: Database) -> None:
    """Time passes, and the worker notices."""
    let_time_pass(database)
    releaser(database).run_due()


def releaser(database: Database) -> Releaser:
    return Releaser(database, counter.name, counter.all_timers())


def redrive(stage: Stage) -> int:
    assert stage.consumer
    let_time_pass(stage.database)
    return Redriver(stage.consumer).run_due()


def retry(stage: Stage, flow_id: str = TOY_1) -> None:
    with stage.doing() as tx:
        flowing.retry(tx, SALE, flow_id)


def cancel(stage: Stage, flow_id: str = TOY_1) -> None:
    with stage.doing() as tx:
        flowing.cancel(tx, SALE, flow_id, "the buyer died")

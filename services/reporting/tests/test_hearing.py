"""How reporting hears: everything is remembered, broken things are set aside, and a batch costs a few statements."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from chassis.events import Event, Heard, open_envelope
from chassis.log import Head
from chassis.principal import Principal
from chassis.pull import note_complete
from chassis.tables import parked_event
from chassis.testing.stage import Stage
from chassis.testing.statements import statements
from reporting.catalogue import SHELF
from reporting.contribution.model import OrderCancelled, OrderPlaced
from reporting.log import LISTENS, report_log
from reporting.projector import Projector

EVE = Principal(user_id=4, name="Eve", kind="user", scope="all")


class StockCounted(Event, type="customer.stock.counted"):
    """Something no report wants to know today."""

    stock_id: int
    pieces: int


class OrderPlacedNext(Heard, type="customer.order.placed.v2", key="order_no"):
    """An order as a later version of the customer service may say it."""

    order_no: str


class OrderGarbled(Heard, type="customer.order.placed", key="order_no"):
    """An order that is not what was promised."""

    order_no: str
    amount_minor: str


def order(number: int) -> OrderPlaced:
    at = datetime(2010, 5, 1, tzinfo=UTC)
    known = {"customer_no": f"K{number}", "ordered_at": at, "kind": "order", "currency": "GBP"}
    return OrderPlaced(order_no=str(number), amount_minor=100, **known)


def remembered(stage: Stage) -> list[Any]:
    with stage.database.reading() as session:
        return list(session.execute(sa.select(report_log).order_by(report_log.c.id)))


def parked(stage: Stage) -> list[tuple[str, str]]:
    with stage.database.reading() as session:
        found = session.execute(sa.select(parked_event.c.aggregate_id, parked_event.c.reason))
        return sorted((row.aggregate_id, row.reason) for row in found)


def total(stage: Stage) -> int:
    report = stage.client(EVE, "report:contribution").get("/reports/contribution")
    return int(sum(one["orders"] for one in report["totals"]))


def test_every_event_is_remembered_as_it_was_heard(stage: Stage) -> None:
    wire = stage.says(StockCounted(stock_id=3, pieces=40))

    stage.takes(wire)
    stage.takes(wire)

    [kept] = remembered(stage)
    assert (kept.source, kept.epoch, kept.position, kept.type) == ("customer", 1, 1, "crm.customer.stock.counted")
    assert kept.body == wire
    assert kept.time == open_envelope(wire).time


def test_reporting_listens_to_whatever_its_reports_need() -> None:
    hears = Projector(SHELF).hears

    assert [kind for kind in hears if kind.aggregate_type not in LISTENS[kind.event_type.split(".")[1]]] == []


def test_a_missing_event_is_fetched_and_folded_in_its_turn(stage: Stage) -> None:
    stage.says(order(1))

    stage.takes(stage.says(OrderCancelled(order_no="1")))

    assert [row.type.rsplit(".")[-1] for row in remembered(stage)] == ["placed", "cancelled"]
    assert total(stage) == 0


def test_what_breaks_its_promise_is_set_aside_and_holds_nobody_else_up(stage: Stage) -> None:
    stage.hears(order(1), OrderGarbled(order_no="2", amount_minor="a lot"), order(3))

    assert total(stage) == 2
    assert parked(stage) == [("2", "failed")]
    assert len(remembered(stage)) == 2


def test_a_later_version_waits_for_a_build_that_understands_it(stage: Stage) -> None:
    stage.hears(OrderPlacedNext(order_no="1"), order(2))

    assert parked(stage) == [("1", "unsupported_version")]
    assert total(stage) == 1


def test_a_batch_costs_the_same_statements_however_long_it_is(stage: Stage) -> None:
    short, long = ([stage.says(order(number)) for number in numbers] for numbers in (range(2), range(2, 202)))
    stage.takes(stage.says(order(999)))

    with statements(stage.database) as few:
        stage.takes(*short)
    with statements(stage.database) as many:
        stage.takes(*long)

    assert len(many) == len(few)
    mine = [text for text in many if "contribution" in text or "report_log" in text]
    verbs = [text.split()[0] for text in mine]
    assert verbs == ["SELECT", "INSERT", "INSERT", "INSERT", "INSERT", "INSERT"]  # rows; rows, past, two tallies, log


def test_a_report_says_up_to_when_it_is_complete(stage: Stage) -> None:
    eve = stage.client(EVE, "report:sales")
    unknown = eve.get("/reports/sales")["complete_up_to"]
    assert unknown == {
        "at": None,
        "sources": [
            {"source": "marketing", "at": None, "set_aside": 0},
            {"source": "identity", "at": None, "set_aside": 0},
        ],
    }
    assert stage.consumer

    note_complete(stage.consumer, "marketing", Head(position=3, epoch=1))
    assert eve.get("/reports/sales")["complete_up_to"]["at"] is None
    note_complete(stage.consumer, "identity", Head(position=0, epoch=1))

    known = eve.get("/reports/sales")["complete_up_to"]
    assert known["at"] == min(one["at"] for one in known["sources"])


def test_a_report_says_how_much_of_it_was_set_aside(stage: Stage) -> None:
    stage.hears(OrderGarbled(order_no="2", amount_minor="a lot"), order(1))
    assert stage.consumer
    note_complete(stage.consumer, "customer", Head(position=2, epoch=1))

    report = stage.client(EVE, "report:contribution").get("/reports/contribution")

    assert [one["set_aside"] for one in report["complete_up_to"]["sources"]] == [1]


def test_reporting_says_nothing(stage: Stage) -> None:
    stage.hears(order(1))

    assert stage.said() == []

"""The loss rule: who is about to be lost, and how a loss moves; no database until the last story."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.testing.stage import Stage
from chassis.transaction import Transaction
from customer.customer.model import Customer
from customer.detection.queries import customers_to_judge
from customer.loss.life_cycle import LossClosed, Status
from customer.loss.model import Loss, Measure, Purchase, Watched, is_about_to_be_lost, months_before
from customer.order.model import Order

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EDGE = datetime(2026, 5, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ACME = "KH202611230000001"


def watched(**more: Any) -> Watched:
    facts = {"status": 1, "opened_at": EDGE - SECOND, "last_order_at": None, "has_open_loss": False}
    return Watched(customer_no=ACME, customer_name="Acme", manager_id=7, manager_name="Mei", **{**facts, **more})


def is_alerted(**more: Any) -> bool:
    return is_about_to_be_lost(watched(**more), months=6, as_of=NOW)


def test_who_never_ordered_in_six_months_is_about_to_be_lost() -> None:
    assert is_alerted(opened_at=EDGE - SECOND)
    assert not is_alerted(opened_at=EDGE)


def test_the_last_order_decides_to_the_second() -> None:
    assert is_alerted(last_order_at=EDGE - SECOND)
    assert not is_alerted(last_order_at=EDGE)


def test_the_lost_the_deleted_and_the_warned_of_are_left_alone() -> None:
    assert not is_alerted(status=2)
    assert not is_alerted(status=3)
    assert not is_alerted(has_open_loss=True)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2026-11-23", 6, "2026-05-23"),
        ("2026-08-31", 6, "2026-02-28"),
        ("2028-08-31", 6, "2028-02-29"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-12-31", 12, "2025-12-31"),
    ],
)
def test_months_are_calendar_months(day: str, months: int, before: str) -> None:
    assert months_before(datetime.fromisoformat(day), months) == datetime.fromisoformat(before)


def a_loss(**more: Any) -> Loss:
    loss = Loss.begin(watched(), months=6, at=NOW)
    loss.id = 1
    for name, value in more.items():
        setattr(loss, name, value)
    return loss


def test_measures_are_added_and_earlier_ones_stay() -> None:
    loss = a_loss()

    for text in ("Phoned", "Sent the price list"):
        assert loss.delay(Measure(text=text, by_id=7, by_name="Mei", at=NOW)).measure == text

    assert [one.text for one in loss.measures] == ["Phoned", "Sent the price list"]
    assert loss.status == Status.DELAYED


@pytest.mark.parametrize("status", [Status.LOST, Status.RECOVERED])
def test_what_is_closed_is_neither_delayed_nor_confirmed(status: Status) -> None:
    loss = a_loss(status=status)

    with pytest.raises(LossClosed):
        loss.delay(Measure(text="Phoned", by_id=7, by_name="Mei", at=NOW))
    with pytest.raises(LossClosed):
        loss.confirm(Customer(manager_id=7, manager_name="Mei"), reason="Moved", at=NOW)


@pytest.mark.parametrize("status", [Status.ALERT, Status.DELAYED, Status.LOST])
def test_an_order_dated_after_the_alert_ends_it(status: Status) -> None:
    assert a_loss(status=status).recover(Purchase("1", NOW), at=NOW) is None

    loss = a_loss(status=status)
    told = loss.recover(Purchase("1", NOW + SECOND), at=NOW)

    assert told is not None
    assert (loss.status, loss.recovered_by) == (Status.RECOVERED, "1")
    assert loss.recover(Purchase("2", NOW + SECOND), at=NOW) is None


@dataclasses.dataclass(frozen=True)
class Life:
    """A customer's status, when it was opened, its orders (at, kind, status) and the status of its loss."""

    status: int
    opened_at: datetime
    orders: list[tuple[datetime, str, int]]
    loss: int | None


MOMENTS = st.sampled_from([EDGE - 400 * SECOND, EDGE - SECOND, EDGE, EDGE + SECOND, NOW])
ORDERS = st.lists(st.tuples(MOMENTS, st.sampled_from(["order", "credit_note"]), st.sampled_from([1, 7])), max_size=3)
LOSSES = st.sampled_from([None, 1, 2, 3, 4])
LIVES = st.lists(st.builds(Life, st.sampled_from([1, 2, 3]), MOMENTS, ORDERS, LOSSES), max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=LIVES)
def test_the_select_leaves_out_nobody_whom_the_rule_means(empty_stage: Stage, lives: list[Life]) -> None:
    with empty_stage.doing(at=NOW) as tx:
        expected = {_live(tx, f"KH{number}", life) for number, life in enumerate(lives)} - {None}

        judged = customers_to_judge(tx, since=months_before(NOW, 6))
        found = {one.customer_no for one in judged if is_about_to_be_lost(one, months=6, as_of=NOW)}
        tx.forget()

    assert found == expected


def _live(tx: Transaction, key: str, life: Life) -> str | None:
    """Keep a customer with this life behind it; its number if the rule, told the facts directly, means it."""
    fields = {"name": key, "region": "", "level": 1, "manager_id": 7, "manager_name": "Mei"}
    customer = Customer.begin(fields | {"opened_at": life.opened_at}, number=key)
    customer.status = life.status
    tx.add(customer)
    for count, (at, kind, state) in enumerate(life.orders):
        _order(tx, f"{key}-{count}", key, ordered_at=at, kind=kind, status=state)
    if life.loss:
        record = Loss.begin(watched(), months=6, at=NOW)
        record.customer_no, record.status = key, life.loss
        tx.add(record)
    real = [at for at, kind, state in life.orders if kind == "order" and state != 7]
    facts = {"status": life.status, "opened_at": life.opened_at, "last_order_at": max(real, default=None)}
    return key if is_alerted(**facts, has_open_loss=life.loss in (1, 2)) else None


def _order(tx: Transaction, number: str, customer_no: str, **fields: Any) -> None:
    blank = {"customer_name": "", "address": "", "amount_minor": 0, "currency": "CNY", "content": "", "version": 1}
    row = {"order_no": number, "customer_no": customer_no, "cancellation_reason": "", **blank, **fields}
    tx.execute(sa.insert(Order), row)

"""Looking into the pool, and for whom to let go."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.dialect import insert
from chassis.pages import Listing, contains, equal, since, until
from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer import copies
from customer.activity.model import Activity
from customer.contact.model import Contact
from customer.customer.model import NOBODY, Customer, Status
from customer.involvements import involvement, is_open
from customer.order.life_cycle import Status as OrderStatus
from customer.order.model import ORDER, Order
from customer.pool.model import Care, Claims, PoolRules

IN_THE_POOL = (Customer.manager_id == NOBODY, Customer.status != Status.DELETED)
KINDS = {
    "idle_days": "pool idle days",
    "holding_limit": "pool holding limit",
    "daily_limit": "pool daily limit",
    "cooling_days": "pool cooling days",
}
"""Our name for each rule, and the dictionary's."""
IS_PREMIUM = sa.exists().where(
    Contact.customer_no == Customer.customer_no, Contact.phone != "", Contact.removed_at.is_(None)
)
"""Somebody is known there who can be called."""
SHOWN = ("customer_no", "name", "region", "level", "stage", "status", "tags", "pooled_at", "opened_at", "version")


def _premium(text: str) -> sa.ColumnElement[bool]:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return IS_PREMIUM if text == "true" else ~IS_PREMIUM


POOL = Listing(
    columns={name: getattr(Customer, name) for name in SHOWN} | {"is_premium": IS_PREMIUM},
    key=Customer.customer_no,
    where=IN_THE_POOL,
    filters={
        "customer_no": equal(Customer.customer_no),
        "name": contains(Customer.name),
        "region": equal(Customer.region),
        "level": equal(Customer.level),
        "stage": equal(Customer.stage),
        "is_premium": _premium,
        "pooled_from": since(Customer.pooled_at),
        "pooled_to": until(Customer.pooled_at),
    },
    sorts={name: getattr(Customer, name) for name in ("pooled_at", "name", "region", "level", "customer_no")},
    default_sort="-pooled_at",
    search=(Customer.name, Customer.customer_no),
)
"""Seen by whoever may claim, whatever the scope: nobody's customers are everybody's."""


@dataclasses.dataclass(frozen=True)
class Offer:
    """A customer in the pool, as far as one may know it before claiming it."""

    customer: Customer
    is_premium: bool


def get_offer(tx: Transaction, customer_no: str) -> Offer:
    """One customer in the pool. Raises NotFound."""
    row = tx.row(sa.select(Customer, IS_PREMIUM.label("p")).where(Customer.customer_no == customer_no, *IN_THE_POOL))
    if row is None:
        raise NotFound(detail=f"No customer {customer_no} in the pool")
    return Offer(row.Customer, bool(row.p))


def pool_rules(tx: Transaction) -> PoolRules:
    """The rules as they are now; what is no sensible number counts as not written."""
    written = copies.numbers_of(tx, KINDS.values())
    return PoolRules(**{name: written[kind] for name, kind in KINDS.items() if kind in written})


def held_by(tx: Transaction, user_id: int) -> int:
    """How many customers somebody looks after."""
    mine = (Customer.manager_id == user_id, Customer.status == Status.NORMAL)
    return int(tx.scalar(sa.select(sa.func.count()).select_from(Customer).where(*mine)))


def count_claim(tx: Transaction, user_id: int, today: date) -> int:
    """The how manieth claim of the day this is; claims of one person wait for each other until commit."""
    table = Claims.__table__
    asked = insert(tx.session, table).values(user_id=user_id, day=today, claimed=1)
    one_more = sa.case((table.c.day == asked.excluded.day, table.c.claimed + 1), else_=1)
    counted = asked.on_conflict_do_update(
        index_elements=["user_id"], set_={"claimed": one_more, "day": asked.excluded.day}
    )
    return int(tx.scalar(counted.returning(table.c.claimed)))


def customers_to_let_go(tx: Transaction, *, days: int, most: int) -> Sequence[Care]:
    """Whom the rule of idle customers may mean, with what it looks at, the first ``most``; one select.

    Leaves out only customers whom the rule would leave out too: it decides, this saves it work.
    """
    before = tx.now - timedelta(days=days)
    talks = (Activity.customer_no == Customer.customer_no,)
    buys = (Order.customer_no == Customer.customer_no, Order.kind == ORDER, Order.status != OrderStatus.CANCELLED)
    has_open_work = sa.exists().where(involvement.c.customer_no == Customer.customer_no, is_open())
    shown = (
        Customer.customer_no,
        Customer.status,
        Customer.manager_id,
        Customer.held_since,
        _newest(Activity.held_at, talks).label("last_activity_at"),
        _newest(Order.ordered_at, buys).label("last_order_at"),
        has_open_work.label("has_open_work"),
    )
    mean = (
        Customer.status == Status.NORMAL,
        Customer.manager_id != NOBODY,
        Customer.held_since < before,
        ~sa.exists().where(*talks, Activity.held_at >= before),
        ~sa.exists().where(*buys, Order.ordered_at >= before),
        ~has_open_work,
    )
    rows = tx.rows(sa.select(*shown).where(*mean).order_by(Customer.customer_no).limit(most))
    return [Care(**row._mapping) for row in rows]


def _newest(column: Any, conditions: Sequence[sa.ColumnElement[bool]]) -> sa.ScalarSelect[datetime]:
    return sa.select(sa.func.max(column)).where(*conditions).scalar_subquery()

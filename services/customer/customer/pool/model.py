"""The pool's rules: who is let go, who may claim how many, and what each tells."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.events import Event
from chassis.personal import free_text, personal
from chassis.principal import Principal
from chassis.problems import Conflict
from customer.base import Base
from customer.customer.model import NOBODY, Customer, Standing, Status


class CustomerReleased(Standing, Event, type="customer.customer.released", key="customer_no"):
    """Nobody looks after the customer any more; it is in the pool."""

    from_manager_id: int
    from_manager_name: Annotated[str, personal(user="from_manager_id")]
    reason: Annotated[str, free_text(customer="customer_no")]
    by_rule: bool


class CustomerClaimed(Standing, Event, type="customer.customer.claimed", key="customer_no"):
    """Somebody took the customer out of the pool and looks after it now."""

    pooled_at: datetime | None


class InThePool(Conflict):
    """The customer is in the pool already."""

    customer_no: str


class NotInThePool(Conflict):
    """The customer is not in the pool; somebody looks after it, or it was deleted."""

    customer_no: str


class HoldingLimitReached(Conflict):
    """Whoever looks after so many customers claims no more; release some first."""

    limit: int
    held: int


class DailyLimitReached(Conflict):
    """One claims no more customers on one day than this."""

    limit: int


class StillCooling(Conflict):
    """Whoever had the customer last has to leave it to the others for a while."""

    customer_no: str
    until: datetime


@dataclasses.dataclass(frozen=True)
class PoolRules:
    """What the administrator wrote in the dictionary; 0 switches a rule off."""

    idle_days: int = 0
    holding_limit: int = 200
    daily_limit: int = 20
    cooling_days: int = 7


@dataclasses.dataclass(frozen=True)
class Care:
    """What the rule of idle customers looks at."""

    customer_no: str
    status: int
    manager_id: int
    held_since: datetime | None
    last_activity_at: datetime | None
    last_order_at: datetime | None
    has_open_work: bool


class Claims(Base):
    """How many customers somebody has claimed on the last day on which he or she claimed any."""

    __tablename__ = "cst_pool_claims"

    user_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(sa.Date)
    claimed: Mapped[int] = mapped_column(sa.Integer)


def is_idle(care: Care, *, days: int, as_of: datetime) -> bool:
    """Normal, looked after for so many days, and in all of them no talk, no order, and nothing under way."""
    since = as_of - timedelta(days=days)
    moments = (care.held_since, care.last_activity_at, care.last_order_at)
    is_held = care.status == Status.NORMAL and care.manager_id != NOBODY
    return days > 0 and is_held and not care.has_open_work and all(one is None or one < since for one in moments)


def release(customer: Customer, *, reason: str, at: datetime, by_rule: bool = False) -> CustomerReleased:
    """Let a customer go; its last manager is remembered."""
    customer.must_be_there()
    if customer.manager_id == NOBODY:
        raise InThePool(customer_no=customer.customer_no)
    before: dict[str, Any] = {"from_manager_id": customer.manager_id, "from_manager_name": customer.manager_name}
    customer.change(manager_id=NOBODY, manager_name="", pooled_at=at, last_manager_id=customer.manager_id)
    return CustomerReleased(**customer.standing(), **before, reason=reason, by_rule=by_rule)


def claim(customer: Customer, *, by: Principal, cooling_days: int, at: datetime) -> CustomerClaimed:
    """Take it, unless somebody was quicker or the claimant has only just let it go."""
    if customer.manager_id != NOBODY or customer.status == Status.DELETED:
        raise NotInThePool(customer_no=customer.customer_no)
    pooled_at = customer.pooled_at
    cool = pooled_at and pooled_at + timedelta(days=cooling_days)
    if customer.last_manager_id == by.user_id and cool and at < cool:
        raise StillCooling(customer_no=customer.customer_no, until=cool)
    customer.change(manager_id=by.user_id, manager_name=by.name, held_since=at, pooled_at=None)
    return CustomerClaimed(**customer.standing(), pooled_at=pooled_at)


def must_be_within(rules: PoolRules, *, held: int, claimed_today: int) -> None:
    """``held`` without the one that is claimed, ``claimed_today`` with it."""
    if rules.holding_limit and held >= rules.holding_limit:
        raise HoldingLimitReached(limit=rules.holding_limit, held=held)
    if rules.daily_limit and claimed_today > rules.daily_limit:
        raise DailyLimitReached(limit=rules.daily_limit)

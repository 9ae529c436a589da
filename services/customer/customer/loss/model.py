"""Losses: when a customer is about to be lost, and how the warning ends: delayed, lost, or recovered."""

from __future__ import annotations

import calendar
import dataclasses
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.database import BigId
from chassis.events import Event
from chassis.personal import free_text, personal, personal_column, text_column
from chassis.transaction import Aggregate
from customer.base import Base
from customer.customer.model import NOBODY, Customer
from customer.customer.model import Status as CustomerStatus
from customer.loss.life_cycle import LIFE_CYCLE, UNSETTLED, Status


@dataclasses.dataclass(frozen=True)
class Purchase:
    """The order that brings a customer back."""

    order_no: str
    ordered_at: datetime


@dataclasses.dataclass(frozen=True)
class Watched:
    """What the loss rule looks at; ``last_order_at`` is of the last order that is not cancelled."""

    customer_no: str
    customer_name: str
    manager_id: int
    manager_name: str
    status: int
    opened_at: datetime
    last_order_at: datetime | None
    has_open_loss: bool


AboutTheLoss = Annotated[str, free_text(loss="loss_id", customer="customer_no")]


@dataclasses.dataclass(frozen=True, kw_only=True)
class AboutToLeave:
    """Whom a warning is about; every event about a loss carries it."""

    loss_id: int
    customer_no: str
    customer_name: Annotated[str, personal(customer="customer_no")]
    manager_id: int
    manager_name: Annotated[str, personal(user="manager_id")]
    last_order_at: datetime | None
    alerted_at: datetime


class LossAlerted(AboutToLeave, Event, type="customer.loss.alerted"):
    """A customer has not bought for months and is about to be lost."""

    months: int


class LossDelayed(AboutToLeave, Event, type="customer.loss.delayed"):
    """Something is done to keep the customer."""

    measure: AboutTheLoss


class LossConfirmed(AboutToLeave, Event, type="customer.loss.confirmed"):
    """The customer is lost, for this reason."""

    reason: AboutTheLoss
    lost_at: datetime


class LossRecovered(AboutToLeave, Event, type="customer.loss.recovered"):
    """The customer bought again."""

    order_no: str
    recovered_at: datetime


class LossWonBack(AboutToLeave, Event, type="customer.loss.won-back"):
    """A lost customer was talked into coming back."""

    how: str
    recovered_at: datetime


class LossMoved(AboutToLeave, Event, type="customer.loss.moved"):
    """The warning is about another customer now, because the two turned out to be one."""

    from_customer_no: str


class LossHandedOver(AboutToLeave, Event, type="customer.loss.handed-over"):
    """Somebody else looks after the customer about whom the warning is."""

    from_manager_id: int


class Measure(Base):
    """Something done to keep a customer; measures are added, never changed."""

    __tablename__ = "cst_lost_measure"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    loss_id: Mapped[int] = mapped_column(sa.ForeignKey("cst_lost.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(sa.String(500), info=text_column(loss="loss_id"))
    by_id: Mapped[int] = mapped_column(sa.BigInteger)
    by_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="by_id"))
    at: Mapped[datetime]


class Loss(Aggregate, Base):
    """The aggregate; a customer has at most one that is open."""

    __tablename__ = "cst_lost"
    noun = "loss"
    machine = LIFE_CYCLE
    __table_args__ = (
        sa.Index(
            "cst_lost_one_open",
            "customer_no",
            unique=True,
            sqlite_where=sa.text("status IN (1, 2)"),
            postgresql_where=sa.text("status IN (1, 2)"),
        ),
        sa.Index("cst_lost_of_manager", "manager_id", "status"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_no: Mapped[str] = mapped_column(sa.ForeignKey("cst_customer.customer_no"), index=True)
    customer_name: Mapped[str] = mapped_column(sa.String(100), info=personal_column(customer="customer_no"))
    manager_id: Mapped[int] = mapped_column(sa.BigInteger)
    manager_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="manager_id"))
    last_order_at: Mapped[datetime | None]
    months: Mapped[int] = mapped_column(sa.Integer)
    alerted_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int] = mapped_column(sa.Integer, index=True)
    reason: Mapped[str] = mapped_column(sa.String(2000), info=text_column(loss="id", customer="customer_no"))
    lost_at: Mapped[datetime | None]
    recovered_at: Mapped[datetime | None]
    recovered_by: Mapped[str | None] = mapped_column(sa.String(20))
    measures: Mapped[list[Measure]] = relationship(order_by=Measure.id)

    @classmethod
    def begin(cls, watched: Watched, *, months: int, at: datetime) -> Loss:
        """A warning about a customer who has not bought for ``months``."""
        return cls(
            customer_no=watched.customer_no,
            customer_name=watched.customer_name,
            manager_id=watched.manager_id,
            manager_name=watched.manager_name,
            last_order_at=watched.last_order_at,
            months=months,
            alerted_at=at,
            status=Status.ALERT,
            reason="",
            measures=[],
        )

    def alerted(self) -> LossAlerted:
        return LossAlerted(**self._warning(), months=self.months)

    def delay(self, measure: Measure) -> LossDelayed:
        """Do something to keep the customer; what was done before stays readable."""
        LIFE_CYCLE.must_be_able("delay", self)
        self.measures.append(measure)
        self.status = Status.DELAYED
        return LossDelayed(**self._warning(), measure=measure.text)

    def confirm(self, customer: Customer, *, reason: str, at: datetime) -> LossConfirmed:
        """Give the customer up; the record names who looked after it in the end."""
        LIFE_CYCLE.must_be_able("confirm", self)
        self.status, self.reason, self.lost_at = Status.LOST, reason, at
        self.manager_id, self.manager_name = customer.manager_id, customer.manager_name
        return LossConfirmed(**self._warning(), reason=reason, lost_at=at)

    def recover(self, purchase: Purchase, *, at: datetime) -> LossRecovered | None:
        """An order dated after the alert ends it, even when the customer was given up; an older one says nothing."""
        if self.status not in UNSETTLED or purchase.ordered_at <= self.alerted_at:
            return None
        self.status, self.recovered_at, self.recovered_by = Status.RECOVERED, at, purchase.order_no
        return LossRecovered(**self._warning(), order_no=purchase.order_no, recovered_at=at)

    def win_back(self, *, how: str, at: datetime) -> LossWonBack:
        """Somebody talked a lost customer into coming back."""
        LIFE_CYCLE.must_be_able("win-back", self)
        self.status, self.recovered_at, self.recovered_by = Status.RECOVERED, at, "manager"
        return LossWonBack(**self._warning(), how=how, recovered_at=at)

    def move_to(self, customer_no: str) -> LossMoved:
        before, self.customer_no = self.customer_no, customer_no
        return LossMoved(**self._warning(), from_customer_no=before)

    def hand_over(self, *, to_id: int, to_name: str) -> LossHandedOver | None:
        before = self.manager_id
        if not self.change(manager_id=to_id, manager_name=to_name):
            return None
        return LossHandedOver(**self._warning(), from_manager_id=before)

    def _warning(self) -> dict[str, Any]:
        named = {name: getattr(self, name) for name in WARNING if name != "loss_id"}
        return {"loss_id": self.id} | named


WARNING = tuple(field.name for field in dataclasses.fields(AboutToLeave))


def is_about_to_be_lost(watched: Watched, *, months: int, as_of: datetime) -> bool:
    """The loss rule: opened more than ``months`` calendar months ago, normal, and no order since then.

    Customers who never ordered are included; those about whom a warning is open are not, nor those in the pool.
    """
    since = months_before(as_of, months)
    has_ordered = watched.last_order_at is not None and watched.last_order_at >= since
    is_free = is_watched(watched) and not watched.has_open_loss
    return is_free and watched.opened_at < since and not has_ordered


def is_watched(customer: Watched | Customer) -> bool:
    """Normal, and somebody looks after it."""
    return customer.status == CustomerStatus.NORMAL and customer.manager_id != NOBODY


def months_before(moment: datetime, months: int) -> datetime:
    """The same day and time ``months`` calendar months earlier, or that month's last day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))

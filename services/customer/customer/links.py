"""Links between won opportunities and customers: which one led to which, and which cannot lead to any."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.events import Event
from chassis.problems import Conflict
from chassis.transaction import Aggregate, Transaction
from customer.base import Base

customer_of_opportunity = sa.Table(
    "customer_of_opportunity",
    Base.metadata,
    sa.Column("opportunity_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("customer_no", sa.ForeignKey("cst_customer.customer_no"), nullable=False, index=True),
    sa.Column("contact_id", sa.BigInteger, index=True),
)
"""Which won opportunity led to which customer and contact: heard again, it causes nothing more."""


LONGEST_NAME = 100
"""As wide as the column: other services may one day allow longer names than we can keep."""


class LinkRefused(Event, type="customer.link.refused", key="opportunity_id"):
    """No customer can be opened for a won opportunity, and this is why."""

    opportunity_id: int
    reason: str


class Unnameable(Conflict):
    """No customer can have this name."""

    length: int


class LinkRefusal(Aggregate, Base):
    """That a won opportunity led to no customer, as often as somebody asked."""

    __tablename__ = "link_refusal"
    noun = "link"

    opportunity_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(sa.String(500))
    refused_at: Mapped[datetime]

    def refused(self) -> LinkRefused:
        return LinkRefused(opportunity_id=self.opportunity_id, reason=self.reason)


def must_be_nameable(name: str) -> None:
    """Whether a customer may be called so; the name itself is not repeated, it may be a person's."""
    length = len(name.strip())
    if not 1 <= length <= LONGEST_NAME:
        raise Unnameable(length=length, detail=f"A customer's name has 1 to {LONGEST_NAME} characters, not {length}")


def refuse_link(tx: Transaction, opportunity_id: int, reason: str) -> None:
    """Say why there is no customer; who asks again is told again."""
    known = tx.find(LinkRefusal, opportunity_id)
    if known is None:
        known = tx.add(LinkRefusal(opportunity_id=opportunity_id, reason=reason, refused_at=tx.now))
    known.reason, known.refused_at = reason, tx.now
    tx.publish(known.refused())


def find_linked(tx: Transaction, opportunity_id: int) -> str | None:
    """The number of the customer that an opportunity led to."""
    mine = customer_of_opportunity.c.opportunity_id == opportunity_id
    found: str | None = tx.scalar(sa.select(customer_of_opportunity.c.customer_no).where(mine))
    return found


def link(tx: Transaction, opportunity_id: int, customer_no: str, contact_id: int | None) -> None:
    """Remember where an opportunity has led, and whom we know from it."""
    led = {"opportunity_id": opportunity_id, "customer_no": customer_no, "contact_id": contact_id}
    tx.execute(sa.insert(customer_of_opportunity).values(led))


def relink(tx: Transaction, customer_no: str, *, to: str) -> int:
    """Whatever led to one customer leads to another from now on; how many opportunities did."""
    mine = customer_of_opportunity.c.customer_no == customer_no
    return tx.execute(sa.update(customer_of_opportunity).where(mine).values(customer_no=to)).rowcount

"""Orders: bought, taken back by credit note, or cancelled; their content never changes."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.database import BigId
from chassis.events import Event, encode
from chassis.numbering import Series
from chassis.personal import USER_NAME, free_text, personal, personal_column, text_column
from chassis.problems import wrong_field
from chassis.transaction import SECRET, Aggregate
from customer.base import Base
from customer.order.life_cycle import LIFE_CYCLE, OrderDiffers, Status

NUMBERS = Series("order", "SO{yyyy}{MM}{dd}{seq:6}", 20)
"""``SO20261126000001``: for orders that people enter; the sales system's orders bring their own."""
ORDER, CREDIT_NOTE = "order", "credit_note"
MOST_LINES = 500
"""So that an order with its lines stays an event and does not become a file."""
MOST_PIECES = 10**9
MOST_MINOR = 10**15
"""Ten trillion in cents: what an amount may be, also when it is a sum."""
WORDS_OF_ADDRESSES = {"export", "imports"}
"""``/orders/export`` is the list as a file: an order of this number could not be read."""
CLOCKS_DIFFER = timedelta(days=1)
"""The sales system's clock and time zone need not be ours."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sold:
    """So much of a product, at a price."""

    product_id: int
    product_code: str
    quantity: int
    unit: str
    unit_price_minor: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Invoice:
    """What reports count of an order; a credit note has a negative amount."""

    order_no: str
    customer_no: str
    ordered_at: datetime
    kind: str
    amount_minor: int
    currency: str


class OrderPlaced(Invoice, Event, type="customer.order.placed", key="order_no"):
    """A customer bought something, or gets money back."""

    customer_name: Annotated[str, personal(customer="customer_no")]
    status: int
    lines: tuple[Sold, ...]


class OrderCancelled(Invoice, Event, type="customer.order.cancelled", key="order_no"):
    """The order does not count any more."""

    reason: Annotated[str, free_text(order="order_no", customer="customer_no")]


class OrderAdvanced(Invoice, Event, type="customer.order.advanced", key="order_no"):
    """An order went a step on, from the confirmation to the settlement."""

    from_status: int
    status: int


class PaymentReceived(Invoice, Event, type="customer.order.payment-received", key="order_no"):
    """A customer paid for an order, or a part of it."""

    receipt_id: int
    received_minor: int
    received_on: date
    open_minor: int


class PaymentReversed(Invoice, Event, type="customer.order.payment-reversed", key="order_no"):
    """A payment did not stand."""

    receipt_id: int
    received_minor: int
    open_minor: int
    reason: Annotated[str, free_text(order="order_no", customer="customer_no")]


class OrderMoved(Invoice, Event, type="customer.order.moved", key="order_no"):
    """The order is another customer's now, because the two turned out to be one."""

    from_customer_no: str


class OrderLine(Base):
    """One product of an order."""

    __tablename__ = "orders_line"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_no: Mapped[str] = mapped_column(sa.ForeignKey("orders.order_no", ondelete="CASCADE"), index=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), index=True)
    product_code: Mapped[str] = mapped_column(sa.String(100))
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    unit: Mapped[str] = mapped_column(sa.String(10))
    unit_price_minor: Mapped[int] = mapped_column(sa.BigInteger)

    @property
    def amount_minor(self) -> int:
        return self.quantity * self.unit_price_minor


class Receipt(Base):
    """A payment for an order; one that was reversed stays on record."""

    __tablename__ = "cst_receipt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_no: Mapped[str] = mapped_column(sa.ForeignKey("orders.order_no", ondelete="CASCADE"), index=True)
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    received_on: Mapped[date] = mapped_column(sa.Date, index=True)
    method: Mapped[str] = mapped_column(sa.String(30))
    outside_id: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    note: Mapped[str] = mapped_column(sa.String(200), info=text_column(order="order_no"))
    by_name: Mapped[str] = mapped_column(sa.String(50), info=USER_NAME)
    reversed_at: Mapped[datetime | None]


class Order(Aggregate, Base):
    """The aggregate; known by the sales system's number."""

    __tablename__ = "orders"
    noun = "order"
    machine = LIFE_CYCLE
    __table_args__ = (sa.Index("orders_of_customer", "customer_no", "ordered_at"),)

    order_no: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    customer_no: Mapped[str] = mapped_column(sa.ForeignKey("cst_customer.customer_no"))
    customer_name: Mapped[str] = mapped_column(sa.String(100), info=personal_column(customer="customer_no"))
    ordered_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(sa.String(200), info=personal_column(customer="customer_no"))
    status: Mapped[int] = mapped_column(sa.Integer)
    kind: Mapped[str] = mapped_column(sa.String(12))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    received_minor: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    content: Mapped[str] = mapped_column(sa.String(32), info=SECRET)
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str] = mapped_column(
        sa.String(500), info=text_column(order="order_no", customer="customer_no")
    )
    lines: Mapped[list[OrderLine]] = relationship(order_by=OrderLine.id, viewonly=True)

    def cancel(self, *, reason: str, at: datetime) -> OrderCancelled:
        """It does not count any more; the record stays."""
        LIFE_CYCLE.must_be_able("cancel", self)
        self.status, self.cancelled_at, self.cancellation_reason = Status.CANCELLED, at, reason
        return OrderCancelled(**self._invoice(), reason=reason)

    def advance(self, action: str, to: Status) -> OrderAdvanced:
        """Go a step on."""
        LIFE_CYCLE.must_be_able(action, self)
        before, self.status = self.status, to
        return OrderAdvanced(**self._invoice(), from_status=before, status=to)

    def move_to(self, customer_no: str) -> OrderMoved:
        """What was placed stays as it was said, so that the sales system may say it again."""
        before, self.customer_no = self.customer_no, customer_no
        return OrderMoved(**self._invoice(), from_customer_no=before)

    @property
    def open_minor(self) -> int:
        """What is still to be paid."""
        return self.amount_minor - self.received_minor

    def receive(self, receipt: Receipt) -> PaymentReceived:
        """A payment; never more than is open. Raises Invalid."""
        LIFE_CYCLE.must_be_able("record-payment", self)
        if receipt.amount_minor > self.open_minor:
            raise wrong_field("/amount", "More than is open")
        self.received_minor += receipt.amount_minor
        return PaymentReceived(
            **self._invoice(),
            receipt_id=receipt.id,
            received_minor=receipt.amount_minor,
            received_on=receipt.received_on,
            open_minor=self.open_minor,
        )

    def reverse(self, receipt: Receipt, *, reason: str) -> PaymentReversed:
        """A payment that did not stand; the order has to be open for it."""
        LIFE_CYCLE.must_be_able("record-payment", self)
        self.received_minor -= receipt.amount_minor
        return PaymentReversed(
            **self._invoice(),
            receipt_id=receipt.id,
            received_minor=receipt.amount_minor,
            open_minor=self.open_minor,
            reason=reason,
        )

    def _invoice(self) -> dict[str, Any]:
        return {
            "order_no": self.order_no,
            "customer_no": self.customer_no,
            "ordered_at": self.ordered_at,
            "kind": self.kind,
            "amount_minor": self.amount_minor,
            "currency": self.currency,
        }


@dataclasses.dataclass(frozen=True)
class Placement:
    """A new order and its lines, ready to be kept; orders come by the ten thousand, so it stays plain values."""

    fields: Mapping[str, Any]
    lines: Sequence[Sold]

    @property
    def row(self) -> dict[str, Any]:
        return {**self.fields, "received_minor": 0, "cancelled_at": None, "cancellation_reason": ""}

    def placed(self) -> OrderPlaced:
        return OrderPlaced(**{name: self.fields[name] for name in PLACED}, lines=tuple(self.lines))


PLACED = tuple(field.name for field in dataclasses.fields(OrderPlaced) if field.name not in ("changes", "lines"))


def amount_of(said: int | None, lines: Sequence[Sold]) -> int:
    """The sum of the lines, or what is said when there are none. Raises Invalid."""
    if not lines:
        if said is None:
            raise wrong_field("/amount", "An order without lines needs an amount")
        return said
    total = sum(line.quantity * line.unit_price_minor for line in lines)
    if abs(total) > MOST_MINOR:
        raise wrong_field("/lines", "The lines sum up to more than an order may be worth")
    if said is not None and said != total:
        raise wrong_field("/amount", "The lines sum up to another amount")
    return total


def must_make_sense(fields: Mapping[str, Any], now: datetime) -> None:
    """An order brings money, a credit note takes it back, and neither comes from the future. Raises Invalid."""
    if "/" in fields["order_no"]:
        raise wrong_field("/order_no", "A slash cannot stand in the address of an order")
    if fields["order_no"] in WORDS_OF_ADDRESSES:
        raise wrong_field("/order_no", "This word means something else in the address of an order")
    if fields["kind"] == ORDER and fields["amount_minor"] < 0:
        raise wrong_field("/amount", "An order is not negative: say kind credit_note")
    if fields["kind"] == CREDIT_NOTE and fields["amount_minor"] > 0:
        raise wrong_field("/amount", "The amount of a credit note is negative")
    if fields["ordered_at"] > now + CLOCKS_DIFFER:
        raise wrong_field("/ordered_at", "An order cannot come from the future")


def fingerprint(fields: Mapping[str, Any], lines: Sequence[Sold]) -> str:
    """Two orders of one number are the same order when their fingerprints are the same."""
    told = [fields[name] for name in TOLD]
    return hashlib.blake2b(encode([told, lines]), digest_size=16).hexdigest()


def must_be_same(order_no: str, content: str, known: str) -> None:
    if content != known:
        raise OrderDiffers(order_no=order_no, detail=f"Order {order_no} exists with other content")


TOLD = ("order_no", "customer_no", "ordered_at", "address", "status", "kind", "amount_minor", "currency")

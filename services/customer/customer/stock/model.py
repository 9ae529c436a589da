"""Stock: pieces of a product at a place in a warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.transaction import Aggregate
from customer.base import Base

MOST_PIECES = 10**9


class StockCounted(Event, type="customer.stock.counted"):
    """So many pieces of a product lie at a place."""

    stock_id: int
    product_id: int
    warehouse: str
    place: str
    quantity: int


class StockAdjusted(Event, type="customer.stock.adjusted"):
    """Somebody found that another number lies there, and says why."""

    stock_id: int
    product_id: int
    warehouse: str
    place: str
    quantity: int
    difference: int
    reason: str


class StockRemoved(Event, type="customer.stock.removed"):
    """A count that came by mistake does not hold any more."""

    stock_id: int
    product_id: int
    warehouse: str
    place: str


class Stock(Aggregate, Base):
    """One product at one place."""

    __tablename__ = "storage"
    noun = "stock"
    __table_args__ = (sa.UniqueConstraint("product_id", "warehouse", "place"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"))
    warehouse: Mapped[str] = mapped_column(sa.String(50), index=True)
    place: Mapped[str] = mapped_column(sa.String(50))
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    memo: Mapped[str] = mapped_column(sa.String(200))

    @classmethod
    def begin(cls, product_id: int, fields: Mapping[str, Any]) -> Stock:
        return cls(**{"memo": "", **fields}, product_id=product_id)

    def counted(self) -> StockCounted:
        return StockCounted(
            stock_id=self.id,
            product_id=self.product_id,
            warehouse=self.warehouse,
            place=self.place,
            quantity=self.quantity,
        )

    def recount(self, fields: Mapping[str, Any]) -> StockCounted | None:
        """Take over a new count; nothing is said when nothing differs."""
        return self.counted() if self.change(**fields) else None

    def adjust(self, quantity: int, *, reason: str) -> StockAdjusted | None:
        """Another number lies there; nothing is said when it is the same."""
        difference = quantity - self.quantity
        if not difference:
            return None
        self.quantity = quantity
        return StockAdjusted(
            stock_id=self.id,
            product_id=self.product_id,
            warehouse=self.warehouse,
            place=self.place,
            quantity=quantity,
            difference=difference,
            reason=reason,
        )

    def remove(self) -> StockRemoved:
        """Forget that something was counted here."""
        return StockRemoved(stock_id=self.id, product_id=self.product_id, warehouse=self.warehouse, place=self.place)

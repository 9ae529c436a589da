"""Products: what can be bought, known by a code."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.problems import Conflict
from chassis.transaction import Aggregate
from customer.base import Base


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sheet:
    """What stands in the product list."""

    product_id: int
    code: str
    name: str
    model: str
    batch: str
    unit: str
    price_minor: int
    currency: str


class ProductListed(Sheet, Event, type="customer.product.listed"):
    """There is something new to buy."""


class ProductEdited(Sheet, Event, type="customer.product.edited"):
    """What stands in the product list was changed."""


class ProductRetired(Sheet, Event, type="customer.product.retired"):
    """The product is sold no longer; orders that name it stay."""


class ProductResumed(Sheet, Event, type="customer.product.resumed"):
    """The product is sold again."""


class ProductRemoved(Event, type="customer.product.removed"):
    """A product that came by mistake is not in the list any more; nothing had named it."""

    product_id: int
    code: str


class ProductInUse(Conflict):
    """An order or the stock names this product, so it stays."""

    product_id: int


class Product(Aggregate, Base):
    """One product; its code is what orders, stock and opportunities name it by."""

    __tablename__ = "product"
    noun = "product"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(100), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200), index=True)
    model: Mapped[str] = mapped_column(sa.String(100))
    batch: Mapped[str] = mapped_column(sa.String(100))
    unit: Mapped[str] = mapped_column(sa.String(10))
    price_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    memo: Mapped[str] = mapped_column(sa.String(200))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())

    @classmethod
    def begin(cls, fields: Mapping[str, Any]) -> Product:
        blank = {"model": "", "batch": "", "unit": "", "price_minor": 0, "currency": "CNY", "memo": ""}
        return cls(**{**blank, **fields}, is_active=True)

    def listed(self) -> ProductListed:
        return ProductListed(**self._sheet())

    def edit(self, fields: Mapping[str, Any]) -> ProductEdited | None:
        """Take over what the sales system says; nothing is said when nothing differs."""
        return ProductEdited(**self._sheet()) if self.change(**fields) else None

    def retire(self) -> ProductRetired | None:
        return ProductRetired(**self._sheet()) if self.change(is_active=False) else None

    def resume(self) -> ProductResumed | None:
        return ProductResumed(**self._sheet()) if self.change(is_active=True) else None

    def remove(self, *, is_in_use: bool) -> ProductRemoved:
        """Take it out of the list; whoever names it must not be left without it."""
        if is_in_use:
            raise ProductInUse(product_id=self.id)
        return ProductRemoved(product_id=self.id, code=self.code)

    def _sheet(self) -> dict[str, Any]:
        return {"product_id": self.id} | {name: getattr(self, name) for name in ON_THE_SHEET}


ON_THE_SHEET = tuple(field.name for field in dataclasses.fields(Sheet) if field.name != "product_id")

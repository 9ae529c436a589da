"""Looking at products."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal
from chassis.problems import NotFound
from chassis.transaction import Row, Transaction
from customer.product.model import Product

SHOWN = ["id", "code", "name", "model", "batch", "unit", "price_minor", "currency", "memo", "is_active", "version"]

PRODUCTS = Listing(
    columns={name: getattr(Product, name) for name in SHOWN},
    key=Product.id,
    filters={
        "code": equal(Product.code),
        "name": contains(Product.name),
        "model": contains(Product.model),
        "batch": contains(Product.batch),
        "is_active": equal(Product.is_active),
    },
    sorts={"code": Product.code, "name": Product.name, "price": Product.price_minor, "id": Product.id},
    default_sort="name",
    search=(Product.code, Product.name, Product.model),
)


def get_product(tx: Transaction, product_id: int) -> Product:
    """One product. Raises NotFound."""
    found: Product | None = tx.scalar(sa.select(Product).where(Product.id == product_id))
    if found is None:
        raise NotFound(detail=f"No product {product_id}")
    return found


def product_history(tx: Transaction, product_id: int) -> dict[str, Any]:
    """Everything that happened to one product."""
    return history_of(tx, Product.noun, get_product(tx, product_id).id)


def products_of_codes(tx: Transaction, codes: Collection[str]) -> dict[str, Row]:
    """Id, unit and price of those products that exist; one select, none when nothing is asked."""
    if not codes:
        return {}
    columns = (Product.code, Product.id, Product.unit, Product.price_minor)
    return {row.code: row for row in tx.rows(sa.select(*columns).where(Product.code.in_(codes)))}


def ids_of_codes(tx: Transaction, codes: Collection[str]) -> dict[str, int]:
    """The ids of those products that exist; one select, none when nothing is asked."""
    if not codes:
        return {}
    found = tx.rows(sa.select(Product.code, Product.id).where(Product.code.in_(codes)))
    return {row.code: row.id for row in found}

"""Looking at stock."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal
from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer.product.model import Product
from customer.stock.model import Stock

COLUMNS = {
    "id": Stock.id,
    "product_id": Stock.product_id,
    "product_code": Product.code,
    "product_name": Product.name,
    "warehouse": Stock.warehouse,
    "place": Stock.place,
    "quantity": Stock.quantity,
    "memo": Stock.memo,
    "version": Stock.version,
}
WITH_PRODUCT = sa.join(Stock, Product, Stock.product_id == Product.id)

STOCK = Listing(
    columns=COLUMNS,
    key=Stock.id,
    source=WITH_PRODUCT,
    filters={
        "product_id": equal(Stock.product_id),
        "product_code": equal(Product.code),
        "product_name": contains(Product.name),
        "warehouse": contains(Stock.warehouse),
        "place": contains(Stock.place),
    },
    sorts={"product_name": Product.name, "warehouse": Stock.warehouse, "quantity": Stock.quantity, "id": Stock.id},
    default_sort="product_name",
    search=(Product.name, Product.code, Stock.warehouse),
)


def get_stock(tx: Transaction, stock_id: int) -> sa.Row[Any]:
    """One place with its product. Raises NotFound."""
    shown = [column.label(name) for name, column in COLUMNS.items()]
    found = tx.row(sa.select(*shown).select_from(WITH_PRODUCT).where(Stock.id == stock_id))
    if found is None:
        raise NotFound(detail=f"No stock {stock_id}")
    return found


def stock_history(tx: Transaction, stock_id: int) -> dict[str, Any]:
    """Every count of one product at one place."""
    return history_of(tx, Stock.noun, get_stock(tx, stock_id).id)

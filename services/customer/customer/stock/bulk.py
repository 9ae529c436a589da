"""Stock by the table: people only look, the sales system's counts are taken over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.bulk import Batch, Row, in_bulk
from chassis.transaction import Transaction
from customer.product.queries import ids_of_codes
from customer.stock.model import Stock, StockCounted

Place = tuple[int, str, str]


@in_bulk
def import_stock(tx: Transaction, batch: Batch) -> None:
    """Take over the counts; a place is known again by product, warehouse and place."""
    counted = _counts(tx, batch)
    products = {product_id for product_id, _, _ in counted}
    found = tx.load(Stock, sa.select(Stock).where(Stock.product_id.in_(products)).order_by(Stock.id))
    known = {(one.product_id, one.warehouse, one.place): one for one in found}
    counts = {place: said for place, (row, said) in counted.items() if batch.permits(row, is_new=place not in known)}
    new = [Stock.begin(place[0], said) for place, said in counts.items() if place not in known]
    recounts = [known[place].recount(said) for place, said in counts.items() if place in known]
    tx.publish_all([(recount, tx.now) for recount in recounts])
    tx.publish_all([(stock.counted(), tx.now) for stock in tx.add_all(new)])
    batch.created, batch.unchanged = len(new), recounts.count(None)
    batch.updated = len(recounts) - batch.unchanged


def _counts(tx: Transaction, batch: Batch) -> dict[Place, tuple[Row, Mapping[str, Any]]]:
    """What each place holds, as the rows say; rows about unknown products or the same place are refused."""
    products = ids_of_codes(tx, {row.values["product_code"] for row in batch})
    counts: dict[Place, tuple[Row, Mapping[str, Any]]] = {}
    for row in batch:
        said = dict(row.values)
        product_id = products.get(said.pop("product_code"))
        if product_id is None:
            batch.refuse(row, f"There is no product {row.values['product_code']}", "/product_code")
        elif (product_id, said["warehouse"], said["place"]) in counts:
            batch.refuse(row, "An earlier row says how much lies here", "/place")
        else:
            counts[product_id, said["warehouse"], said["place"]] = row, said
    return counts


def withdraw_stock(tx: Transaction, stock: Stock) -> None:
    """A count that an import made is gone again."""
    tx.publish_removal(stock, stock.remove())


def restore_stock(_tx: Transaction, stock: Stock, old: Mapping[str, Any]) -> StockCounted | None:
    """The count is again what it was before the import."""
    return stock.recount(old)

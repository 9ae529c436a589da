"""Stock by the table: people only look, the sales system's counts are taken over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.bulk import Batch, in_bulk
from chassis.transaction import Transaction
from customer.product.queries import ids_of_codes
from customer.stock.model import Stock

Place = tuple[int, str, str]


@in_bulk
def import_stock(tx: Transaction, batch: Batch) -> None:
    """Take over the counts; a place is known again by product, warehouse and place."""
    counts = _counts(tx, batch)
    products = {product_id for product_id, _, _ in counts}
    found = tx.load(Stock, sa.select(Stock).where(Stock.product_id.in_(products)))
    known = {(one.product_id, one.warehouse, one.place): one for one in found}
    new = [Stock.begin(place[0], said) for place, said in counts.items() if place not in known]
    recounts = [known[place].recount(said) for place, said in counts.items() if place in known]
    tx.publish_all([(recount, tx.now) for recount in recounts])
    tx.publish_all([(stock.counted(), tx.now) for stock in tx.add_all(new)])
    batch.created, batch.unchanged = len(new), recounts.count(None)
    batch.updated = len(recounts) - batch.unchanged


def _counts(tx: Transaction, batch: Batch) -> dict[Place, Mapping[str, Any]]:
    """What each place holds, as the rows say; rows about unknown products or the same place are refused."""
    products = ids_of_codes(tx, {row.values["product_code"] for row in batch})
    counts: dict[Place, Mapping[str, Any]] = {}
    for row in batch:
        said = dict(row.values)
        product_id = products.get(said.pop("product_code"))
        if product_id is None:
            batch.refuse(row, f"There is no product {row.values['product_code']}", "/product_code")
        elif (product_id, said["warehouse"], said["place"]) in counts:
            batch.refuse(row, "An earlier row says how much lies here", "/place")
        else:
            counts[product_id, said["warehouse"], said["place"]] = said
    return counts

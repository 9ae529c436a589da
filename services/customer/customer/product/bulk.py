"""Products by the table: people only look, the sales system's list is taken over."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.bulk import Batch, in_bulk
from chassis.transaction import Transaction
from customer.product.model import Product


@in_bulk
def import_products(tx: Transaction, batch: Batch) -> None:
    """Take over the product list; a product is known again by its code."""
    batch.refuse_repeats("code")
    codes = {row.values["code"] for row in batch}
    known = {one.code: one for one in tx.load(Product, sa.select(Product).where(Product.code.in_(codes)))}
    new = [Product.begin(row.values) for row in batch if row.values["code"] not in known]
    edits = [known[row.values["code"]].edit(row.values) for row in batch if row.values["code"] in known]
    tx.publish_all([(edit, tx.now) for edit in edits])
    tx.publish_all([(product.listed(), tx.now) for product in tx.add_all(new)])
    batch.created, batch.unchanged = len(new), edits.count(None)
    batch.updated = len(edits) - batch.unchanged

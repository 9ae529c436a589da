"""Products by the table: people only look, the sales system's list is taken over."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.bulk import Batch, in_bulk
from chassis.transaction import Transaction
from customer.order.model import OrderLine
from customer.product.model import Product
from customer.stock.model import Stock


@in_bulk
def import_products(tx: Transaction, batch: Batch) -> None:
    """Take over the product list; a product is known again by its code."""
    batch.refuse_repeats("code")
    codes = {row.values["code"] for row in batch}
    named = sa.select(Product).where(Product.code.in_(codes)).order_by(Product.id)
    known = {one.code: one for one in tx.load(Product, named)}
    rows = [row.values for row in batch if batch.permits(row, is_new=row.values["code"] not in known)]
    new = [Product.begin(values) for values in rows if values["code"] not in known]
    edits = [known[values["code"]].edit(values) for values in rows if values["code"] in known]
    tx.publish_all([(edit, tx.now) for edit in edits])
    tx.publish_all([(product.listed(), tx.now) for product in tx.add_all(new)])
    batch.created, batch.unchanged = len(new), edits.count(None)
    batch.updated = len(edits) - batch.unchanged


def withdraw_product(tx: Transaction, product: Product) -> None:
    """An imported product is gone again, unless an order or the stock names it. Raises ProductInUse."""
    named = [sa.exists().where(OrderLine.product_id == product.id), sa.exists().where(Stock.product_id == product.id)]
    tx.publish_removal(product, product.remove(is_in_use=bool(tx.scalar(sa.select(sa.or_(*named))))))

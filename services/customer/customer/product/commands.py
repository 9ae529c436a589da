"""Maintaining the product list by hand: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.transaction import Transaction
from customer.product.model import Product


def list_product(tx: Transaction, fields: Mapping[str, Any]) -> Product:
    """Offer something new."""
    product = tx.add(Product.begin(fields))
    tx.publish(product.listed())
    return product


def edit_product(tx: Transaction, product_id: int, fields: Mapping[str, Any]) -> Product:
    """Correct what stands in the list; orders keep their prices."""
    product = tx.get(Product, product_id)
    tx.publish(product.edit(fields))
    return product


def retire_product(tx: Transaction, product_id: int) -> Product:
    """Sell it no longer."""
    product = tx.get(Product, product_id)
    tx.publish(product.retire())
    return product


def resume_product(tx: Transaction, product_id: int) -> Product:
    """Sell it again."""
    product = tx.get(Product, product_id)
    tx.publish(product.resume())
    return product

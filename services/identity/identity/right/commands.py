"""Switching modules and functions: load, decide, keep, publish."""

from __future__ import annotations

from chassis.transaction import Transaction
from identity.right.model import Right


def switch_off(tx: Transaction, code: str) -> Right:
    """Close a module or a function to everybody; it leaves the menus and its calls are refused, within seconds."""
    right = tx.get(Right, code)
    tx.publish(right.switch_off())
    return right


def switch_on(tx: Transaction, code: str) -> Right:
    """Open it again to those who have its rights."""
    right = tx.get(Right, code)
    tx.publish(right.switch_on())
    return right

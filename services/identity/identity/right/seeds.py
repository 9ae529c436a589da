"""The tree of rights, in the database."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.dialect import insert
from chassis.transaction import Transaction
from identity.right.model import OPERATION, Right, tree


def plant_tree(tx: Transaction) -> set[str]:
    """Bring every entry up to date; the operations that were not there before."""
    table = Right.__table__
    known = {row.code for row in tx.rows(sa.select(Right.code))}
    for entry in tree():
        tx.execute(insert(tx.session, table).values(entry).on_conflict_do_update(index_elements=["code"], set_=entry))
    return {str(entry["code"]) for entry in tree() if entry["right_type"] == OPERATION} - known

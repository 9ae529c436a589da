"""Looking at rights."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import sqlalchemy as sa

from chassis.transaction import Transaction
from identity.right.model import OPERATION, ROOT, Right

Branch = dict[str, Any]


def right_tree(tx: Transaction) -> dict[str, list[Branch]]:
    """All rights as ``{"items": [module with children …]}``."""
    return {"items": _below(_by_parent(tx), ROOT)}


def menu(tx: Transaction, granted: Set[str]) -> list[Branch]:
    """The part of the tree that these operations open, as a client's menu."""
    shown = [_opened(branch, granted) for branch in _below(_by_parent(tx), ROOT)]
    return [branch for branch in shown if branch["children"]]


def operations(tx: Transaction) -> set[str]:
    """The codes that can be granted."""
    return {row.code for row in tx.rows(sa.select(Right.code).where(Right.right_type == OPERATION))}


def _by_parent(tx: Transaction) -> dict[str, list[sa.Row[Any]]]:
    columns = (Right.code, Right.parent_code, Right.right_type, Right.text, Right.text_en)
    found: dict[str, list[sa.Row[Any]]] = {}
    for row in tx.rows(sa.select(*columns).order_by(Right.position)):
        found.setdefault(row.parent_code, []).append(row)
    return found


def _below(rows: Mapping[str, list[sa.Row[Any]]], parent: str) -> list[Branch]:
    return [_branch(rows, row) for row in rows.get(parent, [])]


def _branch(rows: Mapping[str, list[sa.Row[Any]]], row: sa.Row[Any]) -> Branch:
    found = {"code": row.code, "right_type": row.right_type, "text": row.text, "text_en": row.text_en}
    return found if row.right_type == OPERATION else found | {"children": _below(rows, row.code)}


def _opened(module: Branch, granted: Set[str]) -> Branch:
    """The module with those of its functions of which an operation is granted."""
    opened = [
        document | {"children": [operation for operation in document["children"] if operation["code"] in granted]}
        for document in module["children"]
    ]
    return module | {"children": [document for document in opened if document["children"]]}

"""Looking at rights."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from chassis.transaction import Transaction
from identity.right.model import OPERATION, ROOT, Right
from identity.role.model import Grant, Role, Standing

Branch = dict[str, Any]


def right_tree(tx: Transaction) -> dict[str, list[Branch]]:
    """All rights as ``{"items": [module with children …]}``, each operation with the roles that have it."""
    found = sa.select(Grant.right_code, Role.code).join(Role, Role.id == Grant.role_id).order_by(Role.id)
    holders: dict[str, list[str]] = {}
    for row in tx.rows(found.where(Role.status != Standing.DELETED)):
        holders.setdefault(row.right_code, []).append(row.code)
    return {"items": [_with_holders(branch, holders) for branch in _below(_by_parent(tx), ROOT)]}


def menu(tx: Transaction, rights: Set[str]) -> list[Branch]:
    """The part of the tree that these operations open, as a client's menu."""
    shown = [_opened(branch, rights) for branch in _below(_by_parent(tx), ROOT)]
    return [branch for branch in shown if branch["children"]]


def granted(tx: Transaction, role_id: int) -> frozenset[str]:
    """The operations that a role has now: what is switched off belongs to nobody."""
    operation, document, folder = aliased(Right), aliased(Right), aliased(Right)
    mine = sa.select(Grant.right_code).join(operation, operation.code == Grant.right_code)
    mine = mine.join(document, document.code == operation.parent_code).join(folder, folder.code == document.parent_code)
    open_ones = mine.where(Grant.role_id == role_id, document.is_on, folder.is_on)
    return frozenset(row.right_code for row in tx.rows(open_ones))


def operations(tx: Transaction) -> set[str]:
    """The codes that can be granted."""
    return {row.code for row in tx.rows(sa.select(Right.code).where(Right.right_type == OPERATION))}


def _by_parent(tx: Transaction) -> dict[str, list[sa.Row[Any]]]:
    columns = (Right.code, Right.parent_code, Right.right_type, Right.text, Right.text_en, Right.is_on)
    found: dict[str, list[sa.Row[Any]]] = {}
    for row in tx.rows(sa.select(*columns).order_by(Right.position)):
        found.setdefault(row.parent_code, []).append(row)
    return found


def _below(rows: Mapping[str, list[sa.Row[Any]]], parent: str) -> list[Branch]:
    return [_branch(rows, row) for row in rows.get(parent, [])]


def _branch(rows: Mapping[str, list[sa.Row[Any]]], row: sa.Row[Any]) -> Branch:
    names = ("code", "right_type", "text", "text_en", "is_on")
    found = {name: getattr(row, name) for name in names}
    return found if row.right_type == OPERATION else found | {"children": _below(rows, row.code)}


def _with_holders(branch: Branch, holders: Mapping[str, list[str]]) -> Branch:
    if branch["right_type"] == OPERATION:
        return branch | {"roles": holders.get(branch["code"], [])}
    return branch | {"children": [_with_holders(child, holders) for child in branch["children"]]}


def _opened(module: Branch, rights: Set[str]) -> Branch:
    """The module with those of its functions of which an operation is granted."""
    opened = [
        document | {"children": [operation for operation in document["children"] if operation["code"] in rights]}
        for document in module["children"]
    ]
    return module | {"children": [document for document in opened if document["children"]]}

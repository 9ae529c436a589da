"""Looking at the organisation: lists, the tree, and what is above or below."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal
from chassis.problems import NotFound
from chassis.transaction import Transaction
from identity.unit.model import Unit
from identity.user.life_cycle import Status
from identity.user.model import User

SHOWN = ("id", "name", "code", "kind", "parent_id", "head_id", "position", "version")
Branch = dict[str, Any]

UNITS = Listing(
    columns={name: getattr(Unit, name) for name in SHOWN},
    key=Unit.id,
    filters={
        "name": contains(Unit.name),
        "code": equal(Unit.code),
        "kind": equal(Unit.kind),
        "parent_id": equal(Unit.parent_id),
        "head_id": equal(Unit.head_id),
    },
    sorts={name: getattr(Unit, name) for name in ("id", "name", "code", "position")},
    default_sort="id",
    search=(Unit.name, Unit.code),
)


def get_unit(tx: Transaction, unit_id: int) -> Unit:
    """One unit. Raises NotFound."""
    found: Unit | None = tx.scalar(sa.select(Unit).where(Unit.id == unit_id))
    if found is None:
        raise NotFound(detail=f"No unit {unit_id}")
    return found


def unit_history(tx: Transaction, unit_id: int) -> dict[str, Any]:
    """Everything that happened to one unit."""
    return history_of(tx, Unit.noun, get_unit(tx, unit_id).id)


def unit_tree(tx: Transaction) -> dict[str, list[Branch]]:
    """The whole organisation as ``{"items": [unit with children …]}``, with the people who belong to each."""
    people = sa.select(User.unit_id, sa.func.count().label("people")).where(User.status != Status.DELETED)
    counted = people.group_by(User.unit_id).subquery()
    head = sa.select(User.full_name).where(User.id == Unit.head_id).scalar_subquery()
    columns = [getattr(Unit, name) for name in SHOWN]
    statement = sa.select(*columns, head.label("head_name"), sa.func.coalesce(counted.c.people, 0).label("people"))
    statement = statement.outerjoin(counted, counted.c.unit_id == Unit.id).order_by(Unit.position, Unit.id)
    branches = {row.id: {**row._mapping, "children": []} for row in tx.rows(statement)}
    for branch in branches.values():
        if branch["parent_id"] is not None:
            branches[branch["parent_id"]]["children"].append(branch)
    return {"items": [branch for branch in branches.values() if branch["parent_id"] is None]}


def above(tx: Transaction, unit_id: int | None) -> set[int]:
    """The unit and everything above it; empty when there is no such unit."""
    start = sa.select(Unit.id, Unit.parent_id).where(Unit.id == unit_id).cte(recursive=True)
    up = sa.select(Unit.id, Unit.parent_id).join(start, Unit.id == start.c.parent_id)
    return {row.id for row in tx.rows(sa.select(start.union(up).c.id))} if unit_id is not None else set()


def below(unit: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The ids of the units that the condition names, and of all units below them."""
    start = sa.select(Unit.id).where(unit).cte(recursive=True)
    return sa.select(start.union(sa.select(Unit.id).join(start, Unit.parent_id == start.c.id)).c.id)


def content_of(tx: Transaction, unit_id: int) -> dict[str, int]:
    """How many people and units hang on a unit."""
    people = sa.select(sa.func.count()).where(User.unit_id == unit_id, User.status != Status.DELETED)
    units = sa.select(sa.func.count()).where(Unit.parent_id == unit_id)
    row = tx.row(sa.select(people.scalar_subquery().label("people"), units.scalar_subquery().label("units")))
    assert row is not None  # noqa: S101  (two counts are always a row)
    return dict(row._mapping)

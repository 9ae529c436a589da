"""Changing the organisation: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.dialect import one_at_a_time
from chassis.problems import wrong_field
from chassis.transaction import Transaction
from identity.unit.model import Unit
from identity.unit.queries import above, content_of
from identity.user.life_cycle import Status
from identity.user.model import User

MOVING = 0x756E6974
"""Two moves at once could each be fine and make a circle together."""


def create_unit(tx: Transaction, fields: Mapping[str, Any]) -> Unit:
    """Add a unit, at the top or below another one."""
    _must_be_there(tx, fields)
    unit = tx.add(Unit.begin(fields))
    tx.publish(unit.created())
    return unit


def edit_unit(tx: Transaction, unit_id: int, fields: Mapping[str, Any]) -> Unit:
    """Call a unit otherwise, or say who heads it: whoever does sees the records of everybody in it and below."""
    unit = tx.get(Unit, unit_id)
    _must_be_there(tx, fields)
    tx.publish(unit.edit(fields))
    return unit


def move_unit(tx: Transaction, unit_id: int, parent_id: int | None) -> Unit:
    """Hang a unit, with all that is below it, below another one, or at the top."""
    one_at_a_time(tx.session, MOVING)
    unit = tx.get(Unit, unit_id)
    up = above(tx, parent_id)
    if parent_id is not None and not up:
        raise wrong_field("/parent_id", "There is no such unit")
    tx.publish(unit.move(parent_id, above=up))
    return unit


def remove_unit(tx: Transaction, unit_id: int) -> None:
    """Remove a unit that is empty."""
    unit = tx.get(Unit, unit_id)
    removed = unit.remove(**content_of(tx, unit_id))
    left = sa.update(User).where(User.unit_id == unit_id)  # nobody but people whose accounts were deleted
    tx.execute(left.values(unit_id=unit.parent_id))
    tx.publish_removal(unit, removed)


def _must_be_there(tx: Transaction, fields: Mapping[str, Any]) -> None:
    """The unit above and the head exist. Raises Invalid."""
    wanted = [
        ("parent_id", sa.select(Unit.id).where(Unit.id == fields.get("parent_id")), "There is no such unit"),
        ("head_id", _active(fields.get("head_id")), "There is no such active user"),
    ]
    asked = [(name, sa.exists(found), why) for name, found, why in wanted if fields.get(name) is not None]
    if not asked:
        return
    row = tx.row(sa.select(*(is_there for _, is_there, _ in asked)))
    assert row is not None  # noqa: S101  (a select without a table is always a row)
    for (name, _, why), is_there in zip(asked, row, strict=True):
        if not is_there:
            raise wrong_field(f"/{name}", why)


def _active(user_id: int | None) -> sa.Select[Any]:
    return sa.select(User.id).where(User.id == user_id, User.status == Status.NORMAL)

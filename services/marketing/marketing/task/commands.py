"""Changing tasks: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis import people
from chassis.row_blanking import must_not_be_erased
from chassis.transaction import Transaction
from marketing.task.model import LIFE_CYCLE, Status, Task

MOST_AT_ONCE = 500


def add_task(tx: Transaction, fields: Mapping[str, Any]) -> Task:
    """Note something to do; without an owner it is one's own."""
    if fields.get("about_id"):
        must_not_be_erased(tx, fields["about"], fields["about_id"], is_text=True)
    creator = {"creator_id": tx.principal.user_id, "creator_name": tx.principal.name}
    task = tx.add(Task.begin({**fields, **creator, **_owner(tx, fields)}, at=tx.now))
    tx.publish(task.added())
    return task


def edit_task(tx: Transaction, task_id: int, fields: Mapping[str, Any]) -> Task:
    """Do it otherwise, later, or let somebody else do it."""
    task = _allowed(tx, task_id, "edit")
    if task.about_id and fields.keys() & {"title", "description"}:
        must_not_be_erased(tx, task.about, task.about_id, is_text=True)
    tx.publish(task.edit({**fields, **(_owner(tx, fields) if "owner_id" in fields else {})}))
    return task


def finish_task(tx: Transaction, task_id: int) -> Task:
    """Note that it was done."""
    task = _allowed(tx, task_id, "finish")
    tx.publish(task.finish(at=tx.now))
    return task


def take_up_task(tx: Transaction, task_id: int) -> Task:
    """Note that it was not done after all."""
    task = _allowed(tx, task_id, "take-up")
    tx.publish(task.take_up())
    return task


def drop_task(tx: Transaction, task_id: int) -> Task:
    """Note that it is not to be done any more."""
    task = _allowed(tx, task_id, "drop")
    tx.publish(task.drop())
    return task


def remind_of_tasks(tx: Transaction) -> str:
    """Say of each open task once that its moment has come."""
    due = (Task.status == Status.OPEN, Task.reminded_at.is_(None), Task.due_at <= tx.now)
    tasks = tx.load(Task, sa.select(Task).where(*due).order_by(Task.due_at).limit(MOST_AT_ONCE))
    tx.publish_all([(task.fall_due(at=tx.now), None) for task in tasks])
    return f"{len(tasks)} due"


def _owner(tx: Transaction, fields: Mapping[str, Any]) -> dict[str, Any]:
    if fields.get("owner_id", tx.principal.user_id) == tx.principal.user_id:
        return {"owner_id": tx.principal.user_id, "owner_name": tx.principal.name}
    owner = people.get_at_work(tx, fields["owner_id"])
    return {"owner_id": owner.user_id, "owner_name": owner.full_name}


def _allowed(tx: Transaction, task_id: int, action: str) -> Task:
    task = tx.get(Task, task_id)
    LIFE_CYCLE.must_allow(action, tx.case(task))
    return task

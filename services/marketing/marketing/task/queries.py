"""Looking at tasks, and at the calendar: tasks, plan items and return visits side by side."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal, since, until
from chassis.problems import NotFound
from chassis.transaction import Transaction
from marketing.copies import visit_copy
from marketing.opportunity.model import Opportunity
from marketing.plan.model import PlanItem
from marketing.task.model import Status, Task

SHOWN = [
    "id",
    "title",
    "due_at",
    "status",
    "about",
    "about_id",
    "owner_id",
    "owner_name",
    "creator_id",
    "creator_name",
    "created_at",
    "done_at",
    "version",
]

TASKS = Listing(
    columns={name: getattr(Task, name) for name in SHOWN},
    key=Task.id,
    owners=(Task.owner_id, Task.creator_id),
    filters={
        "status": equal(Task.status),
        "owner_id": equal(Task.owner_id),
        "about": equal(Task.about),
        "about_id": equal(Task.about_id),
        "title": contains(Task.title),
        "due_from": since(Task.due_at),
        "due_to": until(Task.due_at),
    },
    sorts={name: getattr(Task, name) for name in ("due_at", "created_at", "id")},
    default_sort="due_at",
    search=(Task.title,),
)


def get_task(tx: Transaction, task_id: int) -> Task:
    """One task in the data scope. Raises NotFound."""
    found: Task | None = tx.scalar(sa.select(Task).where(Task.id == task_id, tx.principal.only_seen(*TASKS.owners)))
    if found is None:
        raise NotFound(detail=f"No task {task_id}")
    return found


def task_history(tx: Transaction, task_id: int) -> dict[str, Any]:
    """Everything that happened to one task."""
    return history_of(tx, Task.noun, get_task(tx, task_id).id)


def _entry(noun: str, key: Any, **columns: Any) -> sa.Select[Any]:
    label = (sa.literal(f"{noun}/") + sa.cast(key, sa.String(20))).label("key")
    named = [column.label(name) for name, column in columns.items()]
    return sa.select(label, sa.literal(noun).label("noun"), key.label("id"), *named)


_tasks = _entry(
    "task", Task.id, title=Task.title, at=Task.due_at, owner_id=Task.owner_id, is_open=Task.status == Status.OPEN
)
_plan_items = _entry(
    "plan-item",
    PlanItem.id,
    title=PlanItem.todo,
    at=PlanItem.planned_for,
    owner_id=Opportunity.assignee_id,
    is_open=PlanItem.result == "",
)
_visits = _entry(
    "visit",
    visit_copy.c.visit_id,
    title=visit_copy.c.subject,
    at=visit_copy.c.planned_for,
    owner_id=visit_copy.c.owner_id,
    is_open=visit_copy.c.is_open,
)
PLANNED = sa.union_all(
    _tasks.where(Task.status != Status.DROPPED),
    _plan_items.join(Opportunity, Opportunity.id == PlanItem.opportunity_id),
    _visits,
).subquery("planned")

CALENDAR = Listing(
    columns={name: PLANNED.c[name] for name in ("noun", "id", "title", "at", "owner_id", "is_open")},
    key=PLANNED.c.key,
    source=PLANNED,
    owners=(PLANNED.c.owner_id,),
    filters={
        "from": since(PLANNED.c["at"]),
        "to": until(PLANNED.c["at"]),
        "owner_id": equal(PLANNED.c.owner_id),
        "noun": equal(PLANNED.c.noun),
        "is_open": equal(PLANNED.c.is_open),
    },
    sorts={"at": PLANNED.c["at"]},
    default_sort="at",
    search=(PLANNED.c.title,),
)

"""Tasks and the calendar over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.actions import Actions
from chassis.fields import Body, Number, Required, Text, View, When
from chassis.history import History
from chassis.machine import NotInThisState
from chassis.people import NotAtWork
from chassis.personal import PersonErased
from chassis.routes import Route
from marketing.task import commands, queries
from marketing.task.model import LIFE_CYCLE, About, NotYourTask


class OptionalFields(Body):
    """What may be said of a task."""

    description = Text(2000)
    owner_id = Number(1)


class TaskFields(OptionalFields):
    """Something to do."""

    title = Required(200)
    due_at = When(required=True)
    about = Text(20, choices=("", *About))
    about_id = Text(40)


class TaskEdit(OptionalFields):
    """Any part of it, to change it."""

    title = Text(200, shortest=1)
    due_at = When()


class TaskRow(View):
    """A task in a list."""

    id = ma.fields.Integer(required=True)
    title = ma.fields.String(required=True)
    due_at = ma.fields.AwareDateTime(required=True)
    status = ma.fields.String(required=True)
    about = ma.fields.String(required=True)
    about_id = ma.fields.String(required=True)
    owner_id = ma.fields.Integer(required=True)
    owner_name = ma.fields.String(required=True)
    creator_id = ma.fields.Integer(required=True)
    creator_name = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    done_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    version = ma.fields.Integer(required=True)


class TaskView(TaskRow):
    """A task in full."""

    description = ma.fields.String(required=True)
    actions = Actions(LIFE_CYCLE)


class CalendarEntry(View):
    """Something that is planned for a moment: a task, a plan item or a return visit."""

    noun = ma.fields.String(required=True)
    id = ma.fields.Integer(required=True)
    title = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)
    owner_id = ma.fields.Integer(allow_none=True, required=True)
    is_open = ma.fields.Boolean(required=True)


ONE = "/tasks/<int:task_id>"
REFUSES = (NotInThisState, NotYourTask)

routes = [
    Route(method="GET", path="/tasks", lists=queries.TASKS, gives=TaskRow, needs="task:read"),
    Route(method="GET", path="/calendar", lists=queries.CALENDAR, gives=CalendarEntry, needs="task:read"),
    Route(method="GET", path=ONE, calls=queries.get_task, gives=TaskView, needs="task:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.task_history, gives=History, needs="task:read"),
    Route(method="POST", path="/tasks", calls=commands.add_task, takes=TaskFields, gives=TaskView, needs="task:write",
          status=201, refuses=(NotAtWork, PersonErased)),
    Route(method="PATCH", path=ONE, calls=commands.edit_task, takes=TaskEdit, gives=TaskView, needs="task:write",
          needs_version=True, refuses=(*REFUSES, NotAtWork, PersonErased)),
    Route(method="POST", path=ONE + "/completion", calls=commands.finish_task, gives=TaskView, needs="task:write",
          refuses=REFUSES),
    Route(method="POST", path=ONE + "/reopening", calls=commands.take_up_task, gives=TaskView, needs="task:write",
          refuses=REFUSES),
    Route(method="POST", path=ONE + "/dropping", calls=commands.drop_task, gives=TaskView, needs="task:write",
          refuses=REFUSES),
]  # fmt: skip

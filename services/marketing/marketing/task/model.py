"""Tasks: given to somebody, due at a moment, done or dropped."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.machine import Case, Machine, Move
from chassis.personal import free_text, personal, personal_column, text_column, whoever
from chassis.problems import Forbidden
from chassis.transaction import Aggregate
from marketing.base import Base


class Status(StrEnum):
    """A task that is done can be taken up again; a dropped one cannot."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class About(StrEnum):
    """What a task may be about."""

    CUSTOMER = "customer"
    CONTACT = "contact"
    LEAD = "lead"
    OPPORTUNITY = "opportunity"
    DEAL = "deal"
    CAMPAIGN = "campaign"
    REQUEST = "request"


class NotYourTask(Forbidden):
    """Only who has a task, or who gave it, may do this."""


def is_concerned(case: Case) -> None:
    if case.who.user_id not in (case.record.owner_id, case.record.creator_id):
        raise NotYourTask(needs="task:write")


LIFE_CYCLE = Machine(
    noun="task",
    states=Status,
    final=(Status.DROPPED,),
    moves=[
        Move("add", to=Status.OPEN, needs="task:write"),
        Move("edit", Status.OPEN, needs="task:write", guards=[is_concerned]),
        Move("finish", Status.OPEN, to=Status.DONE, needs="task:write", guards=[is_concerned]),
        Move("take-up", Status.DONE, to=Status.OPEN, needs="task:write", guards=[is_concerned]),
        Move("drop", Status.OPEN, to=Status.DROPPED, needs="task:write", guards=[is_concerned]),
        Move("fall-due", Status.OPEN, by_itself=True),
    ],
)


ABOUT_IT = text_column(whoever("about", "about_id"), task="id")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ToDo:
    """What every event about a task says."""

    task_id: int
    title: Annotated[str, free_text(whoever("about", "about_id"), task="task_id")]
    due_at: datetime
    owner_id: int
    owner_name: Annotated[str, personal(user="owner_id")]
    creator_id: int
    about: str
    about_id: str


class TaskAdded(ToDo, Event, type="marketing.task.added"):
    """Somebody is to do something."""


class TaskEdited(ToDo, Event, type="marketing.task.edited"):
    """It is to be done otherwise, at another time or by somebody else."""


class TaskDone(ToDo, Event, type="marketing.task.done"):
    """It was done."""

    done_at: datetime


class TaskTakenUp(ToDo, Event, type="marketing.task.taken-up"):
    """It was not done after all."""


class TaskDropped(ToDo, Event, type="marketing.task.dropped"):
    """It is not to be done any more."""


class TaskDue(ToDo, Event, type="marketing.task.due"):
    """The moment until which it was to be done has come."""


class Task(Aggregate, Base):
    """The aggregate."""

    __tablename__ = "sal_task"
    __table_args__ = (
        sa.Index("sal_task_of_owner", "owner_id", "status", "due_at"),
        sa.Index("sal_task_to_remind", "status", "reminded_at", "due_at"),
        sa.Index("sal_task_about", "about", "about_id"),
    )
    noun = "task"
    machine = LIFE_CYCLE
    owners = ("owner_id", "creator_id")

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(200), info=ABOUT_IT)
    description: Mapped[str] = mapped_column(sa.String(2000), default="", info=ABOUT_IT)
    due_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(sa.String(10))
    about: Mapped[str] = mapped_column(sa.String(20), default="")
    about_id: Mapped[str] = mapped_column(sa.String(40), default="")
    owner_id: Mapped[int] = mapped_column(sa.BigInteger)
    owner_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="owner_id"))
    creator_id: Mapped[int] = mapped_column(sa.BigInteger)
    creator_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="creator_id"))
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, at: datetime) -> Task:
        """A new task; ``fields`` has owner and creator too."""
        return cls(**{"description": "", "about": "", "about_id": "", **fields}, status=Status.OPEN, created_at=at)

    def added(self) -> TaskAdded:
        return TaskAdded(**self._to_do())

    def edit(self, fields: Mapping[str, Any]) -> TaskEdited | None:
        """Another moment is another reminder."""
        LIFE_CYCLE.must_be_able("edit", self)
        reminded = {"reminded_at": None} if fields.get("due_at", self.due_at) != self.due_at else {}
        return TaskEdited(**self._to_do()) if self.change(**fields, **reminded) else None

    def finish(self, *, at: datetime) -> TaskDone:
        LIFE_CYCLE.must_be_able("finish", self)
        self.status, self.done_at = Status.DONE, at
        return TaskDone(**self._to_do(), done_at=at)

    def take_up(self) -> TaskTakenUp:
        LIFE_CYCLE.must_be_able("take-up", self)
        self.status, self.done_at = Status.OPEN, None
        return TaskTakenUp(**self._to_do())

    def drop(self) -> TaskDropped:
        LIFE_CYCLE.must_be_able("drop", self)
        self.status = Status.DROPPED
        return TaskDropped(**self._to_do())

    def fall_due(self, *, at: datetime) -> TaskDue:
        self.reminded_at = at
        return TaskDue(**self._to_do())

    def _to_do(self) -> dict[str, Any]:
        return {"task_id": self.id} | {name: getattr(self, name) for name in IN_A_TO_DO}


IN_A_TO_DO = tuple(field.name for field in dataclasses.fields(ToDo) if field.name != "task_id")

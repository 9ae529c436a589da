"""Complaints: how serious they are, who works on them, and whether the customer is content in the end."""

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
from chassis.numbering import Series
from chassis.personal import free_text, personal, personal_column, text_column
from chassis.principal import Principal
from chassis.transaction import Aggregate
from service_desk.base import Base
from service_desk.complaint.life_cycle import LIFE_CYCLE, Status

NUMBERS = Series("complaint", "TS{yyyy}{MM}{dd}{seq:4}", 17)
"""``TS202611260001``: 投诉, the day, and a running number of that day."""
CONTENT_FROM = 3
"""Satisfaction from here on lets a complaint be closed; below it the work begins again."""


class Severity(StrEnum):
    """How bad it is for the customer; promises differ by it."""

    MINOR = "minor"
    SERIOUS = "serious"
    CRITICAL = "critical"


AboutIt = Annotated[str, free_text(complaint="complaint_id", customer="customer_no")]
ABOUT_IT = text_column(complaint="id", customer="customer_no")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grievance:
    """What every event about a complaint says."""

    complaint_id: int
    complaint_no: str
    title: AboutIt
    severity: str
    customer_no: str
    customer_name: Annotated[str, personal(customer="customer_no")]
    creator_id: int
    creator_name: Annotated[str, personal(user="creator_id")]
    assignee_id: int | None
    assignee_name: Annotated[str, personal(user="assignee_id")]
    entered_at: datetime
    due_at: datetime


class ComplaintEntered(Grievance, Event, type="service-desk.complaint.entered"):
    """A customer complains."""


class ComplaintEdited(Grievance, Event, type="service-desk.complaint.edited"):
    """What was written down of a complaint was corrected."""


class ComplaintAssigned(Grievance, Event, type="service-desk.complaint.assigned"):
    """Somebody is to settle the complaint, from now on or instead of somebody else."""


class ComplaintHandled(Grievance, Event, type="service-desk.complaint.handled"):
    """What could be done was done; the customer is to be asked by somebody else."""

    handler_id: int
    handler_name: Annotated[str, personal(user="handler_id")]
    handled_at: datetime


class ComplaintVisited(Grievance, Event, type="service-desk.complaint.visited"):
    """The customer was asked and is content enough; the complaint can be closed."""

    satisfaction: int
    result: AboutIt


class ComplaintReturned(Grievance, Event, type="service-desk.complaint.returned"):
    """The customer was asked and is not content; the assignee tries again."""

    satisfaction: int
    result: AboutIt


class ComplaintClosed(Grievance, Event, type="service-desk.complaint.closed"):
    """The complaint is settled."""

    satisfaction: int | None
    closed_at: datetime


class ComplaintOverdue(Grievance, Event, type="service-desk.complaint.overdue"):
    """The moment until which the complaint was to be settled has passed; a superior should look."""

    escalated_to_id: int


class ComplaintMoved(Grievance, Event, type="service-desk.complaint.moved"):
    """The complaint is another customer's now, because the two turned out to be one."""

    from_customer_no: str


class Complaint(Aggregate, Base):
    """The aggregate."""

    __tablename__ = "cst_complaint"
    __table_args__ = (sa.Index("cst_complaint_of_assignee", "assignee_id", "status", "due_at"),)
    noun = "complaint"
    machine = LIFE_CYCLE
    owners = ("creator_id", "assignee_id")

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    complaint_no: Mapped[str] = mapped_column(sa.String(17), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200), info=ABOUT_IT)
    severity: Mapped[str] = mapped_column(sa.String(12), index=True)
    customer_no: Mapped[str] = mapped_column(sa.String(17), index=True)
    customer_name: Mapped[str] = mapped_column(sa.String(100), info=personal_column(customer="customer_no"))
    description: Mapped[str] = mapped_column(sa.String(3000), info=ABOUT_IT)
    status: Mapped[str] = mapped_column(sa.String(10), index=True)
    creator_id: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    creator_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="creator_id"))
    entered_at: Mapped[datetime] = mapped_column(index=True)
    assignee_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    assignee_name: Mapped[str] = mapped_column(sa.String(50), default="", info=personal_column(user="assignee_id"))
    handling: Mapped[str] = mapped_column(sa.String(3000), default="", info=ABOUT_IT)
    handler_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    handler_name: Mapped[str] = mapped_column(sa.String(50), default="", info=personal_column(user="handler_id"))
    answered_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(sa.String(500), default="", info=ABOUT_IT)
    satisfaction: Mapped[int | None] = mapped_column(sa.Integer)
    closed_at: Mapped[datetime | None]
    answer_by: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    overdue_at: Mapped[datetime | None]

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, by: Principal, at: datetime) -> Complaint:
        """A new complaint; ``fields`` has its number, the customer's name and the promised moments too."""
        by_whom = {"creator_id": by.user_id, "creator_name": by.name, "entered_at": at}
        blank = {"assignee_name": "", "handling": "", "handler_name": "", "result": ""}
        return cls(**fields, **by_whom, **blank, status=Status.ENTERED)

    def entered(self) -> ComplaintEntered:
        return ComplaintEntered(**self._grievance())

    def edit(self, fields: Mapping[str, Any]) -> ComplaintEdited | None:
        """Correct what was written down, as long as nobody works on it."""
        LIFE_CYCLE.must_be_able("edit", self)
        return ComplaintEdited(**self._grievance()) if self.change(**fields) else None

    def assign(self, *, to_id: int, to_name: str) -> ComplaintAssigned:
        LIFE_CYCLE.must_be_able("assign", self)
        self.assignee_id, self.assignee_name, self.status = to_id, to_name, Status.ASSIGNED
        return ComplaintAssigned(**self._grievance())

    def hand_over(self, *, to_id: int, to_name: str) -> ComplaintAssigned:
        """Somebody else goes on with it, however far it is."""
        LIFE_CYCLE.must_be_able("hand-over", self)
        self.assignee_id, self.assignee_name = to_id, to_name
        return ComplaintAssigned(**self._grievance())

    def handle(self, text: str, *, by: Principal, at: datetime) -> ComplaintHandled:
        """Record what was done; the first time is the answer that was promised."""
        LIFE_CYCLE.must_be_able("handle", self)
        self.handling, self.handler_id, self.handler_name = text, by.user_id, by.name
        self.status, self.handled_at, self.answered_at = Status.HANDLED, at, self.answered_at or at
        return ComplaintHandled(**self._grievance(), handler_id=by.user_id, handler_name=by.name, handled_at=at)

    def visit(self, *, result: str, satisfaction: int) -> ComplaintVisited | ComplaintReturned:
        """What the customer says: content leads to the end, discontent back to the assignee."""
        LIFE_CYCLE.must_be_able("visit", self)
        self.result, self.satisfaction = result, satisfaction
        if satisfaction >= CONTENT_FROM:
            self.status = Status.VISITED
            return ComplaintVisited(**self._grievance(), result=result, satisfaction=satisfaction)
        self.status = Status.ASSIGNED
        return ComplaintReturned(**self._grievance(), result=result, satisfaction=satisfaction)

    def close(self, *, at: datetime) -> ComplaintClosed:
        LIFE_CYCLE.must_be_able("close", self)
        self.status, self.closed_at = Status.CLOSED, at
        return ComplaintClosed(**self._grievance(), satisfaction=self.satisfaction, closed_at=at)

    def become_overdue(self, *, escalated_to_id: int, at: datetime) -> ComplaintOverdue | None:
        """The promised moment has passed; said once."""
        if self.overdue_at is not None or self.due_at > at:
            return None
        self.overdue_at = at
        return ComplaintOverdue(**self._grievance(), escalated_to_id=escalated_to_id)

    def move_to(self, customer_no: str) -> ComplaintMoved:
        before, self.customer_no = self.customer_no, customer_no
        return ComplaintMoved(**self._grievance(), from_customer_no=before)

    def _grievance(self) -> dict[str, Any]:
        return {"complaint_id": self.id} | {name: getattr(self, name) for name in IN_A_GRIEVANCE}


IN_A_GRIEVANCE = tuple(field.name for field in dataclasses.fields(Grievance) if field.name != "complaint_id")

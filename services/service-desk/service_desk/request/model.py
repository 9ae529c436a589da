"""Service requests: from new over allocated and handled to archived, and back to work while a customer is unhappy."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.personal import free_text, personal, personal_column, text_column
from chassis.principal import Principal
from chassis.transaction import Aggregate
from service_desk.base import Base
from service_desk.request.life_cycle import LIFE_CYCLE, Status

ASSIGNEE_ROLE = "account-manager"
SERVICE_TYPE = "service type"
"""The dictionary's name for the kinds of request."""
CONTENT_FROM = 3
"""Satisfaction from here on archives a request; below it the work begins again (rule 19)."""


AboutIt = Annotated[str, free_text(request="request_id", customer="customer_no")]
Assignee = Annotated[str, personal(user="assignee_id")]
Handler = Annotated[str, personal(user="handler_id")]
ABOUT_IT = text_column(request="id", customer="customer_no")


class RequestCreated(Event, type="service-desk.request.created"):
    """A customer asks something of us."""

    request_id: int
    kind: str
    title: AboutIt
    customer_no: str
    customer_name: Annotated[str, personal(customer="customer_no")]
    creator_id: int
    creator_name: Annotated[str, personal(user="creator_id")]
    created_at: datetime
    answer_by: datetime | None = None
    due_at: datetime | None = None


class RequestAllocated(Event, type="service-desk.request.allocated"):
    """An account manager is to handle the request."""

    request_id: int
    kind: str
    customer_no: str
    assignee_id: int
    assignee_name: Assignee
    allocated_at: datetime


class RequestHandled(Event, type="service-desk.request.handled"):
    """The assignee has done what could be done; the customer is to be asked."""

    request_id: int
    kind: str
    customer_no: str
    handler_id: int
    handler_name: Handler
    created_at: datetime
    handled_at: datetime


class RequestArchived(Event, type="service-desk.request.archived"):
    """The customer is content; the request can only be read from now on."""

    request_id: int
    kind: str
    customer_no: str
    handler_id: int
    handler_name: Handler
    result: AboutIt
    satisfaction: int
    created_at: datetime
    handled_at: datetime
    archived_at: datetime


class RequestReopened(Event, type="service-desk.request.reopened"):
    """The customer is not content; whoever handled the request is to try again."""

    request_id: int
    kind: str
    customer_no: str
    assignee_id: int
    assignee_name: Assignee
    result: AboutIt
    satisfaction: int
    reopened_at: datetime


class RequestMoved(Event, type="service-desk.request.moved"):
    """The request is another customer's now, because the two turned out to be one."""

    request_id: int
    kind: str
    customer_no: str
    from_customer_no: str


class RequestHandedOver(Event, type="service-desk.request.handed-over"):
    """Somebody else goes on with the request, whether it is to be handled or the customer is to be asked."""

    request_id: int
    kind: str
    title: AboutIt
    customer_no: str
    customer_name: Annotated[str, personal(customer="customer_no")]
    assignee_id: int
    assignee_name: Assignee
    from_assignee_id: int


class RequestDeleted(Event, type="service-desk.request.deleted"):
    """A new request was thrown away."""

    request_id: int
    kind: str
    customer_no: str


class RequestOverdue(Event, type="service-desk.request.overdue"):
    """The moment until which the request was to be settled has passed; a superior should look."""

    request_id: int
    kind: str
    title: AboutIt
    customer_no: str
    customer_name: Annotated[str, personal(customer="customer_no")]
    assignee_id: int | None
    escalated_to_id: int
    due_at: datetime


@dataclasses.dataclass(frozen=True)
class Promised:
    """To whom a new request is promised, and until when."""

    customer_name: str
    answer_by: datetime
    due_at: datetime


class Request(Aggregate, Base):
    """The aggregate; ``status`` moves new → allocated → handled → archived, and from handled back to allocated."""

    __tablename__ = "cst_service"
    noun = "request"
    machine = LIFE_CYCLE
    owners = ("creator_id", "assignee_id")

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(50), index=True)
    title: Mapped[str] = mapped_column(sa.String(500), info=ABOUT_IT)
    customer_no: Mapped[str] = mapped_column(sa.String(17), index=True)
    customer_name: Mapped[str] = mapped_column(sa.String(100), info=personal_column(customer="customer_no"))
    status: Mapped[str] = mapped_column(sa.String(10), index=True, default=Status.NEW)
    request_text: Mapped[str] = mapped_column(sa.String(3000), info=ABOUT_IT)
    creator_id: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    creator_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="creator_id"))
    created_at: Mapped[datetime] = mapped_column(index=True)
    assignee_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    assignee_name: Mapped[str | None] = mapped_column(sa.String(50), info=personal_column(user="assignee_id"))
    allocated_at: Mapped[datetime | None]
    handling: Mapped[str] = mapped_column(sa.String(3000), default="", info=ABOUT_IT)
    handler_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    handler_name: Mapped[str | None] = mapped_column(sa.String(50), info=personal_column(user="handler_id"))
    handled_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(sa.String(500), default="", info=ABOUT_IT)
    satisfaction: Mapped[int | None] = mapped_column(sa.Integer)
    archived_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, promised: Promised, by: Principal, at: datetime) -> Request:
        """A new request; creator and moment come from the login and the clock (rule 16)."""
        return cls(
            **fields,
            **vars(promised),
            status=Status.NEW,
            creator_id=by.user_id,
            creator_name=by.name,
            created_at=at,
            handling="",
            result="",
        )

    def created(self) -> RequestCreated:
        return RequestCreated(
            request_id=self.id,
            kind=self.kind,
            title=self.title,
            customer_no=self.customer_no,
            customer_name=self.customer_name,
            creator_id=self.creator_id,
            creator_name=self.creator_name,
            created_at=self.created_at,
            answer_by=self.answer_by,
            due_at=self.due_at,
        )

    def move_to(self, customer_no: str) -> RequestMoved:
        before, self.customer_no = self.customer_no, customer_no
        return RequestMoved(request_id=self.id, kind=self.kind, customer_no=customer_no, from_customer_no=before)

    def allocate(self, *, to_id: int, to_name: str, at: datetime) -> RequestAllocated:
        """Give a new request to an account manager."""
        LIFE_CYCLE.must_be_able("allocate", self)
        self.assignee_id, self.assignee_name, self.allocated_at = to_id, to_name, at
        self.status = Status.ALLOCATED
        return RequestAllocated(
            request_id=self.id,
            kind=self.kind,
            customer_no=self.customer_no,
            assignee_id=to_id,
            assignee_name=to_name,
            allocated_at=at,
        )

    def hand_over(self, *, to_id: int, to_name: str) -> RequestHandedOver:
        """Somebody else goes on with it."""
        LIFE_CYCLE.must_be_able("hand-over", self)
        before, self.assignee_id, self.assignee_name = self.assignee_id or 0, to_id, to_name
        return RequestHandedOver(
            request_id=self.id,
            kind=self.kind,
            title=self.title,
            customer_no=self.customer_no,
            customer_name=self.customer_name,
            assignee_id=to_id,
            assignee_name=to_name,
            from_assignee_id=before,
        )

    def handle(self, text: str, *, by: Principal, at: datetime) -> RequestHandled:
        """Record what was done; the first time is the answer that was promised."""
        LIFE_CYCLE.must_be_able("handle", self)
        self.handling, self.handler_id, self.handler_name, self.handled_at = text, by.user_id, by.name, at
        self.status, self.answered_at = Status.HANDLED, self.answered_at or at
        return RequestHandled(
            request_id=self.id,
            kind=self.kind,
            customer_no=self.customer_no,
            handler_id=by.user_id,
            handler_name=by.name,
            created_at=self.created_at,
            handled_at=at,
        )

    def record_feedback(self, *, result: str, satisfaction: int, at: datetime) -> RequestArchived | RequestReopened:
        """What the customer says: content archives the request, discontent sends it back to the assignee."""
        LIFE_CYCLE.must_be_able("record-feedback", self)
        self.result, self.satisfaction = result, satisfaction
        return self._archive(at) if satisfaction >= CONTENT_FROM else self._reopen(at)

    def _archive(self, at: datetime) -> RequestArchived:
        self.status, self.archived_at = Status.ARCHIVED, at
        return RequestArchived(
            request_id=self.id,
            kind=self.kind,
            customer_no=self.customer_no,
            handler_id=self.handler_id or 0,
            handler_name=self.handler_name or "",
            result=self.result,
            satisfaction=self.satisfaction or 0,
            created_at=self.created_at,
            handled_at=self.handled_at or at,
            archived_at=at,
        )

    def _reopen(self, at: datetime) -> RequestReopened:
        self.status = Status.ALLOCATED
        return RequestReopened(
            request_id=self.id,
            kind=self.kind,
            customer_no=self.customer_no,
            assignee_id=self.assignee_id or 0,
            assignee_name=self.assignee_name or "",
            result=self.result,
            satisfaction=self.satisfaction or 0,
            reopened_at=at,
        )

    def delete(self) -> RequestDeleted:
        """Throw a new request away."""
        LIFE_CYCLE.must_be_able("delete", self)
        return RequestDeleted(request_id=self.id, kind=self.kind, customer_no=self.customer_no)

    def become_overdue(self, *, escalated_to_id: int, at: datetime) -> RequestOverdue | None:
        """The promised moment has passed; said once."""
        LIFE_CYCLE.must_be_able("become-overdue", self)
        if self.overdue_at is not None or self.due_at is None or self.due_at > at:
            return None
        self.overdue_at = at
        return RequestOverdue(
            request_id=self.id,
            kind=self.kind,
            title=self.title,
            customer_no=self.customer_no,
            customer_name=self.customer_name,
            assignee_id=self.assignee_id,
            escalated_to_id=escalated_to_id,
            due_at=self.due_at,
        )

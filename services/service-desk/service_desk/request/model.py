"""Service requests: from new over allocated and handled to archived, and back to work while a customer is unhappy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event, PersonalText
from chassis.principal import Principal
from chassis.problems import Conflict, Forbidden
from chassis.transaction import Aggregate
from service_desk.base import Base

ASSIGNEE_ROLE = "account-manager"
SERVICE_TYPE = "service type"
"""The dictionary's name for the kinds of request."""
CONTENT_FROM = 3
"""Satisfaction from here on archives a request; below it the work begins again (rule 19)."""


class Status(StrEnum):
    """The four states; only archived is final."""

    NEW = "new"
    ALLOCATED = "allocated"
    HANDLED = "handled"
    ARCHIVED = "archived"


class RequestCreated(Event, type="service-desk.request.created"):
    """A customer asks something of us."""

    request_id: int
    kind: str
    title: str
    customer_no: str
    customer_name: str
    creator_id: int
    creator_name: PersonalText
    created_at: datetime


class RequestAllocated(Event, type="service-desk.request.allocated"):
    """An account manager is to handle the request."""

    request_id: int
    kind: str
    customer_no: str
    assignee_id: int
    assignee_name: PersonalText
    allocated_at: datetime


class RequestHandled(Event, type="service-desk.request.handled"):
    """The assignee has done what could be done; the customer is to be asked."""

    request_id: int
    kind: str
    customer_no: str
    handler_id: int
    handler_name: PersonalText
    created_at: datetime
    handled_at: datetime


class RequestArchived(Event, type="service-desk.request.archived"):
    """The customer is content; the request can only be read from now on."""

    request_id: int
    kind: str
    customer_no: str
    handler_id: int
    handler_name: PersonalText
    result: str
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
    assignee_name: PersonalText
    result: str
    satisfaction: int
    reopened_at: datetime


class RequestDeleted(Event, type="service-desk.request.deleted"):
    """A new request was thrown away."""

    request_id: int
    kind: str
    customer_no: str


class RequestClosed(Conflict):
    """The request is archived and can only be read."""

    request_id: int


class RequestNotNew(Conflict):
    """Only a new request can be allocated or deleted."""

    request_id: int
    request_status: str


class RequestNotAllocated(Conflict):
    """Only an allocated request can be handled."""

    request_id: int
    request_status: str


class RequestNotHandled(Conflict):
    """There is nothing to give feedback on before the request is handled."""

    request_id: int
    request_status: str


class NotTheAssignee(Forbidden):
    """Only the assignee may handle a request."""


class NotTheHandler(Forbidden):
    """Only who handled a request may record the customer's feedback."""


class NotTheCreator(Forbidden):
    """Only who created a request, or who allocates requests, may delete it."""


class Request(Aggregate, Base):
    """The aggregate; ``status`` moves new → allocated → handled → archived, and from handled back to allocated."""

    __tablename__ = "cst_service"
    noun = "request"
    owners = ("creator_id", "assignee_id")

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(50), index=True)
    title: Mapped[str] = mapped_column(sa.String(500))
    customer_no: Mapped[str] = mapped_column(sa.String(17), index=True)
    customer_name: Mapped[str] = mapped_column(sa.String(100))
    status: Mapped[str] = mapped_column(sa.String(10), index=True, default=Status.NEW)
    request_text: Mapped[str] = mapped_column(sa.String(3000))
    creator_id: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    creator_name: Mapped[str] = mapped_column(sa.String(50))
    created_at: Mapped[datetime] = mapped_column(index=True)
    assignee_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    assignee_name: Mapped[str | None] = mapped_column(sa.String(50))
    allocated_at: Mapped[datetime | None]
    handling: Mapped[str] = mapped_column(sa.String(3000), default="")
    handler_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    handler_name: Mapped[str | None] = mapped_column(sa.String(50))
    handled_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(sa.String(500), default="")
    satisfaction: Mapped[int | None] = mapped_column(sa.Integer)
    archived_at: Mapped[datetime | None]

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, customer_name: str, by: Principal, at: datetime) -> Request:
        """A new request; creator and moment come from the login and the clock (rule 16)."""
        return cls(
            **fields,
            customer_name=customer_name,
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
        )

    def allocate(self, *, to_id: int, to_name: str, at: datetime) -> RequestAllocated:
        """Give a new request to an account manager."""
        self.must_be_new()
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

    def handle(self, text: str, *, by: Principal, at: datetime) -> RequestHandled:
        """Record what was done; only the assignee can know."""
        self.must_be_open()
        if self.status != Status.ALLOCATED:
            raise RequestNotAllocated(request_id=self.id, request_status=self.status)
        if by.user_id != self.assignee_id:
            raise NotTheAssignee(needs="request:handle")
        self.handling, self.handler_id, self.handler_name, self.handled_at = text, by.user_id, by.name, at
        self.status = Status.HANDLED
        return RequestHandled(
            request_id=self.id,
            kind=self.kind,
            customer_no=self.customer_no,
            handler_id=by.user_id,
            handler_name=by.name,
            created_at=self.created_at,
            handled_at=at,
        )

    def record_feedback(
        self, *, result: str, satisfaction: int, by: Principal, at: datetime
    ) -> RequestArchived | RequestReopened:
        """What the customer says: content archives the request, discontent sends it back to the assignee."""
        handled_at = self.must_be_handled_by(by)
        self.result, self.satisfaction = result, satisfaction
        return self._archive(handled_at, at) if satisfaction >= CONTENT_FROM else self._reopen(at)

    def _archive(self, handled_at: datetime, at: datetime) -> RequestArchived:
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
            handled_at=handled_at,
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

    def delete(self, *, by: Principal) -> RequestDeleted:
        """Throw a new request away; its creator may, and whoever allocates requests."""
        self.must_be_new()
        if by.user_id != self.creator_id and not by.has("request:allocate"):
            raise NotTheCreator(needs="request:allocate")
        return RequestDeleted(request_id=self.id, kind=self.kind, customer_no=self.customer_no)

    def must_be_open(self) -> None:
        if self.status == Status.ARCHIVED:
            raise RequestClosed(request_id=self.id)

    def must_be_new(self) -> None:
        self.must_be_open()
        if self.status != Status.NEW:
            raise RequestNotNew(request_id=self.id, request_status=self.status)

    def must_be_handled_by(self, who: Principal) -> datetime:
        """When it was handled. Raises RequestNotHandled or NotTheHandler."""
        self.must_be_open()
        if self.status != Status.HANDLED or self.handled_at is None:
            raise RequestNotHandled(request_id=self.id, request_status=self.status)
        if who.user_id != self.handler_id:
            raise NotTheHandler(needs="request:feedback")
        return self.handled_at

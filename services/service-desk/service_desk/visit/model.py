"""Return visits: planned by people, or by themselves after a won deal and an archived request; reminded of once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.erasable import Erasable
from chassis.events import Event
from chassis.personal import free_text, personal, personal_column, text_column
from chassis.problems import wrong_field
from chassis.transaction import Aggregate
from service_desk.base import Base
from service_desk.visit.life_cycle import LIFE_CYCLE, Status

AFTER_DEAL = timedelta(days=7)
"""Long enough that the goods have arrived, soon enough that the customer remembers who sold them."""
AFTER_REQUEST = timedelta(days=3)
MOST_DAYS = 366


class Priority(IntEnum):
    """How urgent a visit is, as the reference numbers it."""

    HIGH = 1
    HIGHEST = 2
    LOW = 3
    LOWEST = 4
    NORMAL = 5


WHAT_LED_TO_IT = {"request": "request_id", "complaint": "complaint_id", "deal": "deal_id"}
"""A visit is called after it, and asks about it."""
AboutIt = Annotated[str, free_text(WHAT_LED_TO_IT, visit="visit_id", customer="customer_no")]
ABOUT_IT = text_column(WHAT_LED_TO_IT, visit="id", customer="customer_no")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """What every event about a visit says."""

    visit_id: int
    subject: AboutIt
    customer_no: str
    customer_name: Annotated[str, personal(customer="customer_no")]
    contact_name: Annotated[str, personal(visit="visit_id", deal="deal_id")]
    deal_id: int | None
    request_id: int | None
    complaint_id: int | None
    planned_for: datetime
    priority: int
    owner_id: int
    owner_name: Annotated[str, personal(user="owner_id")]


class VisitPlanned(Plan, Event, type="service-desk.visit.planned"):
    """A customer is to be asked whether all is well."""


class VisitEdited(Plan, Event, type="service-desk.visit.edited"):
    """The visit is to be made otherwise, at another time, or by somebody else."""

    status_code: int


class VisitDue(Plan, Event, type="service-desk.visit.due"):
    """The moment to think of the visit has come."""


class VisitDone(Plan, Event, type="service-desk.visit.done"):
    """The customer was asked; this came of it."""

    result: AboutIt
    satisfaction: int | None
    done_at: datetime


class VisitDeleted(Event, type="service-desk.visit.deleted"):
    """The visit is not to be made after all."""

    visit_id: int
    customer_no: str


class VisitMoved(Plan, Event, type="service-desk.visit.moved"):
    """The visit is another customer's now, because the two turned out to be one."""

    from_customer_no: str


class Visit(Erasable, Aggregate, Base):
    """The aggregate; a deal and a request lead to one visit at most."""

    __tablename__ = "cst_visit"
    __table_args__ = (
        sa.Index("cst_visit_of_owner", "owner_id", "status", "planned_for"),
        sa.Index("cst_visit_to_remind", "remind_at", "reminded_at"),
    )
    noun = "visit"
    machine = LIFE_CYCLE
    owners = ("owner_id",)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(200), info=ABOUT_IT)
    customer_no: Mapped[str] = mapped_column(sa.String(17), index=True)
    customer_name: Mapped[str] = mapped_column(sa.String(100), info=personal_column(customer="customer_no"))
    contact_name: Mapped[str] = mapped_column(
        sa.String(50), default="", info=personal_column(visit="id", deal="deal_id")
    )
    deal_id: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)
    request_id: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)
    complaint_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    planned_for: Mapped[datetime] = mapped_column(index=True)
    priority: Mapped[int] = mapped_column(sa.Integer, default=Priority.NORMAL)
    status: Mapped[int] = mapped_column(sa.Integer, index=True)
    owner_id: Mapped[int] = mapped_column(sa.BigInteger)
    owner_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="owner_id"))
    description: Mapped[str] = mapped_column(sa.String(2000), default="", info=ABOUT_IT)
    waiting_for: Mapped[str] = mapped_column(sa.String(200), default="", info=ABOUT_IT)
    result: Mapped[str] = mapped_column(sa.String(500), default="", info=ABOUT_IT)
    satisfaction: Mapped[int | None] = mapped_column(sa.Integer)
    remind_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    repeat_days: Mapped[int | None] = mapped_column(sa.Integer)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, at: datetime) -> Visit:
        """A new visit; unless said otherwise, it is reminded of when it is planned for."""
        blank = {"contact_name": "", "deal_id": None, "request_id": None, "complaint_id": None, "description": ""}
        usual = {"priority": Priority.NORMAL, "remind_at": fields["planned_for"], "repeat_days": None}
        return cls(**{**blank, **usual, **fields}, status=Status.NOT_STARTED, created_at=at, waiting_for="", result="")

    def planned(self) -> VisitPlanned:
        return VisitPlanned(**self._plan())

    def edit(self, fields: Mapping[str, Any]) -> VisitEdited | None:
        """Plan it otherwise; another time to be reminded at is a new reminder."""
        LIFE_CYCLE.must_be_able("edit", self)
        if "planned_for" in fields and "remind_at" not in fields:
            fields = {**fields, "remind_at": fields["planned_for"]}
        reminded = {"reminded_at": None} if fields.get("remind_at", self.remind_at) != self.remind_at else {}
        return self._edited() if self.change(**fields, **reminded) else None

    def assign(self, *, to_id: int, to_name: str) -> VisitEdited | None:
        """Let somebody else make the visit."""
        LIFE_CYCLE.must_be_able("assign", self)
        return self._edited() if self.change(owner_id=to_id, owner_name=to_name) else None

    def start(self) -> VisitEdited:
        LIFE_CYCLE.must_be_able("start", self)
        self.status, self.waiting_for = Status.IN_PROGRESS, ""
        return self._edited()

    def defer(self, *, to: datetime, at: datetime) -> VisitEdited:
        """Make it later; the reminder comes again."""
        LIFE_CYCLE.must_be_able("defer", self)
        if to <= at:
            raise wrong_field("/planned_for", "A visit is deferred to a moment to come")
        self.change(status=Status.DEFERRED, planned_for=to, remind_at=to, reminded_at=None, waiting_for="")
        return self._edited()

    def wait(self, *, waiting_for: str) -> VisitEdited:
        """Somebody else has to act first."""
        LIFE_CYCLE.must_be_able("wait", self)
        self.status, self.waiting_for = Status.WAITING, waiting_for
        return self._edited()

    def complete(self, *, result: str, satisfaction: int | None, at: datetime) -> VisitDone:
        """Record what the customer says."""
        LIFE_CYCLE.must_be_able("complete", self)
        self.status, self.result, self.satisfaction, self.done_at = Status.COMPLETED, result, satisfaction, at
        return VisitDone(**self._plan(), result=result, satisfaction=satisfaction, done_at=at)

    def following(self, *, at: datetime) -> Visit | None:
        """The next visit of a series; None when it does not repeat."""
        if self.repeat_days is None:
            return None
        kept = ("subject", "customer_no", "customer_name", "contact_name", "priority", "owner_id", "owner_name")
        fields = {name: getattr(self, name) for name in (*kept, "description", "repeat_days")}
        return Visit.begin({**fields, "planned_for": at + timedelta(days=self.repeat_days)}, at=at)

    def fall_due(self, *, at: datetime) -> VisitDue | None:
        """It is time to think of it; said once."""
        if self.status == Status.COMPLETED or self.reminded_at is not None:
            return None
        self.reminded_at = at
        return VisitDue(**self._plan())

    def delete(self) -> VisitDeleted:
        LIFE_CYCLE.must_be_able("delete", self)
        return VisitDeleted(visit_id=self.id, customer_no=self.customer_no)

    def move_to(self, customer_no: str) -> VisitMoved:
        before, self.customer_no = self.customer_no, customer_no
        return VisitMoved(**self._plan(), from_customer_no=before)

    def _edited(self) -> VisitEdited:
        return VisitEdited(**self._plan(), status_code=self.status)

    def _plan(self) -> dict[str, Any]:
        return {"visit_id": self.id} | {name: getattr(self, name) for name in IN_A_PLAN}


IN_A_PLAN = tuple(field.name for field in dataclasses.fields(Plan) if field.name != "visit_id")

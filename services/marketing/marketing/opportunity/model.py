"""Opportunities: what they are, how they move from unassigned to won or failed, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event, PersonalText
from chassis.machine import Case, Machine, Move
from chassis.problems import Conflict, Forbidden
from chassis.transaction import Aggregate
from marketing.base import Base

ASSIGNEE_ROLE = "account-manager"


class Status(IntEnum):
    """The four states; won and failed are final."""

    UNASSIGNED = 1
    IN_DEVELOPMENT = 2
    WON = 3
    FAILED = 4


CLOSED = (Status.WON, Status.FAILED)


class OpportunityCreated(Event, type="marketing.opportunity.created"):
    """Somebody noticed that a customer may buy."""

    opportunity_id: int
    customer_name: str
    title: str
    success_rate: int
    owner_id: int
    owner_name: PersonalText
    product: str
    amount_minor: int
    currency: str


class OpportunityEdited(Event, type="marketing.opportunity.edited"):
    """The description of an unassigned opportunity was corrected."""

    opportunity_id: int
    customer_name: str
    title: str
    success_rate: int
    product: str
    amount_minor: int
    currency: str


class OpportunityDeleted(Event, type="marketing.opportunity.deleted"):
    """An unassigned opportunity was thrown away."""

    opportunity_id: int


class OpportunityAssigned(Event, type="marketing.opportunity.assigned"):
    """An account manager is to develop the opportunity, from now on or instead of somebody else."""

    opportunity_id: int
    assignee_id: int
    assignee_name: PersonalText
    reason: str


class OpportunityWon(Event, type="marketing.opportunity.won"):
    """The customer buys: there is a customer to look after from now on."""

    opportunity_id: int
    customer_name: str
    contact_name: PersonalText
    contact_phone: PersonalText
    manager_id: int
    manager_name: PersonalText
    product: str
    amount_minor: int
    currency: str


class OpportunityFailed(Event, type="marketing.opportunity.failed"):
    """The development was stopped; nothing will come of it."""

    opportunity_id: int
    reason: str


class OpportunityLinked(Event, type="marketing.opportunity.linked"):
    """The customer that came of a won opportunity is known."""

    opportunity_id: int
    customer_no: str


class OpportunityLinkRequested(Event, type="marketing.opportunity.link-requested"):
    """We still do not know which customer came of a won opportunity, and ask for it."""

    opportunity_id: int
    customer_name: str
    contact_name: PersonalText
    contact_phone: PersonalText
    manager_id: int
    manager_name: PersonalText


class OpportunityClosed(Conflict):
    """The opportunity is won or failed and can only be read."""

    opportunity_id: int
    status_code: int


class OpportunityNotInDevelopment(Conflict):
    """The opportunity is not assigned to anybody yet."""

    opportunity_id: int


class OpportunityAlreadyAssigned(Conflict):
    """Only an unassigned opportunity can be edited or deleted."""

    opportunity_id: int


class ReassignmentNeedsReason(Conflict):
    """Somebody develops this opportunity already; say why another should."""

    opportunity_id: int
    assignee_id: int


class NothingWasDone(Conflict):
    """No plan item has a result yet, so there is nothing this could have been won by."""

    opportunity_id: int


class NotTheAssignee(Forbidden):
    """Only the assignee or a supervisor may do this."""


def _because_not_unassigned(opportunity: Any) -> Conflict:
    if opportunity.status in CLOSED:
        return _because_closed(opportunity)
    return OpportunityAlreadyAssigned(opportunity_id=opportunity.id)


def _because_not_in_development(opportunity: Any) -> Conflict:
    if opportunity.status in CLOSED:
        return _because_closed(opportunity)
    return OpportunityNotInDevelopment(opportunity_id=opportunity.id)


def _because_closed(opportunity: Any) -> Conflict:
    return OpportunityClosed(opportunity_id=opportunity.id, status_code=opportunity.status)


def is_developed_by(case: Case) -> None:
    """The assignee, or somebody who may assign, develops an opportunity."""
    if case.who.user_id != case.record.assignee_id and not case.who.has("opportunity:assign"):
        raise NotTheAssignee(needs="opportunity:assign")


def is_assigned(case: Case) -> None:
    """Only the assignee knows what came of a plan."""
    if case.who.user_id != case.record.assignee_id:
        raise NotTheAssignee(needs="plan:execute")


def something_was_done(case: Case) -> None:
    """Won by what was done: at least one plan item has a result."""
    if case.facts["plan_items_with_result"] < 1:
        raise NothingWasDone(opportunity_id=case.record.id)


def must_be_in_development(opportunity: Any) -> None:
    """Whatever belongs to an opportunity changes only while somebody develops it."""
    if opportunity.status != Status.IN_DEVELOPMENT:
        raise _because_not_in_development(opportunity)


LIFE_CYCLE = Machine(
    noun="opportunity",
    states=Status,
    final=CLOSED,
    moves=[
        Move("create", to=Status.UNASSIGNED, needs="opportunity:create"),
        Move("edit", Status.UNASSIGNED, needs="opportunity:create", refuses=_because_not_unassigned),
        Move("delete", Status.UNASSIGNED, needs="opportunity:create", removes=True, refuses=_because_not_unassigned),
        Move("assign", (Status.UNASSIGNED, Status.IN_DEVELOPMENT), to=Status.IN_DEVELOPMENT,
             needs="opportunity:assign", refuses=_because_closed),
        Move("win", Status.IN_DEVELOPMENT, to=Status.WON, needs="opportunity:develop",
             guards=[is_developed_by, something_was_done], refuses=_because_not_in_development),
        Move("fail", Status.IN_DEVELOPMENT, to=Status.FAILED, needs="opportunity:develop",
             guards=[is_developed_by], refuses=_because_not_in_development),
    ],
)  # fmt: skip


class Opportunity(Aggregate, Base):
    """The aggregate; ``status`` moves 1 → 2 → 3 or 4 and never back."""

    __tablename__ = "sal_chance"
    __table_args__ = (
        # the lists people open: by state, by person, newest first
        sa.Index("sal_chance_by_status", "status", "created_at", "id"),
        sa.Index("sal_chance_by_age", "created_at", "id"),
        sa.Index("sal_chance_by_assignee", "assignee_id", "status", "created_at"),
        sa.Index("sal_chance_by_creator", "creator_id", "created_at"),
    )
    noun = "opportunity"
    machine = LIFE_CYCLE
    owners = ("creator_id", "assignee_id")

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    source: Mapped[str] = mapped_column(sa.String(50), default="")
    customer_name: Mapped[str] = mapped_column(sa.String(100))
    title: Mapped[str] = mapped_column(sa.String(200))
    success_rate: Mapped[int] = mapped_column(sa.Integer)
    contact_name: Mapped[str] = mapped_column(sa.String(50), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(50), default="")
    description: Mapped[str] = mapped_column(sa.String(2000))
    product: Mapped[str] = mapped_column(sa.String(100), default="")
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    creator_id: Mapped[int] = mapped_column(sa.BigInteger)
    creator_name: Mapped[str] = mapped_column(sa.String(50))
    created_at: Mapped[datetime]
    assignee_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    assignee_name: Mapped[str | None] = mapped_column(sa.String(50))
    assigned_at: Mapped[datetime | None]
    status: Mapped[int] = mapped_column(sa.Integer, default=Status.UNASSIGNED)
    closed_at: Mapped[datetime | None]
    failure_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    customer_no: Mapped[str | None] = mapped_column(sa.String(17))

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, by_id: int, by_name: str, at: datetime) -> Opportunity:
        """A new, unassigned opportunity; creator and moment come from the login and the clock."""
        defaults = {"source": "", "contact_name": "", "contact_phone": "", "product": ""}
        money = {"amount_minor": 0, "currency": "CNY"}
        return cls(
            **{**defaults, **money, **fields},
            creator_id=by_id,
            creator_name=by_name,
            created_at=at,
            status=Status.UNASSIGNED,
            failure_reason="",
        )

    def created(self) -> OpportunityCreated:
        return OpportunityCreated(
            opportunity_id=self.id,
            customer_name=self.customer_name,
            title=self.title,
            success_rate=self.success_rate,
            owner_id=self.creator_id,
            owner_name=self.creator_name,
            product=self.product,
            amount_minor=self.amount_minor,
            currency=self.currency,
        )

    def edit(self, fields: Mapping[str, Any]) -> OpportunityEdited | None:
        """Correct an unassigned opportunity; nothing is said when nothing differs."""
        LIFE_CYCLE.must_be_able("edit", self)
        if not self.change(**fields):
            return None
        return OpportunityEdited(
            opportunity_id=self.id,
            customer_name=self.customer_name,
            title=self.title,
            success_rate=self.success_rate,
            product=self.product,
            amount_minor=self.amount_minor,
            currency=self.currency,
        )

    def delete(self) -> OpportunityDeleted:
        LIFE_CYCLE.must_be_able("delete", self)
        return OpportunityDeleted(opportunity_id=self.id)

    def assign(self, *, to_id: int, to_name: str, reason: str, at: datetime) -> OpportunityAssigned:
        """Give it to an account manager; taking it from somebody needs a reason."""
        LIFE_CYCLE.must_be_able("assign", self)
        if self.assignee_id is not None and not reason:
            raise ReassignmentNeedsReason(opportunity_id=self.id, assignee_id=self.assignee_id)
        self.assignee_id, self.assignee_name, self.assigned_at = to_id, to_name, at
        self.status = Status.IN_DEVELOPMENT
        return OpportunityAssigned(opportunity_id=self.id, assignee_id=to_id, assignee_name=to_name, reason=reason)

    def win(self, *, at: datetime) -> OpportunityWon:
        """The customer buys."""
        LIFE_CYCLE.must_be_able("win", self)
        self.status, self.closed_at = Status.WON, at
        return OpportunityWon(
            **self._introduction(), product=self.product, amount_minor=self.amount_minor, currency=self.currency
        )

    def fail(self, *, reason: str, at: datetime) -> OpportunityFailed:
        """Stop the development; the reason stays with the record."""
        LIFE_CYCLE.must_be_able("fail", self)
        self.status, self.closed_at, self.failure_reason = Status.FAILED, at, reason
        return OpportunityFailed(opportunity_id=self.id, reason=reason)

    def link(self, customer_no: str) -> OpportunityLinked | None:
        """Remember the customer that came of it; hearing it twice changes nothing."""
        if self.status != Status.WON or not self.change(customer_no=customer_no):
            return None
        return OpportunityLinked(opportunity_id=self.id, customer_no=customer_no)

    def request_link(self) -> OpportunityLinkRequested | None:
        """Ask which customer came of it; nothing is asked when we know."""
        if self.status != Status.WON or self.customer_no is not None:
            return None
        return OpportunityLinkRequested(**self._introduction())

    def says_the_same(self, fields: Mapping[str, Any], status: Status) -> bool:
        """Whether an imported record tells nothing new about this opportunity."""
        return self.status == status and all(getattr(self, name) == value for name, value in fields.items())

    def _introduction(self) -> dict[str, Any]:
        """What somebody needs to know to open the customer and look after it."""
        return {
            "opportunity_id": self.id,
            "customer_name": self.customer_name,
            "contact_name": self.contact_name,
            "contact_phone": self.contact_phone,
            "manager_id": self.assignee_id or self.creator_id,
            "manager_name": self.assignee_name or self.creator_name,
        }

"""Opportunities: what they are, how they move from unassigned to won or failed, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column

from chassis.database import BigId
from chassis.erasable import Erasable
from chassis.events import Event
from chassis.personal import free_text, personal, personal_column, text_column
from chassis.transaction import Aggregate
from marketing.base import Base
from marketing.opportunity.life_cycle import LIFE_CYCLE, ReassignmentNeedsReason, Status

ASSIGNEE_ROLE = "account-manager"
HEATS = ("hot", "warm", "cold")

ContactOfIt = Annotated[str, personal(opportunity="opportunity_id")]
CustomerOfIt = Annotated[str, personal(prospect="opportunity_id")]
AboutIt = Annotated[str, free_text(opportunity="opportunity_id", prospect="opportunity_id")]
Manager = Annotated[str, personal(user="manager_id")]
CONTACT_OF_IT = personal_column(opportunity="id")
CUSTOMER_OF_IT = personal_column(prospect="id")
ABOUT_IT = text_column(opportunity="id", prospect="id")
"""An opportunity is about two: the contact whom we may call, and the one who may become a customer, its *prospect*."""


class OpportunityCreated(Event, type="marketing.opportunity.created"):
    """Somebody noticed that a customer may buy."""

    opportunity_id: int
    customer_name: CustomerOfIt
    title: AboutIt
    success_rate: int
    owner_id: int
    owner_name: Annotated[str, personal(user="owner_id")]
    product: str
    amount_minor: int
    currency: str


class OpportunityEdited(Event, type="marketing.opportunity.edited"):
    """The description of an unassigned opportunity was corrected."""

    opportunity_id: int
    customer_name: CustomerOfIt
    title: AboutIt
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
    assignee_name: Annotated[str, personal(user="assignee_id")]
    reason: AboutIt
    customer_name: Annotated[str, personal(prospect="opportunity_id")] = ""
    title: AboutIt = ""


class OpportunityProgressed(Event, type="marketing.opportunity.progressed"):
    """Something came of the work on an opportunity: it is worth more or less, sooner or later, likelier or not."""

    opportunity_id: int
    success_rate: int
    heat: str
    product: str
    amount_minor: int
    currency: str
    expected_on: date | None
    note: AboutIt


class OpportunityIdle(Event, type="marketing.opportunity.idle"):
    """Nothing has happened to an opportunity for a while; whoever develops it should look."""

    opportunity_id: int
    title: AboutIt
    customer_name: CustomerOfIt
    assignee_id: int
    idle_since: datetime


class OpportunityWon(Event, type="marketing.opportunity.won"):
    """The customer buys: there is a customer to look after from now on."""

    opportunity_id: int
    customer_name: CustomerOfIt
    contact_name: ContactOfIt
    contact_phone: ContactOfIt
    manager_id: int
    manager_name: Manager
    product: str
    amount_minor: int
    currency: str


class OpportunityFailed(Event, type="marketing.opportunity.failed"):
    """The development was stopped; nothing will come of it."""

    opportunity_id: int
    reason: AboutIt


class OpportunityLinked(Event, type="marketing.opportunity.linked"):
    """The customer that came of a won opportunity is known."""

    opportunity_id: int
    customer_no: str


class OpportunityLinkRequested(Event, type="marketing.opportunity.link-requested"):
    """We still do not know which customer came of a won opportunity, and ask for it."""

    opportunity_id: int
    customer_name: CustomerOfIt
    contact_name: ContactOfIt
    contact_phone: ContactOfIt
    manager_id: int
    manager_name: Manager


_plan = sa.table("sal_plan", sa.column("opportunity_id"), sa.column("result"))


class Opportunity(Erasable, Aggregate, Base):
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
    source: Mapped[str] = mapped_column(sa.String(50), default="", info=ABOUT_IT)
    customer_name: Mapped[str] = mapped_column(sa.String(100), info=CUSTOMER_OF_IT)
    title: Mapped[str] = mapped_column(sa.String(200), info=ABOUT_IT)
    success_rate: Mapped[int] = mapped_column(sa.Integer)
    contact_name: Mapped[str] = mapped_column(sa.String(50), default="", info=CONTACT_OF_IT)
    contact_phone: Mapped[str] = mapped_column(sa.String(50), default="", info=CONTACT_OF_IT)
    description: Mapped[str] = mapped_column(sa.String(2000), info=ABOUT_IT)
    product: Mapped[str] = mapped_column(sa.String(100), default="")
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    creator_id: Mapped[int] = mapped_column(sa.BigInteger)
    creator_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="creator_id"))
    created_at: Mapped[datetime]
    assignee_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    assignee_name: Mapped[str | None] = mapped_column(sa.String(50), info=personal_column(user="assignee_id"))
    assigned_at: Mapped[datetime | None]
    status: Mapped[int] = mapped_column(sa.Integer, default=Status.UNASSIGNED)
    closed_at: Mapped[datetime | None]
    failure_reason: Mapped[str] = mapped_column(sa.String(500), default="", info=ABOUT_IT)
    customer_no: Mapped[str | None] = mapped_column(sa.String(17))
    heat: Mapped[str] = mapped_column(sa.String(10), default="", server_default="")
    expected_on: Mapped[date | None] = mapped_column(sa.Date)
    moved_at: Mapped[datetime | None]
    idle_since: Mapped[datetime | None]
    plan_items_with_result: Mapped[int] = column_property(
        sa.select(sa.func.count()).where(_plan.c.opportunity_id == id, _plan.c.result != "").scalar_subquery(),
        expire_on_flush=False,
    )
    """Read with the opportunity, for winning depends on it."""

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, by_id: int, by_name: str, at: datetime) -> Opportunity:
        """A new, unassigned opportunity; creator and moment come from the login and the clock."""
        defaults = {"source": "", "contact_name": "", "contact_phone": "", "product": "", "heat": ""}
        money = {"amount_minor": 0, "currency": "CNY"}
        return cls(
            **{**defaults, **money, **fields},
            creator_id=by_id,
            creator_name=by_name,
            created_at=at,
            moved_at=at,
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
        self.moved_at, self.idle_since = at, None
        self.status = Status.IN_DEVELOPMENT
        return OpportunityAssigned(
            opportunity_id=self.id,
            assignee_id=to_id,
            assignee_name=to_name,
            reason=reason,
            customer_name=self.customer_name,
            title=self.title,
        )

    def progress(self, fields: Mapping[str, Any], *, note: str, at: datetime) -> OpportunityProgressed:
        """Note what came of the work; saying so is progress even when no number differs."""
        LIFE_CYCLE.must_be_able("progress", self)
        self.change(**fields, moved_at=at, idle_since=None)
        return OpportunityProgressed(
            opportunity_id=self.id,
            success_rate=self.success_rate,
            heat=self.heat,
            product=self.product,
            amount_minor=self.amount_minor,
            currency=self.currency,
            expected_on=self.expected_on,
            note=note,
        )

    def fall_idle(self, *, since: datetime) -> OpportunityIdle:
        """Nobody has done anything about it since then."""
        LIFE_CYCLE.must_be_able("fall-idle", self)
        self.idle_since = since
        return OpportunityIdle(
            opportunity_id=self.id,
            title=self.title,
            customer_name=self.customer_name,
            assignee_id=self.assignee_id or self.creator_id,
            idle_since=since,
        )

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

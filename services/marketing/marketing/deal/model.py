"""Deals: with whom, about how much, in which stage, and how they end."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.erasable import Erasable
from chassis.events import Event
from chassis.personal import free_text, personal, personal_column, text_column
from chassis.principal import Principal
from chassis.problems import Invalid, wrong_field
from chassis.transaction import Aggregate
from marketing.base import Base
from marketing.copies import Partner
from marketing.deal.life_cycle import LIFE_CYCLE, Status
from marketing.pipeline.model import Kind, PipelineClosed, Shape, Way

AboutIt = Annotated[str, free_text(deal="deal_id", buyer="deal_id", customer="customer_no")]
CONTACT_OF_IT = personal_column(deal="id", contact="contact_id")
CUSTOMER_OF_IT = personal_column(buyer="id", customer="customer_no")
ABOUT_IT = text_column(deal="id", buyer="id", customer="customer_no")
"""A deal is about two, like an opportunity: the contact whom we may call, and its *buyer*."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bargain:
    """What every event about a deal says."""

    deal_id: int
    name: AboutIt
    customer_no: str | None
    customer_name: Annotated[str, personal(buyer="deal_id", customer="customer_no")]
    contact_id: int | None
    contact_name: Annotated[str, personal(deal="deal_id", contact="contact_id")]
    owner_id: int
    owner_name: Annotated[str, personal(user="owner_id")]
    amount_minor: int
    currency: str
    expected_on: date
    kind: str
    source: AboutIt
    campaign_id: int | None
    pipeline: str
    stage: str
    stage_position: int
    probability: int
    entered_at: datetime


class DealCreated(Bargain, Event, type="marketing.deal.created"):
    """Somebody may buy something."""

    created_at: datetime
    lead_id: int | None


class DealEdited(Bargain, Event, type="marketing.deal.edited"):
    """What we know of a deal was corrected."""


class DealStageChanged(Bargain, Event, type="marketing.deal.stage-changed"):
    """A deal went on, or back, to another stage."""

    from_stage: str
    from_position: int
    left_after_seconds: int


class DealWon(Bargain, Event, type="marketing.deal.won"):
    """The customer buys."""

    from_stage: str
    left_after_seconds: int
    won_at: datetime


class DealLost(Bargain, Event, type="marketing.deal.lost"):
    """Nothing comes of the deal."""

    from_stage: str
    left_after_seconds: int
    reason: AboutIt
    competitor: str
    lost_at: datetime


class DealTransferred(Bargain, Event, type="marketing.deal.transferred"):
    """Somebody else goes on with the deal."""

    from_owner_id: int


class DealLinked(Bargain, Event, type="marketing.deal.linked"):
    """The customer of the deal is known."""


class DealCustomerRequested(Bargain, Event, type="marketing.deal.customer-requested"):
    """We do not know the customer of a deal yet, and ask again."""


class Deal(Erasable, Aggregate, Base):
    """The aggregate; ``stage`` names one of its pipeline's stages."""

    __tablename__ = "sal_deal"
    __table_args__ = (
        sa.Index("sal_deal_of_stage", "pipeline", "stage", "created_at", "id"),
        sa.Index("sal_deal_of_owner", "owner_id", "status", "created_at"),
        sa.Index("sal_deal_expected", "status", "expected_on"),
        sa.Index("sal_deal_newest", "created_at", "id"),
    )
    noun = "deal"
    machine = LIFE_CYCLE
    owners = ("owner_id",)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200), info=ABOUT_IT)
    customer_no: Mapped[str | None] = mapped_column(sa.String(17), index=True)
    customer_name: Mapped[str] = mapped_column(sa.String(100), info=CUSTOMER_OF_IT)
    contact_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    contact_name: Mapped[str] = mapped_column(sa.String(50), default="", info=CONTACT_OF_IT)
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    expected_on: Mapped[date] = mapped_column(sa.Date)
    kind: Mapped[str] = mapped_column(sa.String(50), default="")
    source: Mapped[str] = mapped_column(sa.String(50), default="", index=True, info=ABOUT_IT)
    campaign_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    lead_id: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)
    pipeline: Mapped[str] = mapped_column(sa.String(30))
    stage: Mapped[str] = mapped_column(sa.String(30))
    stage_position: Mapped[int] = mapped_column(sa.Integer)
    probability: Mapped[int] = mapped_column(sa.Integer)
    status: Mapped[str] = mapped_column(sa.String(20), index=True)
    description: Mapped[str] = mapped_column(sa.String(2000), default="", info=ABOUT_IT)
    contact_summary: Mapped[str] = mapped_column(sa.String(500), default="", info=ABOUT_IT)
    next_contact_on: Mapped[date | None] = mapped_column(sa.Date)
    owner_id: Mapped[int] = mapped_column(sa.BigInteger)
    owner_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="owner_id"))
    created_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(500), default="", info=ABOUT_IT)
    competitor: Mapped[str] = mapped_column(sa.String(100), default="")

    @classmethod
    def begin(cls, fields: Mapping[str, Any], partner: Partner, way: Way, *, by: Principal, at: datetime) -> Deal:
        """A new deal in an open stage of an active pipeline. Raises PipelineClosed or Invalid."""
        if not way.is_active:
            raise PipelineClosed(pipeline=way.code)
        stage = way.stage(fields["stage"]) if fields.get("stage") else way.first()
        must_be_open(stage)
        own = {name: value for name, value in fields.items() if name not in ("stage", "pipeline")}
        blank = {"kind": "", "source": "", "description": "", "contact_summary": "", "currency": "CNY"}
        deal = cls(
            **{**blank, **own, **vars(partner)},
            pipeline=way.code,
            status=Status.OPEN,
            owner_id=by.user_id,
            owner_name=by.name,
            created_at=at,
            reason="",
            competitor="",
        )
        deal.must_have(stage.required)
        deal._enter(stage, at)
        return deal

    def created(self) -> DealCreated:
        return DealCreated(**self._bargain(), created_at=self.created_at, lead_id=self.lead_id)

    def edit(self, fields: Mapping[str, Any]) -> DealEdited | None:
        """Correct what we know; what its stage asks for has to stay."""
        LIFE_CYCLE.must_be_able("edit", self)
        return DealEdited(**self._bargain()) if self.change(**fields) else None

    def change_stage(
        self, to: Shape, fields: Mapping[str, Any], *, at: datetime
    ) -> DealStageChanged | DealEdited | None:
        """Go on, or back, among the open stages. Raises Invalid when the stage asks for more than there is."""
        LIFE_CYCLE.must_be_able("change-stage", self)
        must_be_open(to)
        self.change(**fields)
        self.must_have(to.required)
        if to.code == self.stage:
            return DealEdited(**self._bargain()) if fields else None
        left = self._leave(at)
        self._enter(to, at)
        return DealStageChanged(**self._bargain(), **left)

    def win(self, way: Way, *, at: datetime) -> DealWon:
        LIFE_CYCLE.must_be_able("win", self)
        left = self._leave(at)
        self._enter(way.of_kind(Kind.WON), at)
        self.status, self.closed_at = Status.WON, at
        return DealWon(
            **self._bargain(),
            from_stage=left["from_stage"],
            left_after_seconds=left["left_after_seconds"],
            won_at=at,
        )

    def lose(self, way: Way, *, reason: str, competitor: str, at: datetime) -> DealLost:
        """Lost to a competitor who is named, or otherwise; the reason stays with the record."""
        LIFE_CYCLE.must_be_able("lose", self)
        left = self._leave(at)
        kind = Kind.LOST_TO_COMPETITION if competitor else Kind.LOST
        self._enter(way.of_kind(kind), at)
        self.status, self.closed_at, self.reason, self.competitor = Status(kind), at, reason, competitor
        return DealLost(
            **self._bargain(),
            from_stage=left["from_stage"],
            left_after_seconds=left["left_after_seconds"],
            reason=reason,
            competitor=competitor,
            lost_at=at,
        )

    def transfer(self, *, to_id: int, to_name: str) -> DealTransferred | None:
        LIFE_CYCLE.must_be_able("transfer", self)
        before = self.owner_id
        if not self.change(owner_id=to_id, owner_name=to_name):
            return None
        return DealTransferred(**self._bargain(), from_owner_id=before)

    def link(self, *, customer_no: str, contact_id: int | None) -> DealLinked | None:
        """Remember the customer that was opened for it; hearing it twice changes nothing."""
        if not self.change(customer_no=customer_no, contact_id=contact_id or self.contact_id):
            return None
        return DealLinked(**self._bargain())

    def request_customer(self) -> DealCustomerRequested | None:
        return None if self.customer_no else DealCustomerRequested(**self._bargain())

    def must_have(self, required: Any) -> None:
        """Raises Invalid, naming each field that the stage asks for and the deal has not, unless it was erased."""
        missing = [name for name in required if not getattr(self, name) and not self.is_gone(name)]
        if missing:
            errors = [
                {"pointer": f"/{name}", "detail": "This stage asks for it", "code": "required"} for name in missing
            ]
            raise Invalid(errors=errors)

    def _enter(self, stage: Shape, at: datetime) -> None:
        self.stage, self.stage_position, self.probability = stage.code, stage.position, stage.probability
        self.entered_at = at

    def _leave(self, at: datetime) -> dict[str, Any]:
        stayed = max(0, int((at - self.entered_at).total_seconds()))
        return {"from_stage": self.stage, "from_position": self.stage_position, "left_after_seconds": stayed}

    def _bargain(self) -> dict[str, Any]:
        return {"deal_id": self.id} | {name: getattr(self, name) for name in IN_A_BARGAIN}


IN_A_BARGAIN = tuple(field.name for field in dataclasses.fields(Bargain) if field.name != "deal_id")


def must_be_open(stage: Shape) -> None:
    if stage.kind != Kind.OPEN:
        raise wrong_field("/stage", "A deal is closed by winning or losing it")

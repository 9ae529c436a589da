"""Campaigns: with members, cost lines and responses; approved by somebody else, evaluated in the end."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.personal import USER_NAME, free_text, personal, personal_column, text_column, whoever
from chassis.principal import Principal
from chassis.problems import wrong_field
from chassis.transaction import Aggregate
from marketing.base import Base
from marketing.campaign.life_cycle import LIFE_CYCLE, Status


class MemberKind(StrEnum):
    """Who or what may take part in a campaign."""

    CUSTOMER = "customer"
    CONTACT = "contact"
    LEAD = "lead"
    PRODUCT = "product"
    PARTNER = "partner"


AboutIt = Annotated[str, free_text(campaign="campaign_id")]
ABOUT_IT = text_column(campaign="id")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Undertaking:
    """What every event about a campaign says."""

    campaign_id: int
    name: AboutIt
    kind: str
    status: str
    owner_id: int
    owner_name: Annotated[str, personal(user="owner_id")]
    starts_on: date
    ends_on: date
    budget_minor: int
    currency: str
    target_responses: int


class CampaignCreated(Undertaking, Event, type="marketing.campaign.created"):
    """Somebody plans a campaign."""

    created_at: datetime


class CampaignEdited(Undertaking, Event, type="marketing.campaign.edited"):
    """The plan of a campaign was changed."""


class CampaignDeleted(Event, type="marketing.campaign.deleted"):
    """A draft was thrown away."""

    campaign_id: int


class CampaignSubmitted(Undertaking, Event, type="marketing.campaign.submitted"):
    """A campaign waits for approval."""


class CampaignApproved(Undertaking, Event, type="marketing.campaign.approved"):
    """A campaign may begin."""


class CampaignRejected(Undertaking, Event, type="marketing.campaign.rejected"):
    """A campaign goes back to its owner, with a note."""

    note: AboutIt


class CampaignStarted(Undertaking, Event, type="marketing.campaign.started"):
    """A campaign runs."""


class CampaignFinished(Undertaking, Event, type="marketing.campaign.finished"):
    """A campaign has come to its end."""


class CampaignEvaluated(Undertaking, Event, type="marketing.campaign.evaluated"):
    """Somebody said what came of a campaign."""

    evaluation: AboutIt
    score: int


class CampaignCancelled(Undertaking, Event, type="marketing.campaign.cancelled"):
    """A campaign does not take place."""

    reason: AboutIt


class CampaignHandedOver(Undertaking, Event, type="marketing.campaign.handed-over"):
    """A campaign is somebody else's, because whoever had it leaves."""

    from_owner_id: int


class MemberAdded(Event, type="marketing.campaign.member-added"):
    """Somebody or something takes part."""

    campaign_id: int
    kind: str
    reference: str
    name: Annotated[str, personal(whoever("kind", "reference"))]


class MemberRemoved(Event, type="marketing.campaign.member-removed"):
    """Somebody or something takes part no longer."""

    campaign_id: int
    kind: str
    reference: str


class CostRecorded(Event, type="marketing.campaign.cost-recorded"):
    """A campaign cost something."""

    campaign_id: int
    cost_id: int
    description: AboutIt
    amount_minor: int
    currency: str
    spent_on: date


class ResponseRecorded(Event, type="marketing.campaign.response-recorded"):
    """Somebody answered to a campaign."""

    campaign_id: int
    response_id: int
    channel: str
    number: int
    received_on: date


class Member(Base):
    """One who takes part; each once."""

    __tablename__ = "sal_campaign_member"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "kind", "reference"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("sal_campaign.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    reference: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(100), info=personal_column(whoever("kind", "reference")))


class Cost(Base):
    """Something that a campaign cost."""

    __tablename__ = "sal_campaign_cost"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("sal_campaign.id", ondelete="CASCADE"), index=True)
    description: Mapped[str] = mapped_column(sa.String(200), info=text_column(campaign="campaign_id"))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    spent_on: Mapped[date] = mapped_column(sa.Date)
    by_name: Mapped[str] = mapped_column(sa.String(50), info=USER_NAME)


class Response(Base):
    """Answers to a campaign through one channel; ``outside_id`` makes an import of them repeatable."""

    __tablename__ = "sal_campaign_response"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "channel", "outside_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("sal_campaign.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(sa.String(50))
    outside_id: Mapped[str | None] = mapped_column(sa.String(60))
    number: Mapped[int] = mapped_column(sa.Integer)
    note: Mapped[str] = mapped_column(sa.String(500), default="", info=text_column(campaign="campaign_id"))
    received_on: Mapped[date] = mapped_column(sa.Date)


class Campaign(Aggregate, Base):
    """The aggregate."""

    __tablename__ = "sal_campaign"
    __table_args__ = (
        sa.Index("sal_campaign_newest", "created_at", "id"),
        sa.Index("sal_campaign_of_owner", "owner_id", "status"),
    )
    noun = "campaign"
    machine = LIFE_CYCLE

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(100), info=ABOUT_IT)
    kind: Mapped[str] = mapped_column(sa.String(50), default="", index=True)
    status: Mapped[str] = mapped_column(sa.String(12), index=True)
    owner_id: Mapped[int] = mapped_column(sa.BigInteger)
    owner_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="owner_id"))
    starts_on: Mapped[date] = mapped_column(sa.Date, index=True)
    ends_on: Mapped[date] = mapped_column(sa.Date)
    budget_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    target_responses: Mapped[int] = mapped_column(sa.Integer)
    cost_minor: Mapped[int] = mapped_column(sa.BigInteger)
    responses: Mapped[int] = mapped_column(sa.Integer)
    description: Mapped[str] = mapped_column(sa.String(2000), default="", info=ABOUT_IT)
    note: Mapped[str] = mapped_column(sa.String(500), default="", info=ABOUT_IT)
    evaluation: Mapped[str] = mapped_column(sa.String(2000), default="", info=ABOUT_IT)
    score: Mapped[int | None] = mapped_column(sa.Integer)
    created_at: Mapped[datetime]

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, by: Principal, at: datetime) -> Campaign:
        """A new draft. Raises Invalid when it ends before it begins."""
        usual = {"kind": "", "budget_minor": 0, "currency": "CNY", "target_responses": 0, "description": ""}
        whose = {"owner_id": by.user_id, "owner_name": by.name, "created_at": at}
        blank = {"note": "", "evaluation": "", "cost_minor": 0, "responses": 0}
        campaign = cls(**{**usual, **fields}, **whose, **blank, status=Status.DRAFT)
        must_be_in_order(campaign.starts_on, campaign.ends_on)
        return campaign

    def created(self) -> CampaignCreated:
        return CampaignCreated(**self._undertaking(), created_at=self.created_at)

    def edit(self, fields: Mapping[str, Any]) -> CampaignEdited | None:
        LIFE_CYCLE.must_be_able("edit", self)
        must_be_in_order(fields.get("starts_on", self.starts_on), fields.get("ends_on", self.ends_on))
        return CampaignEdited(**self._undertaking()) if self.change(**fields) else None

    def delete(self) -> CampaignDeleted:
        LIFE_CYCLE.must_be_able("delete", self)
        return CampaignDeleted(campaign_id=self.id)

    def submit(self) -> CampaignSubmitted:
        self._go("submit", Status.SUBMITTED)
        return CampaignSubmitted(**self._undertaking())

    def approve(self) -> CampaignApproved:
        self._go("approve", Status.APPROVED)
        return CampaignApproved(**self._undertaking())

    def reject(self, *, note: str) -> CampaignRejected:
        self._go("reject", Status.DRAFT)
        self.note = note
        return CampaignRejected(**self._undertaking(), note=note)

    def start(self) -> CampaignStarted:
        self._go("start", Status.RUNNING)
        return CampaignStarted(**self._undertaking())

    def finish(self) -> CampaignFinished:
        self._go("finish", Status.FINISHED)
        return CampaignFinished(**self._undertaking())

    def evaluate(self, *, evaluation: str, score: int) -> CampaignEvaluated:
        self._go("evaluate", Status.EVALUATED)
        self.evaluation, self.score = evaluation, score
        return CampaignEvaluated(**self._undertaking(), evaluation=evaluation, score=score)

    def cancel(self, *, reason: str) -> CampaignCancelled:
        self._go("cancel", Status.CANCELLED)
        self.note = reason
        return CampaignCancelled(**self._undertaking(), reason=reason)

    def hand_over(self, *, to_id: int, to_name: str) -> CampaignHandedOver:
        LIFE_CYCLE.must_be_able("hand-over", self)
        before, self.owner_id, self.owner_name = self.owner_id, to_id, to_name
        return CampaignHandedOver(**self._undertaking(), from_owner_id=before)

    def spend(self, cost: Cost) -> CostRecorded:
        """A cost line; the sum stands in the campaign itself."""
        LIFE_CYCLE.must_be_able("record-cost", self)
        self.cost_minor += cost.amount_minor
        return CostRecorded(
            campaign_id=self.id,
            cost_id=cost.id,
            description=cost.description,
            amount_minor=cost.amount_minor,
            currency=self.currency,
            spent_on=cost.spent_on,
        )

    def count(self, response: Response) -> ResponseRecorded:
        """Answers; the sum stands in the campaign itself."""
        LIFE_CYCLE.must_be_able("record-response", self)
        self.responses += response.number
        return ResponseRecorded(
            campaign_id=self.id,
            response_id=response.id,
            channel=response.channel,
            number=response.number,
            received_on=response.received_on,
        )

    def _go(self, action: str, to: Status) -> None:
        LIFE_CYCLE.must_be_able(action, self)
        self.status = to

    def _undertaking(self) -> dict[str, Any]:
        return {"campaign_id": self.id} | {name: getattr(self, name) for name in IN_AN_UNDERTAKING}


IN_AN_UNDERTAKING = tuple(field.name for field in dataclasses.fields(Undertaking) if field.name != "campaign_id")


def must_be_in_order(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise wrong_field("/ends_on", "A campaign does not end before it begins")

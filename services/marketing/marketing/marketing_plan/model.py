"""Marketing plans: what is to be reached, where somebody was to reach it, and what came of it."""

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
from chassis.numbering import Series
from chassis.personal import free_text, personal, personal_column, text_column
from chassis.principal import Principal
from chassis.problems import wrong_field
from chassis.transaction import Aggregate
from marketing.base import Base
from marketing.marketing_plan.life_cycle import LIFE_CYCLE, FeedbackMissing, Status

NUMBERS = Series("marketing plan", "YX{yyyy}{MM}{dd}{seq:4}", 17)
"""``YX202611270001``: 营销, the day, and a running number of that day."""


class Kind(StrEnum):
    """What is planned; the dictionary has the sub-kinds of each."""

    VISIT = "visit"
    PROMOTION = "promotion"


class CheckInKind(StrEnum):
    """What somebody checks in for: being there, going on with it, leaving."""

    ARRIVAL = "arrival"
    PROGRESS = "progress"
    DEPARTURE = "departure"


AboutIt = Annotated[str, free_text({"marketing-plan": "marketing_plan_id"})]
ABOUT_IT = text_column({"marketing-plan": "id"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Intention:
    """What every event about a marketing plan says."""

    marketing_plan_id: int
    plan_no: str
    title: AboutIt
    kind: str
    sub_kind: str
    status: str
    owner_id: int
    owner_name: Annotated[str, personal(user="owner_id")]
    starts_on: date
    ends_on: date
    cost_minor: int
    currency: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reviewed(Intention):
    """What every event about a review says beside it."""

    reviewer_id: int
    reviewer_name: Annotated[str, personal(user="reviewer_id")]
    note: AboutIt


class MarketingPlanCreated(Intention, Event, type="marketing.marketing-plan.created"):
    """Somebody plans visits or a promotion."""

    goal: AboutIt
    created_at: datetime


class MarketingPlanEdited(Intention, Event, type="marketing.marketing-plan.edited"):
    """It is planned otherwise."""


class MarketingPlanDeleted(Event, type="marketing.marketing-plan.deleted"):
    """A draft was thrown away."""

    marketing_plan_id: int


class MarketingPlanSubmitted(Intention, Event, type="marketing.marketing-plan.submitted"):
    """A marketing plan waits for its review."""

    needs_second_review: bool


class MarketingPlanEndorsed(Reviewed, Event, type="marketing.marketing-plan.endorsed"):
    """One of two reviewers agrees; because of what it costs, another one has to."""


class MarketingPlanApproved(Reviewed, Event, type="marketing.marketing-plan.approved"):
    """A marketing plan can be carried out."""


class MarketingPlanRejected(Reviewed, Event, type="marketing.marketing-plan.rejected"):
    """A marketing plan goes back to its owner, with a note."""


class MarketingPlanStarted(Intention, Event, type="marketing.marketing-plan.started"):
    """The first check-in, or its day, has come."""


class CheckedIn(Intention, Event, type="marketing.marketing-plan.checked-in"):
    """Somebody who carries a marketing plan out says where he or she is."""

    check_in_id: int
    check_in_kind: str
    at: datetime
    latitude: Annotated[str, personal(user="by_id")]
    longitude: Annotated[str, personal(user="by_id")]
    region: Annotated[str, personal(user="by_id")]
    is_late: bool
    by_id: int
    by_name: Annotated[str, personal(user="by_id")]


class MarketingPlanLate(Intention, Event, type="marketing.marketing-plan.late"):
    """Nobody had checked in when its first day was over; a superior should look."""

    escalated_to_id: int


class MarketingPlanFinished(Intention, Event, type="marketing.marketing-plan.finished"):
    """A marketing plan has come to its end."""


class FeedbackSaved(Intention, Event, type="marketing.marketing-plan.feedback-saved"):
    """What came of a marketing plan was written down; it may still be changed."""

    result: AboutIt
    achievement: int


class FeedbackSubmitted(Intention, Event, type="marketing.marketing-plan.feedback-submitted"):
    """What came of a marketing plan is final."""

    result: AboutIt
    achievement: int


class MarketingPlanCancelled(Intention, Event, type="marketing.marketing-plan.cancelled"):
    """A marketing plan is not carried out."""

    reason: AboutIt


class MarketingPlanHandedOver(Intention, Event, type="marketing.marketing-plan.handed-over"):
    """A marketing plan is somebody else's, because whoever had it leaves."""

    from_owner_id: int


class CheckIn(Base):
    """Where somebody was, and when; a degree is a decimal text, so that it can be blanked."""

    __tablename__ = "sal_check_in"
    __table_args__ = (sa.Index("sal_check_in_of_plan", "marketing_plan_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    marketing_plan_id: Mapped[int] = mapped_column(sa.ForeignKey("sal_marketing_plan.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    at: Mapped[datetime] = mapped_column(index=True)
    latitude: Mapped[str] = mapped_column(sa.String(11), info=personal_column(user="by_id"))
    longitude: Mapped[str] = mapped_column(sa.String(11), info=personal_column(user="by_id"))
    region: Mapped[str] = mapped_column(sa.String(100), info=personal_column(user="by_id"))
    note: Mapped[str] = mapped_column(sa.String(500), info=text_column({"marketing-plan": "marketing_plan_id"}))
    photo_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    is_late: Mapped[bool]
    by_id: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    by_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="by_id"))


class MarketingPlan(Aggregate, Base):
    """The aggregate."""

    __tablename__ = "sal_marketing_plan"
    __table_args__ = (
        sa.Index("sal_marketing_plan_of_owner", "owner_id", "status"),
        sa.Index("sal_marketing_plan_by_day", "status", "starts_on"),
    )
    noun = "marketing-plan"
    machine = LIFE_CYCLE
    owners = ("owner_id",)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_no: Mapped[str] = mapped_column(sa.String(17), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200), info=ABOUT_IT)
    kind: Mapped[str] = mapped_column(sa.String(12))
    sub_kind: Mapped[str] = mapped_column(sa.String(50))
    goal: Mapped[str] = mapped_column(sa.String(2000), info=ABOUT_IT)
    description: Mapped[str] = mapped_column(sa.String(2000), default="", info=ABOUT_IT)
    status: Mapped[str] = mapped_column(sa.String(12))
    owner_id: Mapped[int] = mapped_column(sa.BigInteger)
    owner_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="owner_id"))
    starts_on: Mapped[date] = mapped_column(sa.Date)
    ends_on: Mapped[date] = mapped_column(sa.Date)
    cost_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    needs_second_review: Mapped[bool]
    first_reviewer_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    first_reviewer_name: Mapped[str] = mapped_column(
        sa.String(50), default="", info=personal_column(user="first_reviewer_id")
    )
    reviewer_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    reviewer_name: Mapped[str] = mapped_column(sa.String(50), default="", info=personal_column(user="reviewer_id"))
    note: Mapped[str] = mapped_column(sa.String(500), default="", info=ABOUT_IT)
    check_ins: Mapped[int] = mapped_column(sa.Integer)
    first_check_in_at: Mapped[datetime | None]
    late_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(sa.String(2000), default="", info=ABOUT_IT)
    achievement: Mapped[int | None] = mapped_column(sa.Integer)
    created_at: Mapped[datetime] = mapped_column(index=True)

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, by: Principal, at: datetime) -> MarketingPlan:
        """A new draft; ``fields`` has its number too. Raises Invalid when it ends before it begins."""
        usual = {"description": "", "cost_minor": 0, "currency": "CNY"}
        whose = {"owner_id": by.user_id, "owner_name": by.name, "created_at": at}
        blank = {"first_reviewer_name": "", "reviewer_name": "", "note": "", "result": "", "check_ins": 0}
        plan = cls(**{**usual, **fields}, **whose, **blank, needs_second_review=False, status=Status.DRAFT)
        must_be_in_order(plan.starts_on, plan.ends_on)
        return plan

    def created(self) -> MarketingPlanCreated:
        return MarketingPlanCreated(**self._intention(), goal=self.goal, created_at=self.created_at)

    def edit(self, fields: Mapping[str, Any]) -> MarketingPlanEdited | None:
        LIFE_CYCLE.must_be_able("edit", self)
        must_be_in_order(fields.get("starts_on", self.starts_on), fields.get("ends_on", self.ends_on))
        return MarketingPlanEdited(**self._intention()) if self.change(**fields) else None

    def delete(self) -> MarketingPlanDeleted:
        LIFE_CYCLE.must_be_able("delete", self)
        return MarketingPlanDeleted(marketing_plan_id=self.id)

    def submit(self, *, limit_minor: int | None) -> MarketingPlanSubmitted:
        """Ask for the review; above the limit, if there is one, two people have to agree."""
        self._go("submit", Status.UNREVIEWED)
        self.needs_second_review = limit_minor is not None and self.cost_minor > limit_minor
        self.first_reviewer_id, self.first_reviewer_name = None, ""
        return MarketingPlanSubmitted(**self._intention(), needs_second_review=self.needs_second_review)

    def approve(self, *, by: Principal, note: str) -> MarketingPlanApproved | MarketingPlanEndorsed:
        """The last approval lets it be carried out; the first of two calls for the second."""
        if self.needs_second_review and self.first_reviewer_id is None:
            self._go("approve", Status.ENDORSED)
            self.first_reviewer_id, self.first_reviewer_name = by.user_id, by.name
            return MarketingPlanEndorsed(**self._reviewed(by, note))
        self._go("approve", Status.APPROVED)
        return MarketingPlanApproved(**self._reviewed(by, note))

    def reject(self, *, by: Principal, note: str) -> MarketingPlanRejected:
        self._go("reject", Status.DRAFT)
        return MarketingPlanRejected(**self._reviewed(by, note))

    def start(self) -> MarketingPlanStarted:
        self._go("start", Status.RUNNING)
        return MarketingPlanStarted(**self._intention())

    def is_late_at(self, at: datetime) -> bool:
        """Whoever comes first is there on the first day, whoever comes later until the last."""
        return at.date() > (self.ends_on if self.first_check_in_at else self.starts_on)

    def note_check_in(self, check_in: CheckIn) -> CheckedIn:
        """Somebody is there; the first one begins it."""
        self._go("check-in", Status.RUNNING)
        self.check_ins += 1
        self.first_check_in_at = self.first_check_in_at or check_in.at
        where = {name: getattr(check_in, name) for name in SAID_OF_A_CHECK_IN}
        said: dict[str, Any] = {"check_in_id": check_in.id, "check_in_kind": check_in.kind}
        return CheckedIn(**self._intention(), **where, **said)

    def become_late(self, *, escalated_to_id: int, at: datetime) -> MarketingPlanLate:
        LIFE_CYCLE.must_be_able("become-late", self)
        self.late_at = at
        return MarketingPlanLate(**self._intention(), escalated_to_id=escalated_to_id)

    def finish(self) -> MarketingPlanFinished:
        self._go("finish", Status.FINISHED)
        return MarketingPlanFinished(**self._intention())

    def save_feedback(self, *, result: str, achievement: int) -> FeedbackSaved | None:
        LIFE_CYCLE.must_be_able("save-feedback", self)
        if not self.change(result=result, achievement=achievement):
            return None
        return FeedbackSaved(**self._intention(), result=result, achievement=achievement)

    def submit_feedback(self) -> FeedbackSubmitted:
        if self.achievement is None:
            raise FeedbackMissing(marketing_plan_id=self.id)
        self._go("submit-feedback", Status.EVALUATED)
        return FeedbackSubmitted(**self._intention(), result=self.result, achievement=self.achievement)

    def cancel(self, *, reason: str) -> MarketingPlanCancelled:
        self._go("cancel", Status.CANCELLED)
        self.note = reason
        return MarketingPlanCancelled(**self._intention(), reason=reason)

    def hand_over(self, *, to_id: int, to_name: str) -> MarketingPlanHandedOver:
        LIFE_CYCLE.must_be_able("hand-over", self)
        before, self.owner_id, self.owner_name = self.owner_id, to_id, to_name
        return MarketingPlanHandedOver(**self._intention(), from_owner_id=before)

    def _go(self, action: str, to: Status) -> None:
        LIFE_CYCLE.must_be_able(action, self)
        self.status = to

    def _reviewed(self, by: Principal, note: str) -> dict[str, Any]:
        self.reviewer_id, self.reviewer_name, self.note = by.user_id, by.name, note
        return {**self._intention(), "reviewer_id": by.user_id, "reviewer_name": by.name, "note": note}

    def _intention(self) -> dict[str, Any]:
        return {"marketing_plan_id": self.id} | {name: getattr(self, name) for name in IN_AN_INTENTION}


IN_AN_INTENTION = tuple(field.name for field in dataclasses.fields(Intention) if field.name != "marketing_plan_id")
SAID_OF_A_CHECK_IN = ("at", "latitude", "longitude", "region", "is_late", "by_id", "by_name")


def must_be_in_order(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise wrong_field("/ends_on", "A plan does not end before it begins")

"""Plan items: planned, done, and read-only once the opportunity is closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.personal import free_text, text_column
from chassis.problems import Conflict
from chassis.transaction import Aggregate
from marketing.base import Base

AboutIt = Annotated[str, free_text(plan="plan_item_id", opportunity="opportunity_id", prospect="opportunity_id")]
ABOUT_IT = text_column(plan="id", opportunity="opportunity_id", prospect="opportunity_id")


class PlanItemAdded(Event, type="marketing.plan.item-added", key="plan_item_id"):
    """Something is to be done for an opportunity."""

    plan_item_id: int
    opportunity_id: int
    planned_for: datetime
    todo: AboutIt


class PlanItemEdited(Event, type="marketing.plan.item-edited", key="plan_item_id"):
    """What is to be done, or when, was changed."""

    plan_item_id: int
    opportunity_id: int
    planned_for: datetime
    todo: AboutIt


class PlanItemDeleted(Event, type="marketing.plan.item-deleted", key="plan_item_id"):
    """It is not to be done after all."""

    plan_item_id: int
    opportunity_id: int


class PlanItemExecuted(Event, type="marketing.plan.item-executed", key="plan_item_id"):
    """It was done; this came of it."""

    plan_item_id: int
    opportunity_id: int
    result: AboutIt


class PlanItemExecutedAlready(Conflict):
    """What was done can no longer be planned otherwise."""

    plan_item_id: int


class PlanItem(Aggregate, Base):
    """One thing to do; it is open while ``result`` is empty."""

    __tablename__ = "sal_plan"
    noun = "plan"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    opportunity_id: Mapped[int] = mapped_column(sa.ForeignKey("sal_chance.id", ondelete="CASCADE"), index=True)
    planned_for: Mapped[datetime]
    todo: Mapped[str] = mapped_column(sa.String(500), info=ABOUT_IT)
    result: Mapped[str] = mapped_column(sa.String(500), default="", info=ABOUT_IT)
    executed_at: Mapped[datetime | None]

    def added(self) -> PlanItemAdded:
        return PlanItemAdded(
            plan_item_id=self.id, opportunity_id=self.opportunity_id, planned_for=self.planned_for, todo=self.todo
        )

    def edit(self, fields: Mapping[str, Any]) -> PlanItemEdited | None:
        """Plan it otherwise, as long as it is not done."""
        self.must_be_open()
        if not self.change(**fields):
            return None
        return PlanItemEdited(
            plan_item_id=self.id, opportunity_id=self.opportunity_id, planned_for=self.planned_for, todo=self.todo
        )

    def delete(self) -> PlanItemDeleted:
        self.must_be_open()
        return PlanItemDeleted(plan_item_id=self.id, opportunity_id=self.opportunity_id)

    def execute(self, *, result: str, at: datetime) -> PlanItemExecuted:
        """Record what came of it; may be said again, better."""
        self.result, self.executed_at = result, self.executed_at or at
        return PlanItemExecuted(plan_item_id=self.id, opportunity_id=self.opportunity_id, result=result)

    def must_be_open(self) -> None:
        if self.result:
            raise PlanItemExecutedAlready(plan_item_id=self.id)

"""Activities: what was talked about with a customer, when and where."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.personal import free_text, text_column
from chassis.transaction import Aggregate
from customer.base import Base

AboutTheTalk = Annotated[str, free_text(activity="activity_id", customer="customer_no")]
ABOUT_THE_TALK = text_column(activity="id", customer="customer_no")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Minutes:
    """What was written down of a talk."""

    activity_id: int
    customer_no: str
    held_at: datetime
    place: AboutTheTalk
    title: AboutTheTalk
    description: AboutTheTalk
    memo: AboutTheTalk


class ActivityRecorded(Minutes, Event, type="customer.activity.recorded"):
    """Somebody talked with the customer."""


class ActivityEdited(Minutes, Event, type="customer.activity.edited"):
    """What was written down of a talk was corrected."""


class ActivityRemoved(Event, type="customer.activity.removed"):
    """The record of a talk was thrown away."""

    activity_id: int
    customer_no: str


class ActivityMoved(Minutes, Event, type="customer.activity.moved"):
    """The record belongs to another customer now, because the two turned out to be one."""

    from_customer_no: str


class Activity(Aggregate, Base):
    """One talk; belongs to one customer."""

    __tablename__ = "cst_activity"
    noun = "activity"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_no: Mapped[str] = mapped_column(sa.ForeignKey("cst_customer.customer_no"), index=True)
    held_at: Mapped[datetime] = mapped_column(index=True)
    place: Mapped[str] = mapped_column(sa.String(200), info=ABOUT_THE_TALK)
    title: Mapped[str] = mapped_column(sa.String(500), info=ABOUT_THE_TALK)
    description: Mapped[str] = mapped_column(sa.String(2000), info=ABOUT_THE_TALK)
    memo: Mapped[str] = mapped_column(sa.String(300), info=ABOUT_THE_TALK)

    @classmethod
    def begin(cls, customer_no: str, fields: Mapping[str, Any]) -> Activity:
        return cls(**{"description": "", "memo": "", **fields}, customer_no=customer_no)

    def recorded(self) -> ActivityRecorded:
        return ActivityRecorded(**self._minutes())

    def edit(self, fields: Mapping[str, Any]) -> ActivityEdited | None:
        """Correct the record; nothing is said when nothing differs."""
        return ActivityEdited(**self._minutes()) if self.change(**fields) else None

    def remove(self) -> ActivityRemoved:
        return ActivityRemoved(activity_id=self.id, customer_no=self.customer_no)

    def move_to(self, customer_no: str) -> ActivityMoved:
        before, self.customer_no = self.customer_no, customer_no
        return ActivityMoved(**self._minutes(), from_customer_no=before)

    def _minutes(self) -> dict[str, Any]:
        return {"activity_id": self.id} | {name: getattr(self, name) for name in IN_THE_MINUTES}


IN_THE_MINUTES = tuple(field.name for field in dataclasses.fields(Minutes) if field.name != "activity_id")

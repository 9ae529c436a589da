"""The customer management report of a month: figures that never change, and who submitted them to the executives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.events import Event
from chassis.machine import Machine, Move
from chassis.personal import personal, personal_column
from chassis.principal import Principal
from chassis.problems import Conflict
from chassis.transaction import Aggregate
from reporting.base import Base


class State(StrEnum):
    """Produced by the system, submitted by a supervisor."""

    PRODUCED = "produced"
    SUBMITTED = "submitted"


class ReportSubmitted(Conflict):
    """The management report was submitted before."""

    month: str


def _because_submitted(report: Any) -> Conflict:
    return ReportSubmitted(month=report.month)


LIFE_CYCLE = Machine(
    noun="management-report",
    states=State,
    final=(State.SUBMITTED,),
    moves=[
        Move("produce", to=State.PRODUCED, by_itself=True),
        Move("submit", State.PRODUCED, to=State.SUBMITTED, needs="management-report:submit",
             refuses=_because_submitted),
    ],
)  # fmt: skip


class ManagementReportProduced(Event, type="reporting.management-report.produced", key="month"):
    """A month is over, and its figures are written down."""

    month: str
    as_of: datetime
    figures: int


class ManagementReportSubmitted(Event, type="reporting.management-report.submitted", key="month"):
    """The figures of a month are the executives' to read."""

    month: str
    submitted_by_id: int
    submitted_by_name: Annotated[str, personal(user="submitted_by_id")]
    submitted_at: datetime


class FigureLine(msgspec.Struct, frozen=True):
    """One figure as a report showed it; amounts as texts, in one currency each. It names nobody."""

    section: str
    figure: str
    currency: str
    value: str


class ManagementReport(Aggregate, Base):
    """The aggregate; ``lines`` is JSON."""

    __tablename__ = "management_report"
    noun = "management-report"
    machine = LIFE_CYCLE

    month: Mapped[str] = mapped_column(sa.String(7), primary_key=True)
    status: Mapped[str] = mapped_column(sa.String(12))
    as_of: Mapped[datetime]
    produced_at: Mapped[datetime]
    lines: Mapped[str] = mapped_column(sa.Text)
    submitted_by_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    submitted_by_name: Mapped[str] = mapped_column(
        sa.String(50), default="", info=personal_column(user="submitted_by_id")
    )
    submitted_at: Mapped[datetime | None]

    @classmethod
    def produce(cls, month: str, lines: Sequence[FigureLine], *, as_of: datetime, at: datetime) -> ManagementReport:
        text = msgspec.json.encode(lines).decode()
        return cls(month=month, status=State.PRODUCED, as_of=as_of, produced_at=at, lines=text, submitted_by_name="")

    @property
    def items(self) -> list[FigureLine]:
        return msgspec.json.decode(self.lines, type=list[FigureLine])

    def produced(self) -> ManagementReportProduced:
        return ManagementReportProduced(month=self.month, as_of=self.as_of, figures=len(self.items))

    def submit(self, *, by: Principal, at: datetime) -> ManagementReportSubmitted:
        """Once, by whoever answers for it."""
        LIFE_CYCLE.must_be_able("submit", self)
        self.status, self.submitted_at = State.SUBMITTED, at
        self.submitted_by_id, self.submitted_by_name = by.user_id, by.name
        return ManagementReportSubmitted(
            month=self.month, submitted_by_id=by.user_id, submitted_by_name=by.name, submitted_at=at
        )

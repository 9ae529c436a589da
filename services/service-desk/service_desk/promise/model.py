"""Promises: so many working minutes until the first answer, and until all is settled."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.events import Event
from chassis.problems import wrong_field
from chassis.transaction import Aggregate
from service_desk.base import Base
from service_desk.calendar.model import Hours, due_at

ANY = "any"
"""The kind that stands for every kind without a promise of its own."""
MOST_MINUTES = 60 * 24 * 60
DEFAULTS = (
    ("request", ANY, 240, 960),
    ("complaint", "minor", 240, 960),
    ("complaint", "serious", 120, 480),
    ("complaint", "critical", 30, 240),
)
"""About, kind, minutes until the first answer, minutes until all is settled. A working day has 450."""


class About(StrEnum):
    """What can be promised about: requests by their kind, complaints by their severity."""

    REQUEST = "request"
    COMPLAINT = "complaint"


class PromiseMade(Event, type="service-desk.promise.made", key="code"):
    """What comes in from now on is to be answered and settled this soon."""

    code: str
    about: str
    kind: str
    answer_minutes: int
    settle_minutes: int


@dataclasses.dataclass(frozen=True)
class Minutes:
    """Working minutes until the first answer and until all is settled."""

    answer: int
    settle: int


@dataclasses.dataclass(frozen=True)
class Promises:
    """All promises and the hours in which they are counted, as of a moment ago."""

    minutes: Mapping[tuple[str, str], Minutes]
    hours: Hours

    def due(self, about: About, kind: str, at: datetime) -> tuple[datetime, datetime]:
        """Until when to answer and until when to settle what comes in now. Raises EmptyCalendar."""
        found = self.minutes.get((about, kind)) or self.minutes[about, ANY]
        return due_at(at, found.answer, self.hours), due_at(at, found.settle, self.hours)


class Promise(Aggregate, Base):
    """The aggregate; ``code`` is ``request:咨询``."""

    __tablename__ = "cst_promise"
    noun = "promise"

    code: Mapped[str] = mapped_column(sa.String(70), primary_key=True)
    about: Mapped[str] = mapped_column(sa.String(12))
    kind: Mapped[str] = mapped_column(sa.String(50))
    answer_minutes: Mapped[int] = mapped_column(sa.Integer)
    settle_minutes: Mapped[int] = mapped_column(sa.Integer)

    @classmethod
    def begin(cls, about: str, kind: str, answer_minutes: int, settle_minutes: int) -> Promise:
        minutes = {"answer_minutes": answer_minutes, "settle_minutes": settle_minutes}
        return cls(code=code_of(about, kind), about=about, kind=kind, **minutes)

    def said(self) -> PromiseMade:
        return PromiseMade(
            code=self.code,
            about=self.about,
            kind=self.kind,
            answer_minutes=self.answer_minutes,
            settle_minutes=self.settle_minutes,
        )

    def make(self, answer_minutes: int, settle_minutes: int) -> PromiseMade | None:
        """Promise otherwise; nothing is said when nothing differs."""
        changed = self.change(answer_minutes=answer_minutes, settle_minutes=settle_minutes)
        return self.said() if changed else None


def code_of(about: str, kind: str) -> str:
    return f"{about}:{kind}"


def must_be_in_order(answer_minutes: int, settle_minutes: int) -> None:
    if answer_minutes > settle_minutes:
        raise wrong_field("/answer_minutes", "The first answer comes before all is settled")

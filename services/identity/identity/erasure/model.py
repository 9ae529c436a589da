"""Erasures: whose data is to be blanked everywhere, on which ground, and which services have done it.

Nothing here holds a personal value: people are named by the records about them, grounds are codes, and there is no room
for a remark that might name somebody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.database import BigId
from chassis.events import Event
from chassis.personal import Subject, personal_column
from chassis.problems import Conflict
from chassis.transaction import Aggregate
from identity.base import Base

PEOPLE = ("user", "contact", "customer", "lead", "opportunity", "prospect", "deal", "buyer", "visit")
"""Who can be erased: a user, a contact, a customer who is a person, a lead; the two whom an opportunity names, its
contact and its *prospect*, the customer it may lead to; the same two of a deal, its contact and its *buyer*; and whom
one visits."""
TEXTS = ("activity", "campaign", "complaint", "loss", "marketing-plan", "order", "plan", "remark", "request", "task")
"""Records that are about nobody themselves, but whose text may name somebody."""
KINDS = (*PEOPLE, *TEXTS)
MOST_SUBJECTS = 20


class Ground(StrEnum):
    """Why somebody may demand it: GDPR, article 17 (1) a to f."""

    NO_LONGER_NEEDED = "no-longer-needed"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    OBJECTION = "objection"
    UNLAWFUL = "unlawful"
    LEGAL_DUTY = "legal-duty"
    CHILD = "child"


class State(StrEnum):
    """Requested erasures are traced first; what is refused or done is over."""

    REQUESTED = "requested"
    ERASING = "erasing"
    DONE = "done"
    REFUSED = "refused"


class ErasureRequested(Event, type="identity.erasure.requested"):
    """Somebody wants to be forgotten; every service is to say which subjects are this person.

    It is said again with more subjects, ``asked`` counting up, until nobody knows of any more.
    """

    erasure_id: int
    asked: int
    subjects: tuple[str, ...]
    with_texts: bool
    ground: str
    case_no: str


class ErasureBegun(Event, type="identity.erasure.begun"):
    """All subjects that are this person are known; every service is to blank them."""

    erasure_id: int
    subjects: tuple[str, ...]
    with_texts: bool


class ErasureCompleted(Event, type="identity.erasure.completed"):
    """Every service has blanked what it held of the person."""

    erasure_id: int


class ErasureRefused(Event, type="identity.erasure.refused"):
    """There are no such records, so nobody was erased."""

    erasure_id: int
    unknown: tuple[str, ...]


class UserStillActive(Conflict):
    """Disable a user before you erase the person: a session must not write the name again."""

    user_id: int


class TextsOnly(Conflict):
    """This record is about nobody; only the text in it can be erased: say with_texts."""

    subject: str


class ErasurePart(Base):
    """How far one service is."""

    __tablename__ = "sys_erasure_part"

    erasure_id: Mapped[int] = mapped_column(sa.ForeignKey("sys_erasure.id"), primary_key=True)
    service: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    erased_at: Mapped[datetime | None]
    blanked: Mapped[str] = mapped_column(sa.Text, default="{}")

    @property
    def tables(self) -> dict[str, int]:
        """How many rows were blanked, by table."""
        found: dict[str, int] = json.loads(self.blanked)
        return found


class Erasure(Aggregate, Base):
    """The aggregate; ``state`` moves requested → erasing → done, or requested → refused."""

    __tablename__ = "sys_erasure"
    noun = "erasure"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    named: Mapped[str] = mapped_column(sa.Text)
    traced: Mapped[str] = mapped_column(sa.Text, default="[]")
    with_texts: Mapped[bool]
    ground: Mapped[str] = mapped_column(sa.String(20))
    case_no: Mapped[str] = mapped_column(sa.String(40), default="")
    state: Mapped[str] = mapped_column(sa.String(12), index=True)
    requested_by: Mapped[int] = mapped_column(sa.BigInteger)
    requested_by_name: Mapped[str] = mapped_column(sa.String(80), info=personal_column(user="requested_by"))
    requested_at: Mapped[datetime] = mapped_column(index=True)
    completed_at: Mapped[datetime | None]
    parts: Mapped[list[ErasurePart]] = relationship(order_by=ErasurePart.service, lazy="selectin")

    @property
    def subjects(self) -> list[str]:
        """All that are known to be the person; at first only those that were named."""
        found: list[str] = json.loads(self.traced) or json.loads(self.named)
        return found

    def requested(self, *, asked: int = 1, subjects: Sequence[str] = ()) -> ErasureRequested:
        """Also said again, when an answer does not come, or answers have led to more subjects."""
        return ErasureRequested(
            erasure_id=self.id,
            asked=asked,
            subjects=tuple(subjects or json.loads(self.named)),
            with_texts=self.with_texts,
            ground=self.ground,
            case_no=self.case_no,
        )

    def begin_erasing(self, traced: Iterable[str]) -> ErasureBegun:
        """Also said again."""
        self.state, self.traced = State.ERASING, json.dumps(sorted({*self.subjects, *traced}))
        return ErasureBegun(erasure_id=self.id, subjects=tuple(self.subjects), with_texts=self.with_texts)

    def note_erased(self, service: str, blanked: dict[str, int], *, at: datetime) -> None:
        """One service has done its part; told again, the first time counts."""
        for part in self.parts:
            if part.service == service and part.erased_at is None:
                part.erased_at, part.blanked = at, json.dumps(blanked)

    def complete(self, *, at: datetime) -> ErasureCompleted:
        self.state, self.completed_at = State.DONE, at
        return ErasureCompleted(erasure_id=self.id)

    def refuse(self, unknown: Sequence[str], *, at: datetime) -> ErasureRefused | None:
        """Only what has not begun can be refused."""
        if self.state != State.REQUESTED:
            return None
        self.state, self.completed_at = State.REFUSED, at
        return ErasureRefused(erasure_id=self.id, unknown=tuple(unknown))


def must_have_texts(subjects: Iterable[Subject], *, with_texts: bool) -> None:
    """Raises TextsOnly: erasing only the name from a record that has none would do nothing."""
    for subject in subjects:
        if subject.kind in TEXTS and not with_texts:
            raise TextsOnly(subject=str(subject))

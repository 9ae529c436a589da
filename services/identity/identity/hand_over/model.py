"""Hand-overs: who gives, who takes which kind of record, and how far each service is."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.database import BigId
from chassis.events import Event
from chassis.personal import personal, personal_column, text_column
from chassis.principal import Principal
from chassis.problems import Conflict
from chassis.transaction import Aggregate
from identity.base import Base
from identity.hand_over.life_cycle import LIFE_CYCLE, Status

KINDS: Mapping[str, tuple[str, ...]] = {
    "marketing": ("opportunity", "lead", "deal", "campaign", "marketing-plan", "task"),
    "customer": ("customer",),
    "service-desk": ("request", "complaint", "visit"),
}
"""What can be handed over, by the service that keeps it; each declares the same."""
ALL_KINDS = tuple(kind for kinds in KINDS.values() for kind in kinds)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Parting:
    """What every event about a hand-over says."""

    hand_over_id: int
    user_id: int


class HandOverRequested(Parting, Event, type="identity.hand-over.requested"):
    """Somebody is to hand everything over; every service is to say how much it is."""

    receivers: dict[str, int]


class HandOverCounted(Parting, Event, type="identity.hand-over.counted"):
    """Every service has said how much it is; somebody is to look at it and to confirm."""

    total: int


class HandOverConfirmed(Parting, Event, type="identity.hand-over.confirmed"):
    """Somebody looked at it and wants it done."""


class HandOverBegun(Parting, Event, type="identity.hand-over.begun"):
    """Every service is to let go over what it has; a second ``turn`` takes what came meanwhile."""

    receivers: dict[str, int]
    turn: int


class HandOverCompleted(Parting, Event, type="identity.hand-over.completed"):
    """Everything went over, and the account is disabled."""

    user_name: Annotated[str, personal(user="user_id")]
    receiver_ids: tuple[int, ...]
    total: int


class HandOverRefused(Parting, Event, type="identity.hand-over.refused"):
    """Somebody cannot take what would go over, so nothing does."""

    kind: str
    receiver_id: int
    needed_role: str


class HandOverCancelled(Parting, Event, type="identity.hand-over.cancelled"):
    """What has not gone over stays."""


class AlreadyHandingOver(Conflict):
    """There is an open hand-over of this user; confirm or cancel that one first."""

    hand_over_id: int


@dataclasses.dataclass(frozen=True)
class Item:
    """How many records of one kind there were, and how many went over."""

    kind: str
    counted: int
    moved: int


class HandOverPart(Base):
    """How far one service is."""

    __tablename__ = "sys_hand_over_part"

    hand_over_id: Mapped[int] = mapped_column(sa.ForeignKey("sys_hand_over.id"), primary_key=True)
    service: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    counted_at: Mapped[datetime | None]
    counted: Mapped[str] = mapped_column(sa.Text)
    moved_at: Mapped[datetime | None]
    moved: Mapped[str] = mapped_column(sa.Text)

    @property
    def items(self) -> list[Item]:
        """What there is of each kind."""
        counted, moved = json.loads(self.counted), json.loads(self.moved)
        return [Item(kind, counted.get(kind, 0), moved.get(kind, 0)) for kind in dict.fromkeys((*counted, *moved))]


class HandOver(Aggregate, Base):
    """The aggregate."""

    __tablename__ = "sys_hand_over"
    __table_args__ = (
        sa.Index(
            "sys_hand_over_open",
            "user_id",
            unique=True,
            postgresql_where=sa.text("completed_at IS NULL"),
            sqlite_where=sa.text("completed_at IS NULL"),
        ),
    )
    noun = "hand-over"
    machine = LIFE_CYCLE

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("sys_user.id"), index=True)
    user_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="user_id"))
    receivers_by_kind: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.String(500), info=text_column(user="user_id"))
    status: Mapped[str] = mapped_column(sa.String(12), index=True)
    requested_by: Mapped[int] = mapped_column(sa.BigInteger)
    requested_by_name: Mapped[str] = mapped_column(sa.String(80), info=personal_column(user="requested_by"))
    requested_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    refused_kind: Mapped[str] = mapped_column(sa.String(20), default="")
    refused_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    needed_role: Mapped[str] = mapped_column(sa.String(50), default="")
    parts: Mapped[list[HandOverPart]] = relationship(order_by=HandOverPart.service, lazy="selectin")

    @classmethod
    def begin(cls, fields: Mapping[str, Any], receivers: Mapping[str, int], *, by: Principal, at: datetime) -> HandOver:
        """A new hand-over that nobody has counted yet; ``fields`` are whose it is, and why."""
        parts = [HandOverPart(service=service, counted="{}", moved="{}") for service in KINDS]
        who = {"requested_by": by.user_id, "requested_by_name": by.name, "requested_at": at}
        blank = {"refused_kind": "", "needed_role": ""}
        kept = {"receivers_by_kind": json.dumps(receivers), "parts": parts, "status": Status.COUNTING}
        return cls(**fields, **who, **blank, **kept)

    @property
    def receivers(self) -> dict[str, int]:
        """Who takes which kind of record; kinds that nobody takes stay."""
        found: dict[str, int] = json.loads(self.receivers_by_kind)
        return found

    @property
    def receiver_ids(self) -> tuple[int, ...]:
        return tuple(sorted(set(self.receivers.values())))

    def requested(self) -> HandOverRequested:
        """Also said again, when an answer does not come."""
        return HandOverRequested(**self._parting(), receivers=self.receivers)

    def note_counted(self, service: str, counted: Mapping[str, int], *, at: datetime) -> HandOverCounted | None:
        """One service has counted; with the last one there is something to look at."""
        for part in self._parts_of(service):
            part.counted, part.counted_at = json.dumps(counted), at
        if not all(part.counted_at for part in self.parts):
            return None
        LIFE_CYCLE.must_be_able("become-counted", self)
        self.status = Status.COUNTED
        return HandOverCounted(**self._parting(), total=self._total("counted"))

    def refuse(self, *, kind: str, receiver_id: int, needed_role: str, at: datetime) -> HandOverRefused:
        LIFE_CYCLE.must_be_able("be-refused", self)
        self.status, self.completed_at = Status.REFUSED, at
        self.refused_kind, self.refused_id, self.needed_role = kind, receiver_id, needed_role
        return HandOverRefused(**self._parting(), kind=kind, receiver_id=receiver_id, needed_role=needed_role)

    def confirm(self, *, at: datetime) -> HandOverConfirmed:
        LIFE_CYCLE.must_be_able("confirm", self)
        self.status, self.confirmed_at = Status.MOVING, at
        return HandOverConfirmed(**self._parting())

    def begin_moving(self, turn: int) -> HandOverBegun:
        """Also said again."""
        return HandOverBegun(**self._parting(), receivers=self.receivers, turn=turn)

    def note_moved(self, service: str, moved: Mapping[str, int], *, at: datetime) -> None:
        """One service has done a turn."""
        for part in self._parts_of(service):
            part.moved, part.moved_at = json.dumps(Counter(json.loads(part.moved)) + Counter(moved)), at

    def complete(self, *, at: datetime) -> HandOverCompleted:
        LIFE_CYCLE.must_be_able("complete", self)
        self.status, self.completed_at = Status.DONE, at
        return HandOverCompleted(
            **self._parting(), user_name=self.user_name, receiver_ids=self.receiver_ids, total=self._total("moved")
        )

    def cancel(self, *, at: datetime) -> HandOverCancelled | None:
        """Called off by an administrator before, or by an operator while, everything goes over."""
        if self.status in LIFE_CYCLE.final:
            return None
        self.status, self.completed_at = Status.CANCELLED, at
        return HandOverCancelled(**self._parting())

    def _parts_of(self, service: str) -> Iterator[HandOverPart]:
        return (part for part in self.parts if part.service == service)

    def _parting(self) -> dict[str, Any]:
        return {"hand_over_id": self.id, "user_id": self.user_id}

    def _total(self, what: str) -> int:
        return sum(getattr(item, what) for part in self.parts for item in part.items)

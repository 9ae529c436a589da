"""The organisation: a tree of units, as deep as the firm is; no unit is ever below itself."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.problems import Conflict
from chassis.transaction import Aggregate
from identity.base import Base

KINDS = ("company", "region", "branch", "department")
DEMO_UNITS = (
    ("GX", "关系商贸公司", "company", "", "eve"),
    ("EAST", "华东大区", "region", "GX", "sue"),
    ("SH", "上海分公司", "branch", "EAST", ""),
    ("SALES", "销售部", "department", "SH", "sam"),
    ("MKT", "市场部", "department", "GX", "max"),
    ("SVC", "客服部", "department", "GX", "cleo"),
)
"""Code, name, kind, code of the unit above, login of the head."""


class UnitCreated(Event, type="identity.unit.created"):
    """There is a new unit."""

    unit_id: int
    name: str
    code: str | None
    kind: str
    parent_id: int | None
    head_id: int | None


class UnitEdited(Event, type="identity.unit.edited"):
    """A unit is called otherwise, or headed by somebody else."""

    unit_id: int
    name: str
    code: str | None
    kind: str
    parent_id: int | None
    head_id: int | None


class UnitMoved(Event, type="identity.unit.moved"):
    """A unit, with all that is below it, belongs to another one from now on."""

    unit_id: int
    name: str
    code: str | None
    kind: str
    parent_id: int | None
    head_id: int | None


class UnitRemoved(Event, type="identity.unit.removed"):
    """A unit that nobody belonged to is gone."""

    unit_id: int


class UnitCircle(Conflict):
    """A unit cannot be moved below itself."""

    unit_id: int
    parent_id: int


class UnitNotEmpty(Conflict):
    """Somebody still belongs to this unit, or a unit is below it; move them first."""

    unit_id: int
    people: int
    units: int


class Unit(Aggregate, Base):
    """One node of the tree; ``code`` is the short name that numbers and imports use."""

    __tablename__ = "sys_unit"
    noun = "unit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    code: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sys_unit.id"), index=True)
    head_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    position: Mapped[int] = mapped_column(sa.Integer, default=0)

    @classmethod
    def begin(cls, fields: Mapping[str, Any]) -> Unit:
        optional = {"code": None, "parent_id": None, "head_id": None, "position": 0}
        return cls(**{**optional, **fields})

    def created(self) -> UnitCreated:
        return UnitCreated(**self._said())

    def edit(self, fields: Mapping[str, Any]) -> UnitEdited | None:
        return UnitEdited(**self._said()) if self.change(**fields) else None

    def move(self, parent_id: int | None, *, above: Set[int]) -> UnitMoved | None:
        """Hang it below another unit; ``above`` are that one and all above it."""
        if parent_id is not None and self.id in above:
            raise UnitCircle(unit_id=self.id, parent_id=parent_id)
        return UnitMoved(**self._said()) if self.change(parent_id=parent_id) else None

    def remove(self, *, people: int, units: int) -> UnitRemoved:
        if people or units:
            raise UnitNotEmpty(unit_id=self.id, people=people, units=units)
        return UnitRemoved(unit_id=self.id)

    def _said(self) -> dict[str, Any]:
        names = ("name", "code", "kind", "parent_id", "head_id")
        return {"unit_id": self.id} | {name: getattr(self, name) for name in names}

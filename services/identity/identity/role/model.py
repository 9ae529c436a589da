"""Roles: which operations their holders may use, and whose records they see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.database import BigId
from chassis.events import Event
from chassis.problems import Conflict
from chassis.transaction import Aggregate
from identity.base import Base

ADMINISTRATOR = "administrator"
ALWAYS_ADMINISTRATORS = frozenset({"user:read", "user:write", "role:read", "role:write"})
"""Without these nobody could give them back."""
DATA_SCOPES = ("own", "subtree", "all")


class RoleCreated(Event, type="identity.role.created"):
    """There is a new role, still without rights."""

    role_id: int
    code: str
    name: str
    data_scope: str


class RoleEdited(Event, type="identity.role.edited"):
    """A role is called otherwise, or sees other records."""

    role_id: int
    code: str
    name: str
    data_scope: str


class RoleRightsChanged(Event, type="identity.role.rights-changed"):
    """A role may do more than before, or less, or both."""

    role_id: int
    code: str
    rights: Sequence[str]
    granted: Sequence[str]
    withdrawn: Sequence[str]


class RoleDisabled(Event, type="identity.role.disabled"):
    """The holders of a role are shut out until it is enabled again."""

    role_id: int
    code: str


class RoleEnabled(Event, type="identity.role.enabled"):
    """The holders of a role may work again."""

    role_id: int
    code: str


class AdministratorsStay(Conflict):
    """Administrators must keep the rights over users and roles, or nobody could give them back."""


class Grant(Base):
    """One right of one role."""

    __tablename__ = "sys_role_right"
    __table_args__ = (sa.UniqueConstraint("role_id", "right_code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    role_id: Mapped[int] = mapped_column(sa.ForeignKey("sys_role.id"))
    right_code: Mapped[str] = mapped_column(sa.ForeignKey("sys_right.code"))


class Role(Aggregate, Base):
    """The aggregate, its grants included; ``code`` never changes, because users name it."""

    __tablename__ = "sys_role"
    noun = "role"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(50), unique=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    description: Mapped[str] = mapped_column(sa.String(200), default="")
    data_scope: Mapped[str] = mapped_column(sa.String(10))
    is_active: Mapped[bool] = mapped_column(default=True)
    grants: Mapped[list[Grant]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @classmethod
    def begin(cls, fields: Mapping[str, Any]) -> Role:
        """A new role that may do nothing yet."""
        return cls(**{"description": "", "data_scope": "own", **fields}, is_active=True, grants=[])

    @property
    def rights(self) -> list[str]:
        return sorted(grant.right_code for grant in self.grants)

    def created(self) -> RoleCreated:
        return RoleCreated(role_id=self.id, code=self.code, name=self.name, data_scope=self.data_scope)

    def edit(self, fields: Mapping[str, Any]) -> RoleEdited | None:
        if not self.change(**fields):
            return None
        return RoleEdited(role_id=self.id, code=self.code, name=self.name, data_scope=self.data_scope)

    def authorise(self, wanted: Set[str]) -> RoleRightsChanged | None:
        """Have exactly these operations from now on."""
        present = set(self.rights)
        if self.code == ADMINISTRATOR and ALWAYS_ADMINISTRATORS - wanted:
            raise AdministratorsStay
        if wanted == present:
            return None
        self.grants = [grant for grant in self.grants if grant.right_code in wanted]
        self.grants += [Grant(right_code=code) for code in sorted(wanted - present)]
        return RoleRightsChanged(
            role_id=self.id,
            code=self.code,
            rights=sorted(wanted),
            granted=sorted(wanted - present),
            withdrawn=sorted(present - wanted),
        )

    def disable(self) -> RoleDisabled | None:
        if self.code == ADMINISTRATOR:
            raise AdministratorsStay
        return RoleDisabled(role_id=self.id, code=self.code) if self.change(is_active=False) else None

    def enable(self) -> RoleEnabled | None:
        return RoleEnabled(role_id=self.id, code=self.code) if self.change(is_active=True) else None

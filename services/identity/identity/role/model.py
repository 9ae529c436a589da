"""Roles: which operations their holders may use, and whose records they see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.database import BigId
from chassis.events import Event
from chassis.machine import Case, Machine, Move
from chassis.problems import Conflict
from chassis.transaction import Aggregate
from identity.base import Base
from identity.right.model import ADMIN as ADMINISTRATOR
from identity.right.model import BUILT_IN

ALWAYS_ADMINISTRATORS = frozenset({"user:read", "user:write", "role:read", "role:write"})
"""Without these nobody could give them back."""
DATA_SCOPES = ("own", "subtree", "all")


class Standing(IntEnum):
    """The published codes, and ours for what is gone."""

    DISABLED = 0
    USABLE = 1
    DELETED = 2


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


class RoleDeleted(Event, type="identity.role.deleted"):
    """A role that nobody had is gone."""

    role_id: int
    code: str


class RoleInUse(Conflict):
    """Somebody still has this role; give these people another one first."""

    role_id: int
    users: int


class RoleProtected(Conflict):
    """The product's own roles can be changed and disabled, not deleted."""

    code: str


class RoleGone(Conflict):
    """This role was deleted and can only be read."""

    role_id: int


class AdministratorsStay(Conflict):
    """Administrators must keep the rights over users and roles, or nobody could give them back."""


def is_not_administrators(case: Case) -> None:
    if case.record.code == ADMINISTRATOR:
        raise AdministratorsStay


def is_not_built_in(case: Case) -> None:
    if case.record.code in BUILT_IN:
        raise RoleProtected(code=case.record.code)


def is_nobodys(case: Case) -> None:
    if case.facts["users"]:
        raise RoleInUse(role_id=case.record.id, users=case.facts["users"])


def _because_gone(role: Any) -> Conflict:
    return RoleGone(role_id=role.id)


HERE = (Standing.USABLE, Standing.DISABLED)
LIFE_CYCLE = Machine(
    noun="role",
    states=Standing,
    final=(Standing.DELETED,),
    moves=[
        Move("create", to=Standing.USABLE, needs="role:write"),
        Move("edit", HERE, needs="role:write", refuses=_because_gone),
        Move("authorise", HERE, needs="role:write", refuses=_because_gone),
        Move("disable", HERE, to=Standing.DISABLED, needs="role:write", guards=[is_not_administrators],
             refuses=_because_gone),
        Move("enable", HERE, to=Standing.USABLE, needs="role:write", refuses=_because_gone),
        Move("delete", HERE, to=Standing.DELETED, needs="role:write", guards=[is_not_built_in, is_nobodys],
             refuses=_because_gone),
    ],
)  # fmt: skip


class Grant(Base):
    """One right of one role."""

    __tablename__ = "sys_role_right"
    __table_args__ = (sa.UniqueConstraint("role_id", "right_code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    role_id: Mapped[int] = mapped_column(sa.ForeignKey("sys_role.id"))
    right_code: Mapped[str] = mapped_column(sa.ForeignKey("sys_right.code"))


class Role(Aggregate, Base):
    """The aggregate, its grants included; ``code`` never changes, because users name it.

    A deleted role stays on record, because people who left may have had it.
    """

    __tablename__ = "sys_role"
    noun = "role"
    machine = LIFE_CYCLE

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(50), unique=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    description: Mapped[str] = mapped_column(sa.String(200), default="")
    data_scope: Mapped[str] = mapped_column(sa.String(10))
    status: Mapped[int] = mapped_column(sa.Integer, default=Standing.USABLE, server_default="1")
    grants: Mapped[list[Grant]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @classmethod
    def begin(cls, fields: Mapping[str, Any]) -> Role:
        """A new role that may do nothing yet."""
        return cls(**{"description": "", "data_scope": "own", **fields}, status=Standing.USABLE, grants=[])

    @hybrid_property
    def is_active(self) -> bool:
        return self.status == Standing.USABLE

    @property
    def is_built_in(self) -> bool:
        return self.code in BUILT_IN

    @property
    def rights(self) -> list[str]:
        return sorted(grant.right_code for grant in self.grants)

    def created(self) -> RoleCreated:
        return RoleCreated(role_id=self.id, code=self.code, name=self.name, data_scope=self.data_scope)

    def edit(self, fields: Mapping[str, Any]) -> RoleEdited | None:
        LIFE_CYCLE.must_be_able("edit", self)
        if not self.change(**fields):
            return None
        return RoleEdited(role_id=self.id, code=self.code, name=self.name, data_scope=self.data_scope)

    def authorise(self, wanted: Set[str]) -> RoleRightsChanged | None:
        """Have exactly these operations from now on."""
        LIFE_CYCLE.must_be_able("authorise", self)
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
        return RoleDisabled(role_id=self.id, code=self.code) if self.change(status=Standing.DISABLED) else None

    def enable(self) -> RoleEnabled | None:
        return RoleEnabled(role_id=self.id, code=self.code) if self.change(status=Standing.USABLE) else None

    def delete(self) -> RoleDeleted:
        """Nothing is granted to it any more."""
        self.status, self.grants = Standing.DELETED, []
        return RoleDeleted(role_id=self.id, code=self.code)

"""Users: registered, edited, disabled and enabled; locked when somebody guesses passwords."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event, PersonalText
from chassis.problems import Conflict, Forbidden, Problem, Unauthenticated
from chassis.transaction import SECRET, Aggregate
from identity.base import Base

MOST_FAILED_SIGN_INS = 5
LOCKED_FOR = timedelta(minutes=15)
"""Long enough to make guessing hopeless, short enough that nobody needs the administrator for a typing error."""


class UserRegistered(Event, type="identity.user.registered"):
    """Somebody works here from now on."""

    user_id: int
    login: PersonalText
    full_name: PersonalText
    role: str
    manager_id: int | None


class UserEdited(Event, type="identity.user.edited"):
    """Somebody is called otherwise, has another role or another superior."""

    user_id: int
    login: PersonalText
    full_name: PersonalText
    role: str
    manager_id: int | None


class UserDisabled(Event, type="identity.user.disabled"):
    """Somebody may not sign in any more."""

    user_id: int


class UserEnabled(Event, type="identity.user.enabled"):
    """Somebody may sign in again."""

    user_id: int


class UserPasswordSet(Event, type="identity.user.password-set"):
    """Somebody has a new password; earlier sessions have ended."""

    user_id: int


class UserLocked(Event, type="identity.user.locked"):
    """Too many wrong passwords: nobody can sign in with this name for a while."""

    user_id: int
    locked_until: datetime


class NotYourself(Conflict):
    """Another administrator has to do this, so that somebody is always left who can."""

    user_id: int


class ReportingCircle(Conflict):
    """Nobody can be his or her own superior, directly or through others."""

    user_id: int
    manager_id: int


class WrongCredentials(Unauthenticated):
    """The name or the password is wrong."""


class AccountDisabled(Forbidden):
    """This account is disabled, or its role is; an administrator can enable it."""


class Locked(Problem):
    """After too many wrong passwords nobody can sign in with this name for a while."""

    status: ClassVar[int] = 403
    locked_until: datetime
    retry_after_seconds: int

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(self.retry_after_seconds)}


class User(Aggregate, Base):
    """The aggregate; an empty ``password_hash`` means that he or she cannot sign in yet."""

    __tablename__ = "sys_user"
    noun = "user"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    login: Mapped[str] = mapped_column(sa.String(50), unique=True)
    full_name: Mapped[str] = mapped_column(sa.String(50))
    email: Mapped[str | None] = mapped_column(sa.String(200))
    role: Mapped[str] = mapped_column(sa.ForeignKey("sys_role.code"), index=True)
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sys_user.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str] = mapped_column(sa.String(200), default="", info=SECRET)
    failed_sign_ins: Mapped[int] = mapped_column(sa.Integer, default=0)
    locked_until: Mapped[datetime | None]

    @classmethod
    def begin(cls, fields: Mapping[str, Any]) -> User:
        """A new, active user who cannot sign in yet."""
        optional = {"email": None, "manager_id": None}
        return cls(**{**optional, **fields}, is_active=True, password_hash="", failed_sign_ins=0, locked_until=None)

    @property
    def has_password(self) -> bool:
        return bool(self.password_hash)

    def registered(self) -> UserRegistered:
        return UserRegistered(
            user_id=self.id,
            login=self.login,
            full_name=self.full_name,
            role=self.role,
            manager_id=self.manager_id,
        )

    def edit(self, fields: Mapping[str, Any], *, by_id: int, superiors: Set[int]) -> UserEdited | None:
        """Change what is known of somebody; ``superiors`` are the new manager and everybody above."""
        if by_id == self.id and fields.get("role", self.role) != self.role:
            raise NotYourself(user_id=self.id)
        if fields.get("manager_id") is not None and self.id in superiors:
            raise ReportingCircle(user_id=self.id, manager_id=fields["manager_id"])
        if not self.change(**fields):
            return None
        return UserEdited(
            user_id=self.id,
            login=self.login,
            full_name=self.full_name,
            role=self.role,
            manager_id=self.manager_id,
        )

    def disable(self, *, by_id: int) -> UserDisabled | None:
        if by_id == self.id:
            raise NotYourself(user_id=self.id)
        return UserDisabled(user_id=self.id) if self.change(is_active=False) else None

    def enable(self) -> UserEnabled | None:
        return UserEnabled(user_id=self.id) if self.change(is_active=True) else None

    def set_password(self, password_hash: str) -> UserPasswordSet:
        """A new password also opens a lock: whoever may set it is beyond guessing."""
        self.change(password_hash=password_hash, failed_sign_ins=0, locked_until=None)
        return UserPasswordSet(user_id=self.id)

    @staticmethod
    def must_not_be_locked(locked_until: datetime | None, *, at: datetime) -> None:
        """Raises Locked, saying until when."""
        if locked_until and locked_until > at:
            seconds = int((locked_until - at).total_seconds()) + 1
            raise Locked(locked_until=locked_until, retry_after_seconds=seconds)

    def lock(self, *, at: datetime) -> UserLocked:
        self.failed_sign_ins, self.locked_until = 0, at + LOCKED_FOR
        return UserLocked(user_id=self.id, locked_until=self.locked_until)

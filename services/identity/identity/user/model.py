"""Users: registered, edited, disabled, enabled and deleted; locked when somebody guesses passwords."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from chassis.caller import Caller, find_address
from chassis.database import BigId
from chassis.erasable import Erasable
from chassis.events import Event
from chassis.personal import blank_as, personal, personal_column
from chassis.problems import wrong_field
from chassis.transaction import SECRET, Aggregate
from identity.base import Base
from identity.user.life_cycle import (
    LIFE_CYCLE,
    AccountDisabled,
    AccountExpired,
    AddressNotAllowed,
    Locked,
    NotYourself,
    ReportingCircle,
    Status,
)

MOST_FAILED_SIGN_INS = 5
LOCKED_FOR = timedelta(minutes=15)
"""Long enough to make guessing hopeless, short enough that nobody needs the administrator for a typing error."""
PASSWORDS_REMEMBERED = 5
"""Nobody goes back to one of them."""


OfUser = Annotated[str, personal(user="user_id")]
OF_USER = personal_column(user="id")


class UserRegistered(Event, type="identity.user.registered"):
    """Somebody works here from now on."""

    user_id: int
    login: OfUser
    full_name: OfUser
    role: str
    manager_id: int | None
    unit_id: int | None = None


class UserEdited(Event, type="identity.user.edited"):
    """Somebody is called otherwise, has another role, superior or unit, or may sign in otherwise than before."""

    user_id: int
    login: OfUser
    full_name: OfUser
    role: str
    manager_id: int | None
    unit_id: int | None = None


class UserDisabled(Event, type="identity.user.disabled"):
    """Somebody may not sign in any more."""

    user_id: int


class UserEnabled(Event, type="identity.user.enabled"):
    """Somebody may sign in again."""

    user_id: int


class UserDeleted(Event, type="identity.user.deleted"):
    """Somebody has left; the account stays on record and is never used again."""

    user_id: int


class UserPasswordSet(Event, type="identity.user.password-set"):
    """Somebody has a new password; earlier sessions have ended."""

    user_id: int
    must_change: bool = False


class UserLocked(Event, type="identity.user.locked"):
    """Too many wrong passwords: nobody can sign in with this name for a while."""

    user_id: int
    locked_until: datetime


class UserUnlocked(Event, type="identity.user.unlocked"):
    """An administrator opened the lock before its time."""

    user_id: int


class UsedPassword(Base):
    """A password that somebody had, as a hash, so that he or she does not go back to it."""

    __tablename__ = "sys_used_password"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("sys_user.id"), index=True)
    password_hash: Mapped[str] = mapped_column(sa.String(200), info=SECRET | personal_column(user="user_id"))
    set_at: Mapped[datetime]


def erased_login(table: sa.FromClause) -> sa.ColumnElement[str]:
    """What stands where a login was: it has to stay unique."""
    return "(erased " + sa.cast(table.c.id, sa.String) + ")"


class User(Erasable, Aggregate, Base):
    """The aggregate; an empty ``password_hash`` means that he or she cannot sign in yet.

    Without ``allowed_addresses`` every address is welcome.
    """

    __tablename__ = "sys_user"
    noun = "user"
    machine = LIFE_CYCLE

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    login: Mapped[str] = mapped_column(sa.String(50), unique=True, info=OF_USER | blank_as(erased_login))
    full_name: Mapped[str] = mapped_column(sa.String(50), info=OF_USER)
    email: Mapped[str | None] = mapped_column(sa.String(200), info=OF_USER)
    role: Mapped[str] = mapped_column(sa.ForeignKey("sys_role.code"), index=True)
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sys_user.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sys_unit.id"), index=True)
    status: Mapped[int] = mapped_column(sa.Integer, default=Status.NORMAL, server_default="1")
    registered_at: Mapped[datetime | None]
    password_hash: Mapped[str] = mapped_column(sa.String(200), default="", info=SECRET | OF_USER)
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default="0")
    expires_at: Mapped[datetime | None]
    allowed_addresses: Mapped[list[str]] = mapped_column(
        sa.JSON, default=list, server_default="[]", info=OF_USER | blank_as(lambda _: sa.literal([], sa.JSON))
    )
    failed_sign_ins: Mapped[int] = mapped_column(sa.Integer, default=0)
    locked_until: Mapped[datetime | None]

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, at: datetime) -> User:
        """A new, active user; without ``password_hash`` among the fields he or she cannot sign in yet."""
        optional: dict[str, Any] = {
            "email": None,
            "manager_id": None,
            "unit_id": None,
            "expires_at": None,
            "allowed_addresses": [],
        }
        blank = {"password_hash": "", "must_change_password": False, "failed_sign_ins": 0, "locked_until": None}
        return cls(**{**optional, **blank, **fields}, status=Status.NORMAL, registered_at=at)

    @property
    def has_password(self) -> bool:
        return bool(self.password_hash)

    @hybrid_property
    def is_active(self) -> bool:
        return self.status == Status.NORMAL

    def registered(self) -> UserRegistered:
        return UserRegistered(**self._said())

    def edit(self, fields: Mapping[str, Any], *, by_id: int, superiors: Set[int]) -> UserEdited | None:
        """Change what is known of somebody; ``superiors`` are the new manager and everybody above."""
        LIFE_CYCLE.must_be_able("edit", self)
        if by_id == self.id and any(fields.get(name, now) != now for name, now in self._way_in().items()):
            raise NotYourself(user_id=self.id)
        if fields.get("manager_id") is not None and self.id in superiors:
            raise ReportingCircle(user_id=self.id, manager_id=fields["manager_id"])
        return UserEdited(**self._said()) if self.change(**fields) else None

    def disable(self) -> UserDisabled | None:
        return UserDisabled(user_id=self.id) if self.change(status=Status.DISABLED) else None

    def enable(self) -> UserEnabled | None:
        return UserEnabled(user_id=self.id) if self.change(status=Status.NORMAL) else None

    def delete(self) -> UserDeleted:
        """Nothing of the account can be used again, not even its password."""
        self.change(status=Status.DELETED, password_hash="")
        return UserDeleted(user_id=self.id)

    def set_password(self, password_hash: str, *, must_change: bool) -> UserPasswordSet:
        """A new password also opens a lock: whoever may set it is beyond guessing."""
        LIFE_CYCLE.must_be_able("set-password", self)
        self.change(password_hash=password_hash, must_change_password=must_change, failed_sign_ins=0, locked_until=None)
        return UserPasswordSet(user_id=self.id, must_change=must_change)

    def lock(self, *, at: datetime) -> UserLocked:
        self.failed_sign_ins, self.locked_until = 0, at + LOCKED_FOR
        return UserLocked(user_id=self.id, locked_until=self.locked_until)

    def unlock(self) -> UserUnlocked | None:
        """Open the lock and forget the failures before it."""
        LIFE_CYCLE.must_be_able("unlock", self)
        return UserUnlocked(user_id=self.id) if self.change(failed_sign_ins=0, locked_until=None) else None

    def _way_in(self) -> dict[str, Any]:
        """What an administrator could shut himself or herself out with."""
        return {"role": self.role, "expires_at": self.expires_at}

    def _said(self) -> dict[str, Any]:
        names = ("login", "full_name", "role", "manager_id", "unit_id")
        return {"user_id": self.id} | {name: getattr(self, name) for name in names}


def must_not_be_locked(locked_until: datetime | None, *, at: datetime) -> None:
    """Raises Locked, saying until when."""
    if locked_until and locked_until > at:
        seconds = int((locked_until - at).total_seconds()) + 1
        raise Locked(locked_until=locked_until, retry_after_seconds=seconds)


def must_be_welcome(user: Any, *, at: datetime, caller: Caller) -> None:
    """Raises AccountDisabled, AccountExpired or AddressNotAllowed; ``user`` also says whether the role is active."""
    if not (user.is_active and user.role_is_active):
        raise AccountDisabled()
    if user.expires_at and user.expires_at <= at:
        raise AccountExpired(expired_at=user.expires_at)
    if not is_allowed(caller.address, user.allowed_addresses):
        raise AddressNotAllowed(address=caller.address)


def is_allowed(address: str, networks: Sequence[str]) -> bool:
    """Whether the address lies in one of the networks; without networks every address is allowed."""
    if not networks:
        return True
    found = find_address(address)
    return found is not None and any(found in ipaddress.ip_network(network) for network in networks)


def must_leave_yourself_in(networks: Sequence[str], caller: Caller) -> None:
    """Raises Invalid when somebody would shut out the very address that he or she asks from."""
    if not is_allowed(caller.address, networks):
        raise wrong_field("/allowed_addresses", f"You would shut yourself out: {caller.address} is not among them")

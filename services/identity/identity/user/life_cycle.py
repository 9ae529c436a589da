"""How a user comes, is shut out for a while, and goes; and what keeps somebody from signing in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any, ClassVar

from chassis.erasable import is_not_erased
from chassis.machine import Case, Machine, Move
from chassis.problems import Conflict, Forbidden, Problem, Unauthenticated


class Status(IntEnum):
    """The published codes, and ours for those who have left; who has left stays on record."""

    DISABLED = 0
    NORMAL = 1
    DELETED = 2


class NotYourself(Conflict):
    """Another administrator has to do this, so that somebody is always left who can."""

    user_id: int


class ReportingCircle(Conflict):
    """Nobody can be his or her own superior, directly or through others."""

    user_id: int
    manager_id: int


class AccountDeleted(Conflict):
    """This account was deleted and can only be read."""

    user_id: int


class StillLeads(Conflict):
    """Somebody still reports to this user, or a unit is still headed by this user; give them to another first."""

    user_id: int
    reports: int
    units: int


class StillInCharge(Conflict):
    """Somebody looks after customers; hand them over before the account is deleted."""

    user_id: int
    customers: int


class WrongCredentials(Unauthenticated):
    """The name or the password is wrong."""


class AccountDisabled(Forbidden):
    """This account is disabled, or its role is; an administrator can enable it."""


class AccountExpired(Forbidden):
    """This account was valid for a time that has passed; an administrator can prolong it."""

    expired_at: datetime


class AddressNotAllowed(Forbidden):
    """This account may not be used from this network address."""

    address: str


class PasswordChangeDue(Forbidden):
    """Choose a password of your own first; until then nothing else is open."""


class Locked(Problem):
    """After too many wrong passwords nobody can sign in with this name for a while."""

    status: ClassVar[int] = 403
    locked_until: datetime
    retry_after_seconds: int

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(self.retry_after_seconds)}


def somebody_else(case: Case) -> None:
    """Nobody shuts himself or herself out."""
    if case.who.user_id == case.record.id:
        raise NotYourself(user_id=case.record.id)


def leads_nobody(case: Case) -> None:
    """Whoever leaves must not leave people without a superior."""
    reports, units = case.facts["reports"], case.facts["units"]
    if reports or units:
        raise StillLeads(user_id=case.record.id, reports=reports, units=units)


def is_in_charge_of_nobody(case: Case) -> None:
    """Whoever leaves must not leave customers alone."""
    if case.facts["customers"]:
        raise StillInCharge(user_id=case.record.id, customers=case.facts["customers"])


def _because_deleted(user: Any) -> Conflict:
    return AccountDeleted(user_id=user.id)


HERE = (Status.NORMAL, Status.DISABLED)
LIFE_CYCLE = Machine(
    noun="user",
    states=Status,
    final=(Status.DELETED,),
    moves=[
        Move("register", to=Status.NORMAL, needs="user:write"),
        Move("edit", HERE, needs="user:write", refuses=_because_deleted),
        Move("set-password", HERE, needs="user:write", guards=[is_not_erased], refuses=_because_deleted),
        Move("unlock", HERE, needs="user:write", refuses=_because_deleted),
        Move("sign-out", HERE, needs="user:write", refuses=_because_deleted),
        Move("disable", HERE, to=Status.DISABLED, needs="user:write", guards=[somebody_else],
             refuses=_because_deleted),
        Move("enable", HERE, to=Status.NORMAL, needs="user:write", guards=[is_not_erased], refuses=_because_deleted),
        Move("delete", HERE, to=Status.DELETED, needs="user:write",
             guards=[somebody_else, leads_nobody, is_in_charge_of_nobody],
             refuses=_because_deleted),
    ],
)  # fmt: skip

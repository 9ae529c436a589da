"""Looking at users."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from chassis.history import history_of
from chassis.pages import Listing, contains, equal
from chassis.problems import NotFound
from chassis.transaction import Transaction
from identity.in_charge import customer_in_charge
from identity.role.model import Role
from identity.unit.model import Unit
from identity.unit.queries import below
from identity.user.life_cycle import Status
from identity.user.model import User

SHOWN = (
    "id", "login", "full_name", "email", "role", "manager_id", "unit_id", "status", "must_change_password",
    "registered_at", "expires_at", "allowed_addresses", "locked_until", "erased", "version",
)  # fmt: skip
NOT_DELETED = f"{Status.NORMAL:d},{Status.DISABLED:d}"


def _in_unit(text: str) -> sa.ColumnElement[bool]:
    """``?unit_id=3``: people of this unit, or of one below it."""
    return User.unit_id.in_(below(Unit.id == _number(text)))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(f"{text!r} is no unit's number")
    return int(text)


USERS = Listing(
    columns={name: getattr(User, name) for name in SHOWN}
    | {"is_active": User.is_active, "has_password": User.password_hash != ""},
    key=User.id,
    filters={
        "login": equal(User.login),
        "full_name": contains(User.full_name),
        "role": equal(User.role),
        "manager_id": equal(User.manager_id),
        "unit_id": _in_unit,
        "status": equal(User.status),
        "is_active": equal(User.is_active),
    },
    defaults={"status": NOT_DELETED},
    sorts={name: getattr(User, name) for name in ("id", "login", "full_name", "role")},
    default_sort="login",
    search=(User.login, User.full_name),
)


def get_user(tx: Transaction, user_id: int) -> User:
    """One user. Raises NotFound."""
    found: User | None = tx.scalar(sa.select(User).where(User.id == user_id))
    if found is None:
        raise NotFound(detail=f"No user {user_id}")
    return found


def user_history(tx: Transaction, user_id: int) -> dict[str, Any]:
    """Everything that happened to one user."""
    return history_of(tx, User.noun, get_user(tx, user_id).id)


def leads(tx: Transaction, user: User) -> Mapping[str, int]:
    """How many people report to somebody, how many units he or she heads, and how many customers he or she has."""
    reports = sa.select(sa.func.count()).where(User.manager_id == user.id, User.status != Status.DELETED)
    units = sa.select(sa.func.count()).where(Unit.head_id == user.id)
    customers = sa.select(sa.func.count()).where(customer_in_charge.c.manager_id == user.id)
    counts = {"reports": reports, "units": units, "customers": customers}
    row = tx.row(sa.select(*(count.scalar_subquery().label(name) for name, count in counts.items())))
    assert row is not None  # noqa: S101  (counts are always a row)
    return dict(row._mapping)


@dataclasses.dataclass(frozen=True)
class References:
    """Which of the things that somebody is to be tied to exist."""

    role: bool
    unit: bool
    superiors: set[int]


def references(tx: Transaction, fields: Mapping[str, Any]) -> References:
    """One statement, whatever is asked; none when nothing is."""
    asked = [
        make(fields[name])
        for name, make in (("role", _role), ("unit_id", _unit), ("manager_id", _superiors))
        if fields.get(name) is not None
    ]
    rows = tx.rows(sa.union_all(*asked)) if asked else []
    found = {kind: {row.id for row in rows if row.kind == kind} for kind in ("role", "unit", "superior")}
    return References(bool(found["role"]), bool(found["unit"]), found["superior"])


def _role(code: str) -> sa.Select[str, int]:
    return sa.select(sa.literal("role").label("kind"), Role.id).where(Role.code == code, Role.is_active)


def _unit(unit_id: int) -> sa.Select[str, int]:
    return sa.select(sa.literal("unit").label("kind"), Unit.id).where(Unit.id == unit_id)


def _superiors(manager_id: int) -> sa.Select[Any]:
    """The manager, unless he or she has left, and everybody above."""
    there = (User.id == manager_id, User.status != Status.DELETED)
    first = sa.select(User.id, User.manager_id).where(*there).cte(recursive=True)
    up = sa.select(User.id, User.manager_id).join(first, User.id == first.c.manager_id)
    return sa.select(sa.literal("superior").label("kind"), first.union(up).c.id)


def team(tx: Transaction, user_id: int) -> set[int]:
    """Everybody below in the reporting line, and everybody in the units that somebody heads or in units below them."""
    first = sa.select(User.id).where(User.manager_id == user_id).cte(recursive=True)
    line = sa.select(first.union(sa.select(User.id).join(first, User.manager_id == first.c.id)).c.id)
    members = sa.select(User.id).where(User.unit_id.in_(below(Unit.head_id == user_id)))
    return {row.id for row in tx.rows(sa.union(line, members))} - {user_id}


def superiors_by_login(tx: Transaction) -> dict[str, str]:
    """Who reports to whom, the whole firm: for checks over many at once."""
    manager = aliased(User)
    found = sa.select(User.login, manager.login.label("above")).join(manager, User.manager_id == manager.id)
    return {row.login: row.above for row in tx.rows(found)}


def ids_of(tx: Transaction, logins: Iterable[str]) -> dict[str, int]:
    """Of those who have not left."""
    here = (User.login.in_(set(logins)), User.status != Status.DELETED)
    return {row.login: row.id for row in tx.rows(sa.select(User.login, User.id).where(*here))}


def units_by_code(tx: Transaction, codes: Iterable[str]) -> dict[str, int]:
    return {row.code: row.id for row in tx.rows(sa.select(Unit.code, Unit.id).where(Unit.code.in_(set(codes))))}

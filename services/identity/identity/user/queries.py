"""Looking at users."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from chassis.history import history_of
from chassis.pages import Listing, contains, equal
from chassis.problems import NotFound
from chassis.transaction import Transaction
from identity.user.model import User

SHOWN = ("id", "login", "full_name", "email", "role", "manager_id", "is_active", "locked_until", "version")

USERS = Listing(
    columns={name: getattr(User, name) for name in SHOWN} | {"has_password": User.password_hash != ""},
    key=User.id,
    filters={
        "login": equal(User.login),
        "full_name": contains(User.full_name),
        "role": equal(User.role),
        "manager_id": equal(User.manager_id),
        "is_active": equal(User.is_active),
    },
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


def superiors(tx: Transaction, manager_id: int | None) -> set[int]:
    """The manager and everybody above; empty without a manager."""
    above = sa.select(User.id, User.manager_id).where(User.id == manager_id).cte("above", recursive=True)
    up = sa.select(User.id, User.manager_id).join(above, User.id == above.c.manager_id)
    return {row.id for row in tx.rows(sa.select(above.union(up).c.id))} if manager_id else set()


def team(tx: Transaction, user_id: int) -> set[int]:
    """Everybody below, at whatever depth."""
    below = sa.select(User.id).where(User.manager_id == user_id).cte("below", recursive=True)
    down = sa.select(User.id).join(below, User.manager_id == below.c.id)
    return {row.id for row in tx.rows(sa.select(below.union(down).c.id))}


def superiors_by_login(tx: Transaction) -> dict[str, str]:
    """Who reports to whom, the whole firm: for checks over many at once."""
    manager = aliased(User)
    found = sa.select(User.login, manager.login.label("above")).join(manager, User.manager_id == manager.id)
    return {row.login: row.above for row in tx.rows(found)}


def ids_of(tx: Transaction, logins: Iterable[str]) -> dict[str, int]:
    return {row.login: row.id for row in tx.rows(sa.select(User.login, User.id).where(User.login.in_(set(logins))))}

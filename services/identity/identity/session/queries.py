"""Looking at sessions: who is behind a token, who am I, and where am I signed in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.caller import Caller
from chassis.pages import Listing
from chassis.principal import Principal
from chassis.problems import Problem, Unauthenticated
from chassis.transaction import Transaction
from identity.right.queries import granted, menu
from identity.role.model import Role
from identity.session.model import Session, fingerprint
from identity.user.life_cycle import PasswordChangeDue
from identity.user.model import User, must_be_welcome
from identity.user.queries import team

SESSION_FIELDS = (
    "id", "created_at", "last_used_at", "expires_at", "address", "agent", "is_remembered"
)  # fmt: skip
_SHOWN: Mapping[str, Any] = {name: getattr(Session, name) for name in SESSION_FIELDS}
SESSIONS = Listing(
    columns=_SHOWN, key=Session.id, filters={}, sorts={"created_at": Session.created_at}, default_sort="-created_at"
)
MY_SESSIONS = dataclasses.replace(SESSIONS, whose=Session.user_id)


@dataclasses.dataclass(frozen=True)
class Holder:
    """Who is signed in, and on which terms.

    With ``due`` nothing but the own account is open, and this is why. ``is_bound`` says that the answer holds for
    this network address only.
    """

    principal: Principal
    last_used_at: datetime
    due: Problem | None
    is_bound: bool


def holder_of(tx: Transaction, token: str, caller: Caller) -> Holder:
    """Who is signed in with this token, with the rights of this moment.

    Raises Unauthenticated, AccountExpired or AddressNotAllowed.
    """
    names = ("full_name", "role", "must_change_password", "expires_at", "allowed_addresses")
    columns = (User.id, *(getattr(User, name) for name in names), User.is_active.label("is_active"),
               Role.is_active.label("role_is_active"), Role.id.label("role_id"), Role.data_scope,
               Session.id.label("session_id"), Session.last_used_at)  # fmt: skip
    joined = sa.select(*columns).join(Session, Session.user_id == User.id).join(Role, Role.code == User.role)
    found = tx.row(joined.where(Session.token_hash == fingerprint(token), Session.expires_at > tx.now))
    if found is None or not (found.is_active and found.role_is_active):
        raise Unauthenticated(detail="The session has ended")
    must_be_welcome(found, at=tx.now, caller=caller)
    due = PasswordChangeDue() if found.must_change_password else None
    principal = _on_hold(found) if due else _at_work(tx, found)
    return Holder(principal, found.last_used_at, due, is_bound=bool(found.allowed_addresses))


def _at_work(tx: Transaction, found: sa.Row[Any]) -> Principal:
    sees_team = found.data_scope == "subtree"
    return dataclasses.replace(
        _on_hold(found),
        rights=granted(tx, found.role_id),
        scope=found.data_scope,
        team=frozenset(team(tx, found.id)) if sees_team else frozenset(),
    )


def _on_hold(found: sa.Row[Any]) -> Principal:
    """Somebody who may do nothing yet."""
    who = {"user_id": found.id, "name": found.full_name, "role": found.role, "session_id": found.session_id}
    return Principal(**who, scope="own", kind="user")


def me(tx: Transaction) -> dict[str, Any]:
    """Who is signed in, with which rights, and the menu that these open."""
    names = ("login", "full_name", "email", "role", "manager_id", "unit_id", "must_change_password", "expires_at")
    columns = [getattr(User, name) for name in names]
    role = (Role.id.label("role_id"), Role.name.label("role_name"), Role.data_scope.label("scope"))
    found = tx.row(sa.select(*columns, *role).join(Role, Role.code == User.role).where(User.id == tx.principal.user_id))
    if found is None:
        raise Unauthenticated(detail="There is no such user any more")
    rights = granted(tx, found.role_id)
    shown = {name: getattr(found, name) for name in (*names, "role_name", "scope")}
    who = {"user_id": tx.principal.user_id, "session_id": tx.principal.session_id}
    return who | shown | {"rights": sorted(rights), "menu": menu(tx, rights)}

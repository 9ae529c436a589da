"""Looking at sessions: who is behind a token, and who am I."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.principal import Principal
from chassis.problems import Unauthenticated
from chassis.transaction import Transaction
from identity.right.queries import menu
from identity.role.model import Grant, Role
from identity.session.model import Session, fingerprint
from identity.user.model import User
from identity.user.queries import team


def holder_of(tx: Transaction, token: str) -> Principal:
    """Who is signed in with this token, with the rights of this moment. Raises Unauthenticated."""
    mine = (Session.token_hash == fingerprint(token), Session.expires_at > tx.now, User.is_active, Role.is_active)
    columns = (User.id, User.full_name, User.role, Role.id.label("role_id"), Role.data_scope)
    joined = sa.select(*columns).join(Session, Session.user_id == User.id).join(Role, Role.code == User.role)
    found = tx.row(joined.where(*mine))
    if found is None:
        raise Unauthenticated(detail="The session has ended")
    return Principal(
        user_id=found.id,
        name=found.full_name,
        role=found.role,
        rights=_rights(tx, found.role_id),
        scope=found.data_scope,
        team=frozenset(team(tx, found.id)) if found.data_scope == "subtree" else frozenset(),
        kind="user",
    )


def me(tx: Transaction) -> dict[str, Any]:
    """Who is signed in, with which rights, and the menu that these open."""
    names = ("login", "full_name", "email", "role", "manager_id")
    columns = [getattr(User, name) for name in names]
    role = (Role.id.label("role_id"), Role.name.label("role_name"), Role.data_scope.label("scope"))
    found = tx.row(sa.select(*columns, *role).join(Role, Role.code == User.role).where(User.id == tx.principal.user_id))
    if found is None:
        raise Unauthenticated(detail="There is no such user any more")
    rights = _rights(tx, found.role_id)
    shown = {name: getattr(found, name) for name in (*names, "role_name", "scope")}
    return {"user_id": tx.principal.user_id} | shown | {"rights": sorted(rights), "menu": menu(tx, rights)}


def _rights(tx: Transaction, role_id: int) -> frozenset[str]:
    return frozenset(row.right_code for row in tx.rows(sa.select(Grant.right_code).where(Grant.role_id == role_id)))

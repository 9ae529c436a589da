"""Looking at roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal
from chassis.problems import NotFound
from chassis.transaction import Transaction
from identity.right.model import BUILT_IN
from identity.role.model import Role, Standing
from identity.user.life_cycle import Status
from identity.user.model import User

SHOWN = ("id", "code", "name", "description", "data_scope", "status", "version")
NOT_DELETED = f"{Standing.USABLE:d},{Standing.DISABLED:d}"

ROLES = Listing(
    columns={name: getattr(Role, name) for name in SHOWN}
    | {"is_active": Role.is_active, "is_built_in": Role.code.in_(sorted(BUILT_IN))},
    key=Role.id,
    filters={
        "code": equal(Role.code),
        "name": contains(Role.name),
        "status": equal(Role.status),
        "is_active": equal(Role.is_active),
    },
    defaults={"status": NOT_DELETED},
    sorts={"id": Role.id, "code": Role.code, "name": Role.name},
    default_sort="id",
    search=(Role.code, Role.name, Role.description),
)


def get_role(tx: Transaction, role_id: int) -> Role:
    """One role with its rights. Raises NotFound."""
    found: Role | None = tx.scalar(sa.select(Role).where(Role.id == role_id))
    if found is None:
        raise NotFound(detail=f"No role {role_id}")
    return found


def role_history(tx: Transaction, role_id: int) -> dict[str, Any]:
    """Everything that happened to one role."""
    return history_of(tx, Role.noun, get_role(tx, role_id).id)


def holders(tx: Transaction, role: Role) -> Mapping[str, int]:
    """How many people have a role; those who left do not count."""
    found = sa.select(sa.func.count()).where(User.role == role.code, User.status != Status.DELETED)
    return {"users": tx.scalar(found)}


def active_roles(tx: Transaction, codes: Iterable[str]) -> set[str]:
    """Those of the codes that belong to an active role."""
    found = sa.select(Role.code).where(Role.code.in_(set(codes)), Role.is_active)
    return {row.code for row in tx.rows(found)}

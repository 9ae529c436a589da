"""The built-in roles, and which of the rights each has."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.settings import Settings
from chassis.transaction import Transaction
from identity.right.model import BUILT_IN_ROLES, matrix
from identity.right.seeds import plant_tree
from identity.role.model import Role


def seed_roles(tx: Transaction, _settings: Settings) -> None:
    """Roles that are missing, and rights that are new in this release; what an administrator took away stays away."""
    new_rights = plant_tree(tx)
    granted = matrix()
    roles = {role.code: role for role in tx.load(Role, sa.select(Role))}
    for code, name, description, scope in BUILT_IN_ROLES:
        role = roles.get(code) or _created(tx, code, name, description, scope)
        tx.publish(role.authorise(set(role.rights) | (granted[code] & new_rights)))


def _created(tx: Transaction, code: str, name: str, description: str, scope: str) -> Role:
    fields = {"code": code, "name": name, "description": description, "data_scope": scope}
    role = tx.add(Role.begin(fields))
    tx.publish(role.created())
    return role

"""Changing roles: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.problems import Invalid
from chassis.transaction import Transaction
from identity.right.queries import operations
from identity.role.model import LIFE_CYCLE, Role
from identity.role.queries import holders


def create_role(tx: Transaction, fields: Mapping[str, Any]) -> Role:
    """Make a new role; its rights are given afterwards."""
    role = tx.add(Role.begin(fields))
    tx.publish(role.created())
    return role


def edit_role(tx: Transaction, role_id: int, fields: Mapping[str, Any]) -> Role:
    """Rename a role, or let it see other records."""
    role = tx.get(Role, role_id)
    tx.publish(role.edit(fields))
    return role


def change_rights(tx: Transaction, role_id: int, rights: Sequence[str]) -> Role:
    """Say which operations a role has; takes effect within seconds, without a new sign-in."""
    role = tx.get(Role, role_id)
    _must_be_operations(tx, rights)
    tx.publish(role.authorise(set(rights)))
    return role


def disable_role(tx: Transaction, role_id: int) -> Role:
    """Shut the holders of a role out."""
    role = tx.get(Role, role_id)
    LIFE_CYCLE.must_allow("disable", tx.case(role))
    tx.publish(role.disable())
    return role


def enable_role(tx: Transaction, role_id: int) -> Role:
    """Let the holders of a role in again."""
    role = tx.get(Role, role_id)
    LIFE_CYCLE.must_allow("enable", tx.case(role))
    tx.publish(role.enable())
    return role


def delete_role(tx: Transaction, role_id: int) -> None:
    """Delete a role that nobody has."""
    role = tx.get(Role, role_id)
    LIFE_CYCLE.must_allow("delete", tx.case(role, **holders(tx, role)))
    tx.publish(role.delete())


def _must_be_operations(tx: Transaction, rights: Sequence[str]) -> None:
    known = operations(tx)
    unknown = [place for place, code in enumerate(rights) if code not in known]
    if unknown:
        detail = "There is no such operation"
        raise Invalid(errors=[{"pointer": f"/rights/{place}", "detail": detail} for place in unknown])

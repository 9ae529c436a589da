"""Many users at once: registered or edited by login; a superior may come in the same request."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.bulk import Batch, Row, in_bulk
from chassis.events import Event
from chassis.transaction import Transaction
from identity.role.queries import active_roles
from identity.user.life_cycle import LIFE_CYCLE
from identity.user.model import User, UserDisabled, UserEdited
from identity.user.queries import ids_of, references, superiors_by_login, units_by_code


@in_bulk
def import_users(tx: Transaction, batch: Batch) -> None:
    """Register or edit many users, by login."""
    batch.refuse_repeats("login")
    _refuse_unknown_roles(tx, batch)
    _refuse_circles(tx, batch)
    logins = [row.values["login"] for row in batch]
    named = sa.select(User).where(User.login.in_(logins)).order_by(User.id)
    users = {user.login: user for user in tx.load(User, named)}
    for row in batch:
        batch.permits(row, is_new=row.values["login"] not in users)
    _refuse_unknown_superiors(tx, batch)
    units = _refuse_unknown_units(tx, batch)
    new = [row for row in batch if row.values["login"] not in users]
    coming = {row.values["login"]: User.begin(_fields(row, units, {}), at=tx.now) for row in new}
    tx.add_all(list(coming.values()))
    ids = ids_of(tx, {*logins, *(_superior(row) for row in batch)})
    edit = functools.partial(_edited, tx, batch, users)
    events = [_registered(batch, row, coming, ids) or edit(row, _fields(row, units, ids)) for row in batch]
    tx.publish_all([(event, None) for event in events])


def _registered(batch: Batch, row: Row, coming: Mapping[str, User], ids: Mapping[str, int]) -> Event | None:
    """What is said of a new user; None when it is none."""
    user = coming.get(row.values["login"])
    if user is None:
        return None
    user.manager_id = ids.get(_superior(row))
    batch.created += 1
    return user.registered()


def _edited(
    tx: Transaction, batch: Batch, users: Mapping[str, User], row: Row, fields: Mapping[str, Any]
) -> Event | None:
    """What is said of a known user; None when nothing changes."""
    event = None
    with batch.judging(row):
        event = users[row.values["login"]].edit(fields, by_id=tx.principal.user_id, superiors=set())
        batch.updated += event is not None
        batch.unchanged += event is None
    return event


def _fields(row: Row, units: Mapping[str, int], ids: Mapping[str, int]) -> dict[str, Any]:
    """What the row says of a user; superior and unit only if it names them."""
    found = {name: value for name, value in row.values.items() if name not in ("manager_login", "unit_code")}
    if "manager_login" in row.values:
        found["manager_id"] = ids.get(_superior(row))
    if "unit_code" in row.values:
        found["unit_id"] = units.get(row.values["unit_code"] or "")
    return found


def _superior(row: Row) -> str:
    return row.values.get("manager_login") or ""


def _refuse_unknown_units(tx: Transaction, batch: Batch) -> Mapping[str, int]:
    """The units that the rows name, by code."""
    named = {row.values["unit_code"] for row in batch if row.values.get("unit_code")}
    known = units_by_code(tx, named) if named else {}
    for row in batch:
        if row.values.get("unit_code") and row.values["unit_code"] not in known:
            batch.refuse(row, "No unit has this code", "/unit_code")
    return known


def _refuse_unknown_roles(tx: Transaction, batch: Batch) -> None:
    active = active_roles(tx, (row.values["role"] for row in batch))
    for row in batch:
        if row.values["role"] not in active:
            batch.refuse(row, "There is no active role with this code", "/role")


def _refuse_circles(tx: Transaction, batch: Batch) -> None:
    """By login, before anybody new has a number."""
    above = superiors_by_login(tx)
    above |= {row.values["login"]: _superior(row) for row in batch if "manager_login" in row.values}
    circular = [row for row in batch if _superior(row) and _is_in_circle(row.values["login"], above)]
    for row in circular:
        batch.refuse(row, "Nobody can be his or her own superior", "/manager_login")


def _is_in_circle(login: str, above: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    current = above.get(login)
    while current and current not in seen:
        if current == login:
            return True
        seen.add(current)
        current = above.get(current)
    return False


def _refuse_unknown_superiors(tx: Transaction, batch: Batch) -> None:
    """Again and again, because a refused row may have been somebody's superior."""
    here = ids_of(tx, {_superior(row) for row in batch}).keys() | {""}
    while True:
        coming = {row.values["login"] for row in batch}
        lost = [row for row in batch if _superior(row) not in here | coming]
        for row in lost:
            batch.refuse(row, "Nobody has this login", "/manager_login")
        if not lost:
            return


def withdraw_user(tx: Transaction, user: User) -> UserDisabled | None:
    """An imported user may not sign in any more; who has been here stays on record."""
    LIFE_CYCLE.must_allow("disable", tx.case(user))
    return user.disable()


def restore_user(tx: Transaction, user: User, old: Mapping[str, Any]) -> UserEdited | None:
    """A user is called as before, in the role, the unit and below the superior of before."""
    above = references(tx, {"manager_id": old.get("manager_id")}).superiors
    return user.edit(old, by_id=tx.principal.user_id, superiors=above)

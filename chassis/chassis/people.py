"""Who works here: a small replica of identity's users that every service keeps for itself.

Written by reactions only. It answers "may this person be assigned?" without a call to another service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.database import NAMING
from chassis.dialect import insert
from chassis.events import Heard, PersonalText
from chassis.problems import Conflict
from chassis.transaction import Transaction

PEOPLE = sa.MetaData(naming_convention=NAMING)
person = sa.Table(
    "person",
    PEOPLE,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("login", sa.String(50), nullable=False),
    sa.Column("full_name", sa.String(50), nullable=False),
    sa.Column("role", sa.String(50), nullable=False),
    sa.Column("manager_id", sa.BigInteger),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("source_version", sa.BigInteger, nullable=False),
)


def add_people_table(metadata: sa.MetaData) -> None:
    person.to_metadata(metadata)


class UserRegistered(Heard, type="identity.user.registered"):
    user_id: int
    login: PersonalText
    full_name: PersonalText
    role: str
    manager_id: int | None = None


class UserEdited(Heard, type="identity.user.edited"):
    user_id: int
    login: PersonalText
    full_name: PersonalText
    role: str
    manager_id: int | None = None


class UserDisabled(Heard, type="identity.user.disabled"):
    user_id: int


class UserEnabled(Heard, type="identity.user.enabled"):
    user_id: int


def know_person(tx: Transaction, event: UserRegistered | UserEdited) -> None:
    """Keep the person as identity describes him or her now."""
    row = {
        "user_id": event.user_id,
        "login": event.login,
        "full_name": event.full_name,
        "role": event.role,
        "manager_id": event.manager_id,
        "source_version": tx.heard_version,
    }
    statement = insert(tx.session, person).values(**row, is_active=True)
    tx.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=row))


def remember_disabled(tx: Transaction, event: UserDisabled) -> None:
    _set_active(tx, event.user_id, is_active=False)


def remember_enabled(tx: Transaction, event: UserEnabled) -> None:
    _set_active(tx, event.user_id, is_active=True)


def _set_active(tx: Transaction, user_id: int, *, is_active: bool) -> None:
    values = {"is_active": is_active, "source_version": tx.heard_version}
    tx.execute(sa.update(person).where(person.c.user_id == user_id).values(values))


REACTIONS: Mapping[type[Heard], Callable[[Transaction, Any], None]] = {
    UserRegistered: know_person,
    UserEdited: know_person,
    UserDisabled: remember_disabled,
    UserEnabled: remember_enabled,
}
"""For ``hears={**people.REACTIONS, …}`` on a service's page."""


def superiors_of(tx: Transaction, user_ids: Iterable[int]) -> dict[int, int]:
    """Whom to tell when somebody does not act: the superior, or the person when there is none; one statement."""
    asked = set(user_ids)
    rows = tx.rows(sa.select(person.c.user_id, person.c.manager_id).where(person.c.user_id.in_(sorted(asked))))
    return {user_id: user_id for user_id in asked} | {row.user_id: row.manager_id or row.user_id for row in rows}


class NotActive(Conflict):
    """This person is not an active holder of the role that is needed."""

    user_id: int
    needed_role: str


class NotAtWork(Conflict):
    """This person does not work here, or not any more."""

    user_id: int


def get_at_work(tx: Transaction, user_id: int) -> sa.Row[Any]:
    """The person, whatever the role, if active. Raises NotAtWork."""
    found = tx.row(sa.select(person).where(person.c.user_id == user_id, person.c.is_active))
    if found is None:
        raise NotAtWork(user_id=user_id)
    return found


def get_active(tx: Transaction, user_id: int, role: str) -> sa.Row[Any]:
    """The person, if active and in this role. Raises NotActive."""
    active = (person.c.user_id == user_id, person.c.role == role, person.c.is_active)
    found = tx.row(sa.select(person).where(*active))
    if found is None:
        raise NotActive(user_id=user_id, needed_role=role)
    return found

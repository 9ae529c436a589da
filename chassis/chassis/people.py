"""Who works here, and in which unit: a small replica of identity's users and units that every service keeps for itself.

Written by reactions only. It answers "may this person be assigned?" without a call to another service, and lets a list
be filtered by unit::

    filters = {"unit_id": people.in_unit(Opportunity.assignee_id)}
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.database import NAMING
from chassis.dialect import insert
from chassis.events import Heard, PersonalText
from chassis.pages import Condition
from chassis.personal import personal_column
from chassis.problems import Conflict
from chassis.transaction import Transaction

PEOPLE = sa.MetaData(naming_convention=NAMING)
person = sa.Table(
    "person",
    PEOPLE,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("login", sa.String(50), nullable=False, info=personal_column(user="user_id")),
    sa.Column("full_name", sa.String(50), nullable=False, info=personal_column(user="user_id")),
    sa.Column("role", sa.String(50), nullable=False),
    sa.Column("manager_id", sa.BigInteger),
    sa.Column("unit_id", sa.BigInteger, index=True),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("source_version", sa.BigInteger, nullable=False),
)
unit = sa.Table(
    "unit",
    PEOPLE,
    sa.Column("unit_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(50), nullable=False),
    sa.Column("code", sa.String(20)),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("parent_id", sa.BigInteger, index=True),
    sa.Column("head_id", sa.BigInteger),
)


def add_people_table(metadata: sa.MetaData) -> None:
    """The replica's two tables."""
    person.to_metadata(metadata)
    unit.to_metadata(metadata)


class UserRegistered(Heard, type="identity.user.registered"):
    user_id: int
    login: PersonalText
    full_name: PersonalText
    role: str
    manager_id: int | None = None
    unit_id: int | None = None


class UserEdited(Heard, type="identity.user.edited"):
    user_id: int
    login: PersonalText
    full_name: PersonalText
    role: str
    manager_id: int | None = None
    unit_id: int | None = None


class UserDisabled(Heard, type="identity.user.disabled"):
    user_id: int


class UserEnabled(Heard, type="identity.user.enabled"):
    user_id: int


class UserDeleted(Heard, type="identity.user.deleted"):
    user_id: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Standing:
    """What every event about a unit tells."""

    unit_id: int
    name: str
    code: str | None
    kind: str
    parent_id: int | None
    head_id: int | None


class UnitCreated(Standing, Heard, type="identity.unit.created"):
    """There is a new unit."""


class UnitEdited(Standing, Heard, type="identity.unit.edited"):
    """A unit is called otherwise, or headed by somebody else."""


class UnitMoved(Standing, Heard, type="identity.unit.moved"):
    """A unit belongs to another one from now on."""


class UnitRemoved(Heard, type="identity.unit.removed"):
    unit_id: int


def know_person(tx: Transaction, event: UserRegistered | UserEdited) -> None:
    """Keep the person as identity describes him or her now."""
    row = {
        "user_id": event.user_id,
        "login": event.login,
        "full_name": event.full_name,
        "role": event.role,
        "manager_id": event.manager_id,
        "unit_id": event.unit_id,
        "source_version": tx.heard_version,
    }
    statement = insert(tx.session, person).values(**row, is_active=True)
    tx.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=row))


def remember_disabled(tx: Transaction, event: UserDisabled | UserDeleted) -> None:
    _set_active(tx, event.user_id, is_active=False)


def remember_enabled(tx: Transaction, event: UserEnabled) -> None:
    _set_active(tx, event.user_id, is_active=True)


def _set_active(tx: Transaction, user_id: int, *, is_active: bool) -> None:
    values = {"is_active": is_active, "source_version": tx.heard_version}
    tx.execute(sa.update(person).where(person.c.user_id == user_id).values(values))


def know_unit(tx: Transaction, event: Standing) -> None:
    """Keep the unit as identity describes it now."""
    row = {column.name: getattr(event, column.name) for column in unit.c}
    statement = insert(tx.session, unit).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=["unit_id"], set_=row))


def forget_unit(tx: Transaction, event: UnitRemoved) -> None:
    tx.execute(sa.delete(unit).where(unit.c.unit_id == event.unit_id))


REACTIONS: Mapping[type[Heard], Callable[[Transaction, Any], None]] = {
    UserRegistered: know_person,
    UserEdited: know_person,
    UserDisabled: remember_disabled,
    UserEnabled: remember_enabled,
    UserDeleted: remember_disabled,
    UnitCreated: know_unit,
    UnitEdited: know_unit,
    UnitMoved: know_unit,
    UnitRemoved: forget_unit,
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


def in_unit(*owners: Any, people: sa.FromClause = person, units: sa.FromClause = unit) -> Condition:
    """``?unit_id=3``: rows that belong to somebody in this unit or in one below it, at whatever depth."""

    def condition(text: str) -> sa.ColumnElement[bool]:
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise ValueError(f"{text!r} is no unit's number")
        below = sa.select(units.c.unit_id).where(units.c.unit_id == int(text)).cte(recursive=True)
        down = sa.select(units.c.unit_id).join(below, units.c.parent_id == below.c.unit_id)
        members = sa.select(people.c.user_id).where(people.c.unit_id.in_(sa.select(below.union(down).c.unit_id)))
        return sa.or_(*(owner.in_(members) for owner in owners))

    return condition

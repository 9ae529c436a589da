"""The units of the demo firm, and who of the demo people belongs where."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.settings import Settings
from chassis.transaction import Transaction
from identity.unit.model import DEMO_UNITS, Unit
from identity.user.life_cycle import Status
from identity.user.model import User

DEMO_PEOPLE = {"eve": "GX", "admin": "GX", "sue": "EAST", "mei": "SALES", "sam": "SALES", "jun": "SALES",
               "max": "MKT", "cleo": "SVC"}  # fmt: skip


def seed_units(tx: Transaction, settings: Settings) -> None:
    """Once, in demo mode, while there is no unit at all."""
    if settings.extra.get("demo") != "1" or tx.scalar(sa.select(sa.func.count()).select_from(Unit)):
        return
    here = (User.login.in_(DEMO_PEOPLE), User.status != Status.DELETED)
    people = {user.login: user for user in tx.load(User, sa.select(User).where(*here))}
    ids: dict[str, int] = {}
    for code, name, kind, above, head in DEMO_UNITS:
        fields = {"code": code, "name": name, "kind": kind, "parent_id": ids.get(above), "position": len(ids)}
        unit = tx.add(Unit.begin(fields | {"head_id": people[head].id if head in people else None}))
        tx.publish(unit.created())
        ids[code] = unit.id
    for login, user in people.items():
        tx.publish(user.edit({"unit_id": ids[DEMO_PEOPLE[login]]}, by_id=0, superiors=set()))

"""Events that the broker will never take, set aside by the relay so that all others go on.

Nothing is lost by it: the log holds them, and listeners fetch from there what they miss.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa

from chassis.database import Database
from chassis.dialect import insert
from chassis.tables import relay_quarantine
from chassis.window import Item

LONGEST_REASON = 1000


def set_aside(database: Database, item: Item, reason: str) -> None:
    """Never send this event again."""
    row = {"event_id": uuid.UUID(item.event_id), "position": item.position}
    row |= {"reason": reason[:LONGEST_REASON], "at": datetime.now(UTC)}
    with database.connection() as connection:
        connection.execute(insert(connection, relay_quarantine).values(row).on_conflict_do_nothing())


def not_to_send(database: Database, after: int) -> set[str]:
    """The ids of events behind a position that the broker does not take."""
    table = relay_quarantine.c
    with database.reading() as session:
        return set(map(str, session.scalars(sa.select(table.event_id).where(table.position > after))))

"""A bell outside that is rung: what the tests of effects tell their stories with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.database import Database
from chassis.effects import Answer, Effect, Outcome, request_effect
from chassis.tables import external_effect
from chassis.transaction import transaction
from tests import toy

DONE, REFUSED, NOT_DONE, UNCLEAR = (Answer(one, f"it was {one}") for one in Outcome)


class Bell:
    """A kind of effect whose outside is told what to answer."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.rung: list[str] = []
        self.asked: list[str] = []
        self.happens: Callable[[], object] = lambda: None

    def perform(self, effect: Effect) -> Answer:
        self.rung.append(effect.key)
        self.happens()
        return self.answers.pop(0)

    def ask(self, effect: Effect) -> Answer:
        self.asked.append(effect.key)
        return self.answers.pop(0)


def ring(database: Database, key: str = "k", subject: str = "door") -> None:
    with transaction(database, "workshop") as tx:
        request_effect(tx, "bell", key, {"loud": True}, subject=subject)


def row(database: Database, key: str = "k") -> Mapping[str, Any]:
    (found,) = toy.rows(database, external_effect, idempotency_key=key)
    return found


def let_time_pass(database: Database, by: timedelta = timedelta(days=3)) -> None:
    """Everything with a time is due, leases included."""
    long_ago = datetime.now(UTC) - by
    with database.connection() as connection:
        table = external_effect.c
        connection.execute(sa.update(external_effect).where(table.next_at.is_not(None)).values(next_at=long_ago))
        connection.execute(
            sa.update(external_effect).where(table.lease_until.is_not(None)).values(lease_until=long_ago)
        )

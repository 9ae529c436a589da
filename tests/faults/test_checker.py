"""The checker itself bites: each promise that is broken by hand is noticed. What the mutants show rests on it."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from tests.faults.checker import Checker
from tests.faults.shop import Shop

pytestmark = [pytest.mark.infra, pytest.mark.broker]


def test_a_clean_run_is_clean_and_a_forged_row_is_not(shop: Shop) -> None:
    shop.shelf(reconcile="never").until_ready()
    shop.workshop()
    shop.make(toys=2, colours=2)
    shop.must_agree(nothing_was_lost=True)
    shop.close()

    for statement, expected in FORGERIES:
        assert expected in complaints(shop, statement), statement


FORGERIES = [
    ("DELETE FROM inbox WHERE aggregate_version = 2", "conservation"),
    ("UPDATE inbox SET event_id = gen_random_uuid() WHERE aggregate_version = 2", "conservation"),
    ("UPDATE inbox SET state = 'skipped' WHERE aggregate_version = 2", "effects"),
    ("UPDATE inbox SET via = 'gap' WHERE aggregate_version = 2", "arrival"),
    ("DELETE FROM note WHERE version = 2", "effects"),
    ("INSERT INTO note (event_id, toy_id, version, text) SELECT event_id, toy_id, version, text FROM note", "effects"),
    ("UPDATE note SET version = 4 - version", "order"),
    ("DELETE FROM event_log WHERE id = (SELECT min(id) FROM event_log)", "consequences"),
    ("UPDATE label SET text = 'invisible'", "outcome"),
    (
        "INSERT INTO parked_event (consumer, event_id, body, source, event_type, aggregate_type, aggregate_id, "
        "aggregate_version, reason, state, attempts, error_class, error, fingerprint, first_at, last_at) "
        "SELECT consumer, event_id, '', source, event_type, aggregate_type, aggregate_id, aggregate_version, "
        "'failed', 'waiting', 1, '', '', '', now(), now() FROM inbox",
        "aside",
    ),
]


def complaints(shop: Shop, statement: str) -> set[str]:
    """What the checker says while one row is forged; the forgery is taken back."""
    connection = shop.heard_in.engine.connect()
    try:
        connection.execute(sa.text(statement))
        forged = Checker(shop.said_in, Forged(shop.heard_in, connection))
        return {violation.partition(":")[0] for violation in forged.violations(nothing_was_lost=True)}
    finally:
        connection.rollback()
        connection.close()


class Forged(Database):
    """A database seen from inside a transaction that will never be committed."""

    def __init__(self, database: Database, connection: sa.Connection) -> None:
        self.__dict__.update(database.__dict__)
        self.forged = connection

    def reading(self) -> Any:
        return nullcontext(self.forged)


def test_a_hole_in_the_log_is_noticed(shop: Shop) -> None:
    shop.shelf().until_ready()
    shop.workshop()
    shop.make(toys=1, colours=2)
    shop.must_agree()
    shop.close()

    with shop.said_in.connection() as connection:
        connection.execute(sa.text("UPDATE event_log SET position = position + 1 WHERE position = 3"))

    assert "contiguity" in shop.complaints()

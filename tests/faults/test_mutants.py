"""The guards bite: without any one of them the same fault leaves a trace that the checker finds.

Reconciling is switched off, or it would mend in seconds what the mutant broke.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.events import open_envelope
from chassis.tables import event_log
from chassis.testing.stage import an_envelope
from tests import toy
from tests.faults.checker import Checker
from tests.faults.shop import Shop
from tests.infra.faultproxy import FaultProxy
from tests.infra.processes import ServerDidNotStart

pytestmark = [pytest.mark.infra, pytest.mark.broker]

SHORT_PATIENCE_SECONDS = 3.0


def kinds(shop: Shop, **how: bool) -> set[str]:
    """What the checker complains of, when the mutant has had its time."""
    with suppress(ServerDidNotStart):
        shop.checker.until_drained(SHORT_PATIENCE_SECONDS)
    return {violation.partition(":")[0] for violation in shop.checker.violations(**how)}


def test_without_the_inbox_a_repeated_event_is_not_recognised(shop: Shop) -> None:
    shop.shelf(mutant="without_inbox", delivery="repeated", reconcile="never").until_ready()
    shop.workshop()
    shop.make(toys=3, colours=3)
    shop.until_heard(12)

    shop.until(lambda: "effects" in kinds(shop), "the checker to complain")


def test_without_the_version_effects_happen_in_any_order(shop: Shop) -> None:
    shop.shelf(mutant="without_version", delivery="shuffled", reconcile="never").until_ready()
    shop.make_at_once(toys=4, colours=9)
    shop.workshop()

    shop.until(lambda: {"order", "outcome"} & kinds(shop), "the checker to complain")


def test_a_reader_by_id_skips_what_commits_late(shop: Shop) -> None:
    """Fault 27 as it is without a sealer."""
    shop.shelf(reconcile="never").until_ready()
    shop.workshop(mutant="by_id").until_ready()
    with shop.said_in.engine.begin() as late:
        late.execute(sa.insert(toy.Toy).values(id=900, name="late", colour="", is_sold=False, version=1))
        late.execute(sa.insert(event_log).values(made_late()))
        shop.make(toys=2, colours=1)
        shop.until_heard(4)

    assert "conservation" in kinds(shop)


def made_late() -> dict[str, object]:
    envelope = open_envelope(raw := an_envelope(toy.ToyMade(toy_id=900, name="late"), source="workshop", version=1))
    return {
        "event_id": UUID(envelope.id),
        "event_type": envelope.type,
        "aggregate_type": "toy",
        "aggregate_id": "900",
        "aggregate_version": 1,
        "occurred_at": envelope.time,
        "recorded_at": envelope.recordedtime,
        "envelope": raw,
    }


def test_without_confirms_a_broken_connection_loses_events(
    shop: Shop, fault_proxy: Callable[[str], FaultProxy]
) -> None:
    proxy = fault_proxy(shop.amqp_url)
    shop.shelf(reconcile="never").until_ready()
    shop.workshop(mutant="without_confirms", amqp_url=proxy.url).until_ready()
    shop.make()
    shop.until_heard(1)

    proxy.blackhole()
    shop.make(toys=3, colours=1)
    shop.until(lambda: shop.published_to == 7, "the relay to believe that all is well")
    proxy.cut()
    proxy.blackhole(on=False)

    assert "conservation" in kinds(shop)


def test_without_the_window_a_refused_event_is_overtaken(shop: Shop) -> None:
    shop.shelf(reconcile="never").until_ready()

    shop.workshop(mutant="without_order", broker="refusing")
    shop.make_at_once(toys=8, colours=99)  # more than one batch: within one, the consumer puts them in order itself
    shop.checker.until_drained()

    assert kinds(shop, nothing_was_lost=True) == {"arrival"}


def test_the_consumer_of_a_tutorial_doubles_and_disorders(shop: Shop) -> None:
    """The control: the same harness, the same faults, none of the guards."""
    shop.shelf(mutant="naive", failpoint="consumer.after_commit:kill:5", reconcile="never").until_ready()
    shop.workshop()
    shop.make_at_once(toys=4, colours=5)
    shop.processes[0].until_dead()

    shop.shelf(mutant="naive", delivery="shuffled", reconcile="never")

    shop.until(lambda: {"effects", "order"} <= kinds(shop), "the checker to complain")


def test_a_clean_run_is_clean_and_a_forged_row_is_not(shop: Shop) -> None:
    """The checker itself bites: each promise, broken by hand, is noticed."""
    shop.shelf().until_ready()
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

    assert "contiguity" in kinds(shop)

"""A message to ourselves is released when it is due, once, together with what it causes."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import failpoints
from chassis.database import Database
from chassis.dialect import clock
from chassis.schedule import RETRY_AFTER, Message, Releaser, State, Timer, cancel, schedule, schedule_all
from chassis.tables import scheduled_message
from chassis.testing.stage import some_settings
from chassis.transaction import Transaction, transaction
from chassis.worker import Worker
from tests import toy

HOUR = timedelta(hours=1)


def ring(tx: Transaction, payload: Mapping[str, Any]) -> None:
    """The bell of toy n rings: one note each time."""
    tx.execute(sa.insert(toy.note).values(event_id="bell", toy_id=payload["toy"], version=0, text="rang"))


def releaser(database: Database, then: Timer = ring) -> Releaser:
    return Releaser(database, "shelf", {"ring": then})


def wind_up(database: Database, toy_id: int = 1, after: timedelta = HOUR) -> bool:
    with transaction(database, "shelf") as tx:
        return schedule(tx, "ring", {"toy": toy_id}, at=tx.now + after, key=f"bell:{toy_id}")


def take_back(database: Database, toy_id: int = 1) -> State | None:
    with transaction(database, "shelf") as tx:
        return cancel(tx, f"bell:{toy_id}")


def let_time_pass(database: Database) -> None:
    """What is to happen some day is due now."""
    with database.connection() as connection:
        values = {"next_attempt_at": clock(connection) - timedelta(seconds=1)}
        connection.execute(sa.update(scheduled_message).values(values))


def rung(database: Database) -> list[int]:
    return [toy_id for toy_id, _ in toy.notes(database)]


def kept(database: Database) -> Mapping[str, Any]:
    (row,) = toy.rows(database, scheduled_message)
    return row


def test_a_message_waits_until_it_is_due(database: Database) -> None:
    wind_up(database)

    assert releaser(database).run_due() == 0
    let_time_pass(database)
    assert releaser(database).run_due() == 1

    assert rung(database) == [1]
    assert kept(database)["state"] == State.RELEASED
    assert kept(database)["released_at"]


def test_a_released_message_is_not_released_again(database: Database) -> None:
    wind_up(database, after=-HOUR)

    assert [releaser(database).run_due() for _ in range(3)] == [1, 0, 0]
    assert rung(database) == [1]


@pytest.mark.fault(40)
@pytest.mark.infra
def test_the_clock_of_the_database_decides_not_that_of_the_process(new_postgres: Callable[[], Database]) -> None:
    database = new_postgres()
    wind_up(database)

    with clock_of(database, ahead="2 hours"):
        assert releaser(database).run_due() == 1


@contextmanager
def clock_of(database: Database, *, ahead: str) -> Iterator[None]:
    """PostgreSQL asks our function what time it is, in every connection; afterwards its own again: others follow."""
    name = database.url.database
    body = f"SELECT pg_catalog.clock_timestamp() + interval '{ahead}'"
    head = "CREATE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
    path = f'ALTER DATABASE "{name}" SET search_path = skewed, public, pg_catalog'
    order(database, "CREATE SCHEMA skewed", f"{head} $${body}$$", path)
    try:
        yield
    finally:
        order(database, f'ALTER DATABASE "{name}" RESET search_path', "DROP SCHEMA skewed CASCADE")


def order(database: Database, *statements: str) -> None:
    """Orders to the server that count in every connection from now on."""
    with database.connection() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    database.engine.dispose()


def test_the_same_key_is_kept_once(database: Database) -> None:
    assert [wind_up(database), wind_up(database)] == [True, False]

    let_time_pass(database)
    releaser(database).run_due()

    assert wind_up(database) is False, "not even after it was released"
    assert rung(database) == [1]


def test_many_messages_cost_one_insert(database: Database) -> None:
    with transaction(database, "shelf") as tx:
        bells = [Message(name="ring", key=f"bell:{n}", at=tx.now, payload={"toy": n}) for n in range(300)]
        assert schedule_all(tx, [*bells, bells[0]]) == 300

    assert releaser(database).run_due() == 300
    assert sorted(rung(database)) == list(range(300))


def test_a_message_of_a_change_that_was_not_kept_is_not_kept(database: Database) -> None:
    with transaction(database, "shelf") as tx:
        schedule(tx, "ring", {"toy": 1}, at=tx.now, key="bell:1")
        tx.forget()

    assert toy.rows(database, scheduled_message) == []


def test_a_cancelled_message_is_never_released(database: Database) -> None:
    wind_up(database)

    assert take_back(database) == State.CANCELLED

    let_time_pass(database)
    assert releaser(database).run_due() == 0
    assert rung(database) == []
    assert take_back(database) == State.CANCELLED


def test_cancelling_too_late_changes_nothing_and_says_so(database: Database) -> None:
    wind_up(database, after=-HOUR)
    releaser(database).run_due()

    assert take_back(database) == State.RELEASED
    assert kept(database)["state"] == State.RELEASED


def test_cancelling_what_was_never_asked_for_says_so(database: Database) -> None:
    assert take_back(database) is None


@pytest.mark.infra
def test_cancelling_does_not_wait_for_a_message_that_is_being_released(new_postgres: Callable[[], Database]) -> None:
    database, begun, go_on = new_postgres(), threading.Event(), threading.Event()
    wind_up(database, after=-HOUR)

    def slowly(tx: Transaction, payload: Mapping[str, Any]) -> None:
        begun.set()
        assert go_on.wait(20)
        ring(tx, payload)

    def meanwhile() -> None:
        assert begun.wait(20)
        assert take_back(database) == State.RELEASED
        go_on.set()

    toy.at_once(releaser(database, slowly).run_due, meanwhile)

    assert rung(database) == [1]


def test_several_workers_release_each_message_once(database: Database) -> None:
    for toy_id in range(40):
        wind_up(database, toy_id, after=-HOUR)

    toy.at_once(*(releaser(database).run_due for _ in range(4)))

    assert sorted(rung(database)) == list(range(40))


def test_a_failing_message_is_tried_again_later_and_does_not_stop_others(database: Database) -> None:
    wind_up(database, 1, after=-2 * HOUR)
    wind_up(database, 2, after=-HOUR)

    assert releaser(database, failing_for(1)).run_due() == 1

    assert rung(database) == [2], "what the failing one did before it failed is not kept"
    (row,) = toy.rows(database, scheduled_message, dedupe_key="bell:1")
    assert (row["state"], row["attempts"], row["error"]) == (State.PENDING, 1, "Broken: toy 1")
    assert row["next_attempt_at"] > row["made_at"] + RETRY_AFTER[0]
    assert releaser(database).run_due() == 0, "not before its time"


class Broken(Exception):
    """The bell is broken."""


def failing_for(toy_id: int) -> Timer:
    def fail(tx: Transaction, payload: Mapping[str, Any]) -> None:
        ring(tx, payload)
        if payload["toy"] == toy_id:
            raise Broken(f"toy {toy_id}")

    return fail


def test_a_message_that_fails_often_is_tried_more_seldom_but_never_given_up(database: Database) -> None:
    wind_up(database, after=-HOUR)

    delays = []
    for _ in range(len(RETRY_AFTER) + 2):
        let_time_pass(database)
        releaser(database, failing_for(1)).run_due()
        delays.append(round((kept(database)["next_attempt_at"] - now(database)).total_seconds()))

    expected = [delay.total_seconds() for delay in (*RETRY_AFTER, RETRY_AFTER[-1], RETRY_AFTER[-1])]
    assert delays == pytest.approx(expected, abs=2)
    let_time_pass(database)
    assert releaser(database).run_due() == 1


def now(database: Database) -> Any:
    with database.connection() as connection:
        return clock(connection)


def test_a_crash_between_effect_and_commit_leaves_both_undone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wind_up(database, after=-HOUR)
    monkeypatch.setattr(failpoints, "_SET", "schedule.before_commit:raise:1")
    monkeypatch.setattr(failpoints, "_passes", type(failpoints._passes)())

    releaser(database).run_due()
    assert rung(database) == []

    let_time_pass(database)
    assert releaser(database).run_due() == 1
    assert rung(database) == [1]


def test_a_message_that_this_build_does_not_know_waits_for_one_that_does(database: Database) -> None:
    wind_up(database, after=-HOUR)

    assert Releaser(database, "shelf", {"something else": ring}).run_due() == 0
    assert kept(database)["attempts"] == 0

    assert releaser(database).run_due() == 1


def test_a_worker_that_starts_after_a_crash_releases_what_came_due_meanwhile(database: Database) -> None:
    wind_up(database, after=-HOUR)
    again = Database(database.url.render_as_string(hide_password=False))
    service = dataclasses.replace(toy.shelf, hears={}, timers={"ring": ring})
    worker = Worker(service, some_settings("shelf", str(again.url)), again, {})

    worker.start()
    until(lambda: rung(again) == [1])
    worker.stop()
    again.close()


def until(seen: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.05)

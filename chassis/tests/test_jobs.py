"""Jobs run once per due time, by the database's clock, however many workers look."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.dialect import clock
from chassis.jobs import RETRY_AFTER, Job, Scheduler
from chassis.tables import event_log, scheduled_job
from chassis.transaction import Transaction
from tests import toy

HOURLY = timedelta(hours=1)


def make_bear(tx: Transaction) -> str:
    toy.make_toy(tx, "bear")
    return "one bear"


def fail(tx: Transaction) -> None:
    toy.make_toy(tx, "ghost")
    raise RuntimeError("out of wood \x00")


def scheduler(database: Database, *jobs: Job) -> Scheduler:
    return Scheduler(database, "workshop", list(jobs))


def an_hour_later(database: Database) -> None:
    with database.connection() as connection:
        connection.execute(sa.update(scheduled_job).values(due_at=clock(connection)))


def test_a_job_runs_at_once_and_then_when_it_is_due(database: Database) -> None:
    jobs = scheduler(database, Job("bears", make_bear, HOURLY))

    assert [jobs.run_due(), jobs.run_due()] == [1, 0]
    an_hour_later(database)
    assert jobs.run_due() == 1

    assert len(toy.rows(database, event_log)) == 2
    (row,) = toy.rows(database, scheduled_job)
    assert (row["outcome"], row["due_at"] - row["ran_at"]) == ("one bear", HOURLY)


def test_two_workers_at_the_same_time_run_it_once(database: Database) -> None:
    together = threading.Barrier(4)

    def slowly(tx: Transaction) -> None:
        make_bear(tx)
        threading.Event().wait(0.2)

    def look() -> None:
        one = scheduler(database, Job("bears", slowly, HOURLY))
        together.wait(10)
        one.run_due()
        one.run_due()

    toy.at_once(look, look, look, look)

    assert len(toy.rows(database, event_log)) == 1


def test_two_workers_at_the_same_time_run_a_known_job_once(database: Database) -> None:
    scheduler(database, Job("bears", make_bear, HOURLY)).run_due()
    an_hour_later(database)
    looks = [scheduler(database, Job("bears", make_bear, HOURLY)).run_due for _ in range(4)]

    toy.at_once(*looks)

    assert len(toy.rows(database, event_log)) == 2


def test_a_failed_job_keeps_nothing_and_is_tried_later(database: Database) -> None:
    jobs = scheduler(database, Job("ghosts", fail, HOURLY), Job("bears", make_bear, HOURLY))

    assert [jobs.run_due(), jobs.run_due()] == [1, 0]

    assert len(toy.rows(database, event_log)) == 1
    (row,) = toy.rows(database, scheduled_job, name="ghosts")
    assert row["outcome"].startswith("failed: out of wood")
    with database.reading() as session:
        assert row["due_at"] - clock(session) > RETRY_AFTER / 2


def test_a_first_failure_is_not_repeated_at_every_look(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    jobs = scheduler(database, Job("ghosts", fail, HOURLY))

    for _ in range(3):
        jobs.run_due()

    assert len([record for record in caplog.records if "failed" in record.message]) == 1


@pytest.mark.fault(40)
def test_the_databases_clock_decides(database: Database) -> None:
    jobs = scheduler(database, Job("bears", make_bear, HOURLY))
    jobs.run_due()
    with database.connection() as connection:
        almost = clock(connection) + timedelta(seconds=30)
        connection.execute(sa.update(scheduled_job).values(due_at=almost))

    assert jobs.run_due() == 0

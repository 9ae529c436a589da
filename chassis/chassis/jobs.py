"""Scheduled jobs: each runs once per due time, however many workers there are, by the database's clock."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from chassis.database import Database
from chassis.dialect import clock, insert, storable
from chassis.principal import SYSTEM
from chassis.tables import scheduled_job
from chassis.transaction import Transaction

log = logging.getLogger(__name__)
RETRY_AFTER = timedelta(minutes=5)


@dataclasses.dataclass(frozen=True)
class Job:
    """Something a service does by itself: ``calls`` runs in one transaction, first soon after the start."""

    name: str
    calls: Callable[[Transaction], object]
    every: timedelta


class Scheduler:
    """Runs a service's jobs."""

    def __init__(self, database: Database, service: str, jobs: list[Job]) -> None:
        self.database, self.service, self.jobs = database, service, jobs

    def run_due(self) -> int:
        """How many jobs ran. The claim and the job's effects are one commit: run together or not at all."""
        return sum(self._run(job) for job in self._due())

    def _due(self) -> list[Job]:
        """A look without a lock, for it is taken twice a second and mostly in vain; the claim looks again."""
        table = scheduled_job.c
        if not self.jobs:
            return []
        with self.database.reading() as session:
            names = table.name.in_([job.name for job in self.jobs])
            later = set(session.scalars(sa.select(table.name).where(names, table.due_at > clock(session))))
        return [job for job in self.jobs if job.name not in later]

    def _run(self, job: Job) -> bool:
        try:
            with self.database.writing() as session:
                now = clock(session)
                tx = Transaction(session, self.database, self.service, principal=SYSTEM, now=now)
                if not self._claim(tx, job):
                    return False
                outcome = job.calls(tx)
                self._note(tx, job, str(outcome or "done"), now + job.every)
                tx.commit()
                return True
        except Exception as error:  # one job's fault must not stop the others
            log.exception("Job %s failed", job.name)
            self._postpone(job, error)
            return False

    def _claim(self, tx: Transaction, job: Job) -> bool:
        """Whether the job is due and nobody else runs it; the row stays locked until commit."""
        first = {"name": job.name, "due_at": tx.now}
        tx.execute(insert(tx.session, scheduled_job).values(first).on_conflict_do_nothing())
        mine = sa.select(scheduled_job.c.due_at).where(scheduled_job.c.name == job.name)
        due_at: datetime | None = tx.scalar(mine.with_for_update(skip_locked=True))
        return due_at is not None and due_at <= tx.now

    def _note(self, tx: Transaction, job: Job, outcome: str, due_at: datetime) -> None:
        values = {"due_at": due_at, "ran_at": tx.now, "outcome": outcome}
        tx.execute(sa.update(scheduled_job).where(scheduled_job.c.name == job.name).values(values))

    def _postpone(self, job: Job, error: Exception) -> None:
        """Not before a while. What failed the first time has no row yet: its claim was taken back too."""
        with self.database.connection() as connection:
            values = {"due_at": clock(connection) + RETRY_AFTER, "outcome": storable(f"failed: {error}")[:1000]}
            statement = insert(connection, scheduled_job).values(name=job.name, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))

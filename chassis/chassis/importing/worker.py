"""Imports at work: a part of a file at a time, each with its effects and its progress in one commit.

Whoever works on a job holds its row; when a process dies, its part was never there and another goes on from it. So
every row has its effect once, however often we are interrupted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from chassis.bulk import MOST_ROWS, STOP, Batch
from chassis.database import Database
from chassis.dialect import clock, storable
from chassis.events import encode
from chassis.failpoints import failpoint
from chassis.importing.declared import Import
from chassis.importing.lines import Fault, Unreadable
from chassis.importing.notes import note, note_changes
from chassis.importing.parts import Found, checked, found_in, told
from chassis.importing.reading import Form, Reading
from chassis.importing.tables import (
    State,
    forget_content,
    import_file,
    import_job,
    import_part,
)
from chassis.importing.undoing import Undoing
from chassis.principal import SYSTEM, principal_of
from chassis.problems import Problem, Unavailable
from chassis.transaction import Row, Transaction

log = logging.getLogger(__name__)
RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (0, 1, 5, 30, 120, 600))
"""The first is for two who wrote the same at once; after the last, somebody has to look."""
Values = Mapping[str, Any]


class Importer:
    """Works on the imports of one service. Any number of workers may do it at once."""

    def __init__(self, database: Database, service: str, imports: Sequence[Import]) -> None:
        self.database, self.service = database, service
        self.imports = {declared.noun: declared for declared in imports}
        self._steps: Mapping[State, Callable[[Transaction, Row], Values]] = {
            State.CHECKING: self._check,
            State.IMPORTING: self._keep,
            State.UNDOING: self._undo,
        }

    def run_due(self) -> int:
        """Work until nothing is due; how many steps that were."""
        steps = 0
        while self.step():
            steps += 1
        return steps

    def step(self) -> bool:
        """One file read, or one part of the job that has waited longest; false when nothing is due."""
        return self._is_due() and (self._read_next() or self._work_next())

    def _is_due(self) -> bool:
        """A look without a lock, for mostly nothing is."""
        with self.database.reading() as session:
            return session.execute(self._due(clock(session), State.WAITING, *self._steps)).first() is not None

    # -- reading ---------------------------------------------------------------------------------

    def _read_next(self) -> bool:
        """Read a file while nothing is locked: a large sheet takes seconds. Two who read the same do no harm."""
        with self.database.reading() as session:
            job = session.execute(self._due(clock(session), State.WAITING)).first()
            if job is None:
                return False
            kept = sa.select(import_file.c.content, import_file.c.fixes).where(import_file.c.import_id == job.id)
            file = session.execute(kept).first()
        try:
            found = self._read(job, file.content if file else b"", (file and file.fixes) or b"{}")
            with self._transaction() as tx:
                mine = (import_job.c.id == job.id, import_job.c.state == State.WAITING)
                if tx.row(sa.select(import_job.c.id).where(*mine).with_for_update(skip_locked=True)):
                    self._lay_down(tx, job, found)
                    tx.commit()
        except Exception as error:
            self._postpone(job, error)
        return True

    def _read(self, job: Row, content: bytes, fixes: bytes) -> Found | Unreadable:
        declared, form = self.imports[job.noun], Form(job.form, job.encoding)
        right = msgspec.json.decode(fixes, type=dict[int, dict[str, str]])
        try:
            return found_in(declared, Reading(form, content, declared.columns, msgspec.json.decode(job.mapping), right))
        except Unreadable as error:
            return error

    def _lay_down(self, tx: Transaction, job: Row, found: Found | Unreadable) -> None:
        """The rows of a file, in parts that the worker takes one by one."""
        if isinstance(found, Unreadable):
            note(tx, job, found.faults)
            over = _over(tx, job, State.REFUSED, found.fault.reason)
            tx.execute(_changing(job, over | {"columns": encode(found.columns)}))
            return
        parts = [{"import_id": job.id, "number": number, "rows": part} for number, part in enumerate(found.parts)]
        if parts:
            tx.execute(sa.insert(import_part), parts)
        note(tx, job, found.faults)
        values = {
            "rows_total": found.rows,
            "parts_total": len(parts),
            "columns": encode(found.columns),
            "refused": _rows_in(found.faults),
            "state": State.CHECKING if job.dry_run or job.on_error == STOP else State.IMPORTING,
            "attempts": 0,
        }
        tx.execute(_changing(job, values if parts else values | _ended(tx, job, values)))

    # -- working ---------------------------------------------------------------------------------

    def _work_next(self) -> bool:
        job: Row | None = None
        try:
            with self._transaction() as tx:
                job = self._claim(tx)
                if job is None:
                    return False
                values = self._steps[State(job.state)](tx, job)
                tx.execute(_changing(job, {"attempts": 0, "due_at": tx.now, **values}))
                failpoint("importing.before_commit")
                tx.commit()
        except Exception as error:
            if job is None:
                raise
            self._postpone(job, error)
        return True

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        """It commits when it is told to."""
        with self.database.writing() as session:
            yield Transaction(session, self.database, self.service, principal=SYSTEM, now=clock(session))

    def _due(self, now: datetime, *states: State) -> sa.Select[Any]:
        table = import_job.c
        due = (table.state.in_(states), table.due_at <= now, table.noun.in_(self.imports))
        return sa.select(import_job).where(*due).order_by(table.due_at, table.id).limit(1)

    def _claim(self, tx: Transaction) -> Row | None:
        """The job is ours until commit, and what we do is done by whoever asked for it."""
        job = tx.row(self._due(tx.now, *self._steps).with_for_update(skip_locked=True))
        if job is not None:
            tx.principal = principal_of(msgspec.json.decode(job.asker))
            tx.begin_anew(str(job.story))
        return job

    def _check(self, tx: Transaction, job: Row) -> Values:
        """Try a part and take it back: what would be refused, and how much would change."""
        batch, faults = self._tried(tx, job)
        tx.forget()
        mine = (import_job.c.id == job.id, import_job.c.state == job.state, import_job.c.parts_done == job.parts_done)
        if tx.row(sa.select(import_job.c.id).where(*mine).with_for_update()) is None:
            return {}  # cancelled, or done by another worker while the trial was taken back
        return _advanced(tx, job, batch, faults)

    def _keep(self, tx: Transaction, job: Row) -> Values:
        """Keep a part, with its effects, its faults and the list of what it changed."""
        batch, faults = self._tried(tx, job)
        if faults and job.on_error == STOP:
            tx.forget()
            note(tx, job, faults)
            reason = "A row was refused that was fine when the file was checked; what was kept before can be undone"
            return _over(tx, job, State.REFUSED, reason) | {"refused": _rows_in(faults)}
        note_changes(tx, job, self.imports[job.noun].kind.noun)
        return _advanced(tx, job, batch, faults)

    def _undo(self, tx: Transaction, job: Row) -> Values:
        """Take some back; a record that fails alone, too, is left as it is."""
        undoing = Undoing(self.imports[job.noun], tx, job)
        return undoing.some() if job.attempts < 2 else undoing.give_up("Another record is in the way of taking it back")

    def _tried(self, tx: Transaction, job: Row) -> tuple[Batch, Sequence[Fault]]:
        """The next part, done and not kept yet, and what was refused of it."""
        declared = self.imports[job.noun]
        mine = (import_part.c.import_id == job.id, import_part.c.number == job.parts_done)
        said = msgspec.json.decode(tx.scalar(sa.select(import_part.c.rows).where(*mine)))
        batch = Batch(checked(declared, said), dry_run=job.dry_run, mode=job.mode)
        declared.command.work(tx, batch)
        return batch, told(declared, job, said, batch.refused)

    def _postpone(self, job: Row, error: Exception) -> None:
        """Try again in a while; an outage is waited out, anything else ends the job when it does not pass."""
        is_outage = isinstance(error, Unavailable)
        attempts = job.attempts + (not is_outage)
        log.warning("Import %s of %s waits: %r", job.id, self.service, error)
        with self.database.connection() as connection:
            now = clock(connection)
            values: dict[str, Any] = {"attempts": attempts, "due_at": now + _delay(attempts, is_outage)}
            if attempts > len(RETRY_AFTER):
                log.error("Import %s of %s failed", job.id, self.service, exc_info=error)
                reason = storable(str(error) if isinstance(error, Problem) else type(error).__name__)[:500]
                values |= {"state": State.FAILED, "reason": f"It failed again and again: {reason}", "finished_at": now}
            # another worker may have gone on from here since our own attempt was rolled back
            connection.execute(_changing(job, values).where(import_job.c.due_at == job.due_at))
            if "state" in values:
                forget_content(connection, job.id)


def _delay(attempts: int, is_outage: bool) -> timedelta:
    return RETRY_AFTER[2] if is_outage else RETRY_AFTER[min(attempts, len(RETRY_AFTER)) - 1]


def _rows_in(faults: Iterable[Fault]) -> int:
    return len({fault.row for fault in faults})


def _advanced(tx: Transaction, job: Row, batch: Batch, faults: Sequence[Fault]) -> Values:
    """The counts after a part, and the next state after the last one."""
    note(tx, job, faults)
    values = {
        "parts_done": job.parts_done + 1,
        "rows_done": min(job.rows_total, job.rows_done + MOST_ROWS),
        "created": job.created + batch.created,
        "updated": job.updated + batch.updated,
        "unchanged": job.unchanged + batch.unchanged,
        "refused": job.refused + _rows_in(faults),
        "state": job.state,
        "rows_total": job.rows_total,
    }
    return values if values["parts_done"] < job.parts_total else values | _ended(tx, job, values)


def _ended(tx: Transaction, job: Row, values: Values) -> dict[str, Any]:
    """What comes after the last part."""
    everything = {"rows_done": values["rows_total"]}
    if values["state"] == State.IMPORTING:
        return everything | _over(tx, job, State.DONE)
    if job.dry_run:
        return everything | _over(tx, job, State.CHECKED)
    if values["refused"]:
        return everything | _over(tx, job, State.REFUSED, "Rows were refused, so none was kept")
    return {"state": State.IMPORTING, "parts_done": 0, "rows_done": 0, "created": 0, "updated": 0, "unchanged": 0}


def _over(tx: Transaction, job: Row, state: State, reason: str = "") -> dict[str, Any]:
    forget_content(tx, job.id)
    return {"state": state, "reason": reason, "finished_at": tx.now}


def _changing(job: Row, values: Values) -> sa.Update:
    """Unless somebody moved it on meanwhile (cancelled it)."""
    mine = (import_job.c.id == job.id, import_job.c.state == job.state)
    return sa.update(import_job).where(*mine).values(dict(values))

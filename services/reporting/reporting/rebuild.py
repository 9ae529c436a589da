"""Proof that the reports follow from the past: fold all of it again beside the live tables, compare, and replace them.

Hearing goes on meanwhile. It stands still for a moment in which one look at the live tables is taken, to compare with
what is folded up to that moment; and once more while the last few events are folded and the tables change places.
"""

from __future__ import annotations

import dataclasses
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.database import Database
from chassis.dialect import Talk, is_sqlite
from chassis.events import Envelope
from chassis.exclusive import EVERY_ROW, exclusively
from chassis.failpoints import failpoint
from chassis.problems import Problem
from reporting.batch import Batch
from reporting.catalogue import SHELF
from reporting.difference import Difference, difference
from reporting.past import OwnLog, Past, newest_heard
from reporting.shadow import ReadersInTheWay, Shadow, standing_beside
from reporting.shelf import Shelf

PAGE = 10_000
"""Events in one commit beside the live tables: the more, the fewer times the same row is written."""
SHORT_ENOUGH = 2000
"""Events left to fold when it is time to let hearing stand still."""
TRIES, RETRY_SECONDS = 30, 1.0
"""To get between those who read reports."""
PATIENCE = "30s"
"""For whoever is hearing to finish what is in hand."""
Progress = Callable[[int], None]


class NotFoldable(Problem):
    """A fold of this build cannot read an event that was applied once."""

    event_id: str
    event_type: str


@dataclasses.dataclass
class Rebuilt:
    """What came of it, table by table. ``up_to`` is the newest position heard of each source when it was compared."""

    tables: dict[str, Difference] = dataclasses.field(default_factory=dict)
    up_to: dict[str, int] = dataclasses.field(default_factory=dict)
    events: int = 0
    seconds: float = 0.0
    stood_still_seconds: float = 0.0
    is_replaced: bool = False
    remarks: dict[str, int] = dataclasses.field(default_factory=dict)

    @property
    def is_equal(self) -> bool:
        """The live rows are exactly what the past says, by today's folds."""
        return all(table.is_equal for table in self.tables.values())


def rebuild(
    database: Database,
    *,
    verify_only: bool = True,
    shelf: Shelf = SHELF,
    past: Past | None = None,
    progress: Progress = lambda _events: None,
) -> Rebuilt:
    """Fold the past into empty tables and compare; unless only verifying, put them in the place of the live ones.

    Raises DoneByAnother, NotFoldable. Whatever ends it early, the live tables are as they were.
    """
    began = time.monotonic()
    with exclusively(database, EVERY_ROW), standing_beside(database, shelf) as shadow:
        work = _Rebuilding(database, shadow, past or OwnLog(), progress)
        work.tail()
        work.compare()
        if not verify_only:
            work.replace()
    work.found.seconds = time.monotonic() - began
    work.found.remarks = work.past.remarks()
    return work.found


class _Rebuilding:
    """One rebuild, from the first event to the last."""

    def __init__(self, database: Database, shadow: Shadow, past: Past, progress: Progress) -> None:
        self.database, self.shadow, self.past, self.progress = database, shadow, past, progress
        self.found = Rebuilt()

    def tail(self) -> None:
        """Fold until little is left; what is said meanwhile is folded too."""
        while self._left() > SHORT_ENOUGH:
            with self.database.reading() as eyes:
                self._fold(eyes)
        with self.database.connection() as connection:
            self.shadow.make_ready(connection)

    def _left(self) -> int:
        with self._standing_still() as session:
            return self.past.look(session)

    def compare(self) -> None:
        """Look at the live tables as they are at one moment, and fold up to that moment and no further."""
        with ExitStack() as looking:
            with self._standing_still():
                eyes = looking.enter_context(self.database.snapshot())
                self.past.look(eyes)
            self._fold(eyes)
            self.found.up_to = newest_heard(eyes)
            beside = looking.enter_context(self.database.snapshot())
            for name, copy in self.shadow.shelf.tables.items():
                self.found.tables[name] = difference((eyes, self.shadow.live.tables[name]), (beside, copy))

    def replace(self) -> None:
        """Get between the readers; if that takes too long, let them read and try again."""
        for tries_left in reversed(range(TRIES)):
            try:
                self._replace()
                self.found.is_replaced = True
                return
            except ReadersInTheWay:
                if not tries_left:
                    raise
                time.sleep(RETRY_SECONDS)

    def _replace(self) -> None:
        """Fold the rest and change places while nobody hears or reads: all of it happens or nothing."""
        with self._standing_still(self.shadow.keep_readers_out) as session:
            self.past.look(session)
            self._fold(session, within=session)
            self.shadow.take_place(session.connection())
            self.past.settle(session)
            failpoint("rebuild.before_commit")
            session.commit()

    @contextmanager
    def _standing_still(self, first: Callable[[Session], None] = lambda _session: None) -> Iterator[Session]:
        """A transaction while which hearing waits."""
        with self.database.writing() as session:
            first(session)
            keep_still(session)
            began = time.monotonic()
            try:
                yield session
            finally:
                session.rollback()
                self.found.stood_still_seconds += time.monotonic() - began

    def _fold(self, eyes: Talk, within: Session | None = None) -> None:
        """Fold up to the end that was found, a commit for each page, or all within a transaction at hand."""
        with _collecting_no_garbage():
            for page in self.past.pages(eyes, PAGE):
                self._fold_page(page, within)
                self.found.events += len(page)
                self.progress(self.found.events)

    def _fold_page(self, page: Sequence[Envelope], within: Session | None) -> None:
        shelf = self.shadow.shelf
        with nullcontext(within) if within else self.database.reading() as looking:
            batch = shelf.begin(looking, page)
        for envelope in page:
            _take(batch, envelope)
        with nullcontext(within) if within else self.database.writing() as session:
            shelf.store(session, batch)
            self.past.keep(session)
            failpoint("rebuild.after_page")
            if not within:
                session.commit()


@contextmanager
def _collecting_no_garbage() -> Iterator[None]:
    """Rows refer to nothing that refers to them: looking for circles among ten thousands of them costs a third more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _take(batch: Batch, envelope: Envelope) -> None:
    try:
        batch.take(envelope)
    except Exception as error:
        raise NotFoldable(event_id=envelope.id, event_type=envelope.type, detail=str(error)) from error


def keep_still(session: Session) -> None:
    """Wait for whoever is hearing, and keep others from it until this transaction ends."""
    if not is_sqlite(session):  # SQLite lets one write at a time anyway
        session.execute(sa.text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        session.execute(sa.text("LOCK TABLE report_log IN SHARE ROW EXCLUSIVE MODE"))

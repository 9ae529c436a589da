"""Sweeping: every table of a service is gone through, and what it holds of people who were erased is blanked.

A sweep may be killed at any moment and begins again: what is blank already stays as it is. It goes in pages, each in a
transaction of its own, so that nobody waits long for a row.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from chassis import quoting
from chassis.blanking import BLANK, Wanted, blanked, hits_by_name, marks_by_name
from chassis.database import Database
from chassis.dialect import clock
from chassis.erasure import RESTORED, Register, said_by
from chassis.events import encode
from chassis.exclusive import EVERY_ROW, DoneByAnother, exclusively
from chassis.failpoints import failpoint
from chassis.flows import OPEN
from chassis.personal import DOCUMENT, ENVELOPE, EVENT_DATA, MARK, USER, USER_NAME, marked_columns
from chassis.principal import SYSTEM
from chassis.row_blanking import RowBlanking, blankings, erased_ids, erased_keys
from chassis.tables import (
    erasure_task,
    flow,
    flow_step,
)
from chassis.transaction import Transaction

if TYPE_CHECKING:
    from chassis.manifest import Service

log = logging.getLogger(__name__)
PAGE = 200
"""Rows in one transaction."""
ONCE_MORE_AFTER = timedelta(minutes=10)
"""A request that was under way knew the old name from its token, for a minute at most; after this all have ended."""
BESIDE_THE_BODY: Mapping[str, Mapping[str, Any]] = {
    "parked_event": {"error": BLANK, "note": BLANK, "version": sa.literal_column("version + 1", sa.BigInteger)},
    "external_effect": {"response": BLANK},
}
"""Texts that speak of the event beside them; whoever is about to edit it has to look at it again."""
Due = Sequence[sa.Row[int, str]]


class Sweeper:
    """Sweeps one service's database when somebody is to be erased, and says when it is done."""

    def __init__(self, database: Database, service: Service) -> None:
        self.database, self.service = database, service
        self.register = Register()
        self._waiting: frozenset[int] = frozenset()
        self._since: datetime | None = None
        self._rows_are_blank = False
        self._found: Counter[str] = Counter()

    def run_due(self) -> int:
        """How many erasures were completed. Returns soon when nothing is due, or when others have to end first."""
        with self.database.reading() as session:
            now = clock(session)
            due = session.execute(_DUE, {"now": now}).all()
        if not due:
            return 0
        try:
            with exclusively(self.database, EVERY_ROW):
                return self._run(due, now)
        except DoneByAnother:
            return 0

    def _run(self, due: Due, now: datetime) -> int:
        waiting = frozenset(row.erasure_id for row in due if row.state == "waiting")
        if waiting and not self._may_finish(waiting, now):
            return 0
        self._throw_away()
        found = self._found + self._sweep_rows() + self._sweep_events() + self._sweep_documents()
        if waiting or RESTORED in {row.erasure_id for row in due}:
            found += quoting.empty_what_has_no_key(self.database, self._since or now)
        found += quoting.follow_what_is_blank(self.database, self.service.metadata)
        if found or waiting:
            self.database.leave_no_traces(self._tables_that_hold_people())
        failpoint("sweeping.before_done")
        self._finish(due, found)
        return len(waiting)

    def _tables_that_hold_people(self) -> list[str]:
        """Rows that were removed long ago leave traces, too."""
        kinds = {MARK, *ENVELOPE, *DOCUMENT, *EVENT_DATA, *USER_NAME}
        quotes = [table.name for table in quoting.QUOTING]
        tables = self.service.metadata.sorted_tables
        return [
            one.name
            for one in tables
            if one.name in quotes or any(kinds & column.info.keys() for column in one.columns)
        ]

    def _throw_away(self) -> None:
        if self.service.throws_away:
            with self.database.connection() as connection:
                self.service.throws_away(connection)

    # -- others who are at work ----------------------------------------------------------------

    def _may_finish(self, waiting: frozenset[int], now: datetime) -> bool:
        """Rows first; then the log, once everybody has ended who may have read a row before it was blank.

        A transaction that began before the erasure was committed does not know of it, so it is waited for, too.
        """
        if waiting != self._waiting:
            self._waiting, self._since, self._rows_are_blank = waiting, now, False
            self._found.clear()
        if self._others_are_open():
            return False
        if not self._rows_are_blank:
            self._found += self._sweep_rows()
            with self.database.reading() as session:
                self._since, self._rows_are_blank = clock(session), True
        return not self._others_are_open()

    def _others_are_open(self) -> bool:
        """SQLite lets one write at a time, and a transaction that will write reads nothing before its turn."""
        if self.database.is_sqlite:
            return False
        with self.database.reading() as session:
            return bool(session.scalar(_OPEN_SINCE, {"since": self._since}))

    # -- rows ----------------------------------------------------------------------------------

    def _sweep_rows(self) -> Counter[str]:
        self._blank_user_names(self._names_in_rows())
        found: Counter[str] = Counter()
        for table in self.service.metadata.sorted_tables:
            for part in blankings(table):
                found[table.name] += self._in_pages(table, part)
        return +found

    def _in_pages(self, table: sa.Table, part: RowBlanking) -> int:
        changed = 0
        while True:
            with self.database.connection() as connection:
                number = connection.execute(part.update(table, PAGE)).rowcount
            changed += number
            if number < PAGE:
                return changed

    def _names_in_rows(self) -> set[str]:
        """The names of erased users, as long as the records about them have them."""
        names: set[str] = set()
        with self.database.reading() as session:
            for table in self.service.metadata.sorted_tables:
                for name, mark in marked_columns(table).items():
                    by = mark.whose.get(USER)
                    is_name = isinstance(table.c[name].type, sa.String) and not mark.is_text
                    if by and by in table.primary_key.columns and is_name:
                        mine = table.c[by].in_(erased_ids(USER, table.c[by]))
                        names |= set(session.scalars(sa.select(table.c[name]).where(mine)))
        return names

    def _blank_user_names(self, names: Iterable[str | None]) -> None:
        """Where the name of whoever acted was noted without an id, only the name can tell."""
        known = sorted({name[:80] for name in names if name})
        if not known:
            return
        with self.database.connection() as connection:
            for table, column in self._columns("user_name"):
                connection.execute(sa.update(table).where(column.in_(known)).values({column.name: BLANK}))

    # -- events and documents ------------------------------------------------------------------

    def _sweep_events(self) -> Counter[str]:
        marks, erased, found = self.service.marks(), self._erased(), Counter[str]()
        for table, column in self._columns("envelope"):
            for page in self._pages(table, column):
                clean = [(row, _readable(row[-1], marks, erased)) for row in page]
                changes = [(row, one.raw) for row, one in clean if one and one.raw is not row[-1]]
                hits = [hit for _, one in clean if one for hit in one.hits]
                self._blank_user_names(str(value) for subject, value in hits if subject.startswith(f"{USER}/"))
                found[table.name] += self._write(table, column, changes)
        return +found

    def _sweep_documents(self) -> Counter[str]:
        by_name, erased, found = marks_by_name(self.service.marks()), self._erased(), Counter[str]()
        for table, column in self._columns("document"):
            for page in self._pages(table, column):
                changes = []
                for row in page:
                    document = json.loads(row[-1])
                    hits = list(hits_by_name(document, by_name, erased))
                    for hit in hits:
                        hit.blank()
                    if hits:
                        changes.append((row, encode(document)))
                found[table.name] += self._write(table, column, changes)
        found += quoting.sweep_event_data(self.database, self.service.metadata, self.service.marks(), erased)
        return +(found + self._sweep_flow_texts())

    def _sweep_flow_texts(self) -> Counter[str]:
        """What operators wrote about a flow is text about the record that the flow is about.

        So is what a flow that is over took down; one that goes on still needs it.
        """
        found: Counter[str] = Counter()
        for one in self.service.flows:
            keys = sa.union_all(*(erased_keys(kind, is_text=True) for kind in one.about)) if one.about else None
            if keys is None:
                continue
            mine = sa.and_(flow.c.flow_type == one.name, flow.c.correlation_id.in_(keys))
            steps = flow_step.c.flow_id.in_(sa.select(flow.c.id).where(mine))
            with self.database.connection() as connection:
                over = sa.and_(mine, flow.c.state.not_in(OPEN))
                texts = (
                    (flow, "reason", mine, BLANK),
                    (flow_step, "detail", steps, BLANK),
                    (flow, "data", over, b"{}"),
                )
                for table, column, where, blank in texts:
                    full = sa.update(table).where(where, table.c[column] != blank)
                    found[table.name] += connection.execute(full.values({column: blank})).rowcount
        return found

    # -- pages ---------------------------------------------------------------------------------

    def _erased(self) -> Wanted:
        with self.database.reading() as session:
            return self.register.current(session)

    def _columns(self, what: str) -> list[tuple[sa.Table, sa.Column[Any]]]:
        tables = self.service.metadata.sorted_tables
        return [(table, column) for table in tables for column in table.columns if column.info.get(what)]

    def _pages(self, table: sa.Table, column: sa.Column[Any]) -> Iterator[Sequence[Any]]:
        """Rows of the key and the column, in the order of the key."""
        keys = list(table.primary_key)
        place = sa.tuple_(*keys) if len(keys) > 1 else keys[0]
        page_of = sa.select(*keys, column).where(column.is_not(None)).order_by(*keys).limit(PAGE)
        statement = page_of
        while True:
            with self.database.reading() as session:
                page = session.execute(statement).all()
            if not page:
                return
            yield page
            last = page[-1][:-1]
            statement = page_of.where(place > (sa.tuple_(*last) if len(keys) > 1 else last[0]))

    def _write(self, table: sa.Table, column: sa.Column[Any], changes: Sequence[tuple[Any, bytes]]) -> int:
        """Only where it is still what was read: whoever has changed it since knew of the erasure."""
        if not changes:
            return 0
        beside = BESIDE_THE_BODY.get(table.name, {})
        keys = [key == sa.bindparam(f"key_{place}", type_=key.type) for place, key in enumerate(table.primary_key)]
        still = sa.update(table).where(*keys, column == sa.bindparam("was", type_=column.type))
        statement = still.values({column.name: sa.bindparam("now", type_=column.type), **beside})
        with self.database.connection() as connection:
            connection.execute(
                statement,
                [
                    {"was": row[-1], "now": raw} | {f"key_{place}": value for place, value in enumerate(row[:-1])}
                    for row, raw in changes
                ],
            )
        return len(changes)

    # -- the end -------------------------------------------------------------------------------

    def _finish(self, due: Due, found: Mapping[str, int]) -> None:
        erased, table = said_by(self.service.name).erased, erasure_task.c
        waiting = [row.erasure_id for row in due if row.state == "waiting"]
        with self.database.writing() as session:
            now = clock(session)
            tx = Transaction(session, self.database, self.service.name, principal=SYSTEM, now=now)
            once_more = {"again_at": now + ONCE_MORE_AFTER} if waiting else {"again_at": None}
            tx.execute(
                sa.update(erasure_task).where(table.erasure_id.in_([row.erasure_id for row in due])).values(once_more)
            )
            done = {"state": "done", "done_at": now, "version": table.version + 1}
            finished = sa.update(erasure_task).where(table.erasure_id.in_(waiting), table.state == "waiting")
            for row in tx.rows(finished.values(done).returning(table.erasure_id, table.version, table.correlation_id)):
                tx.begin_anew(row.correlation_id)
                tx.say(erased(erasure_id=row.erasure_id, blanked=dict(found)), row.version)
            tx.commit()
        self._waiting = frozenset()
        self._found.clear()
        if waiting:
            log.info("Erasures %s are done in %s", waiting, self.service.name)


def _readable(raw: bytes, marks: Any, erased: Wanted) -> Any:
    """None for what is no event of ours."""
    try:
        return blanked(raw, marks, erased)
    except msgspec.DecodeError:
        return None


_DUE = (
    sa.select(erasure_task.c.erasure_id, erasure_task.c.state)
    .where(sa.or_(erasure_task.c.state == "waiting", erasure_task.c.again_at <= sa.bindparam("now")))
    .order_by(erasure_task.c.erasure_id)
)
_OPEN_SINCE = sa.text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < :since "
    "AND backend_type = 'client backend'"
)

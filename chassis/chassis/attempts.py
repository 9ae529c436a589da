"""Events that kill whoever handles them: a try is noted before it begins, so that no death repeats for ever.

Nothing is noted of an ordinary delivery. Only what a dead process may have had in hand is handled with care: each
event alone, its try counted first. Whoever survives a try takes the note back, so what is counted are deaths.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from chassis.database import Database
from chassis.dialect import clock, insert
from chassis.parking import CrashLoop
from chassis.tables import consumer_state, delivery_attempt, inbox

MOST_ATTEMPTS = 5
"""So many processes may die of one event; the next one puts it aside instead of beginning."""
HANDS_FULL = 500
"""As many events of a source as a reader can have had in hand when it died: what comes first is handled with care."""
ALONE_SECONDS = 30.0

_alone = threading.Lock()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """At most one counted try in this process: when it dies of one event, no other has begun and is blamed for it.

    Services share a process in embedded mode. A try that lasts very long holds up the others no longer than a while.
    """
    is_mine = _alone.acquire(timeout=ALONE_SECONDS)
    try:
        yield
    finally:
        if is_mine:
            _alone.release()


class Attempts:
    """The tries of one consumer that have begun and not ended, in its database and in this process."""

    def __init__(self, consumer: str, database: Database) -> None:
        self.consumer, self.database = consumer, database
        self.life = ""
        self._begun: dict[uuid.UUID, int] = {}
        self.unsure: dict[str, int] = {}
        """Sources whose next events may have killed the process before this one, and how many of them."""

    # -- lives ---------------------------------------------------------------------------------

    def begin_life(self, sources: Iterable[str]) -> bool:
        """A process begins to read; whether the one before it has died, or is still there, and care is needed."""
        self.life = uuid.uuid4().hex
        mine = consumer_state.c.consumer == self.consumer
        with self.database.connection() as connection:
            left = connection.scalar(sa.select(consumer_state.c.life).where(mine))
            statement = insert(connection, consumer_state).values(consumer=self.consumer, life=self.life)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["consumer"], set_={"life": statement.excluded.life})
            )
            self._forget_what_ended(connection)
        if left:
            self.unsure = dict.fromkeys(sources, HANDS_FULL)
        return bool(left)

    def end_life(self) -> None:
        """A process ends in peace: what it has begun and not ended, for its database was away, was no death."""
        mine = (consumer_state.c.consumer == self.consumer, consumer_state.c.life == self.life)
        with self.database.connection() as connection:
            connection.execute(sa.update(consumer_state).where(*mine).values(life=""))
            if self._begun:
                back = delivery_attempt.c.attempts - 1
                begun = self._of(self._begun)
                connection.execute(sa.update(delivery_attempt).where(*begun).values(attempts=back))
        self._begun.clear()

    def _forget_what_ended(self, connection: Any) -> None:
        """Tries that a death left behind, of events that others have handled since."""
        settled = sa.select(inbox.c.event_id).where(inbox.c.consumer == self.consumer, inbox.c.state != "parked")
        mine = (delivery_attempt.c.consumer == self.consumer, delivery_attempt.c.event_id.in_(settled))
        connection.execute(sa.delete(delivery_attempt).where(*mine))

    # -- care ----------------------------------------------------------------------------------

    def grow_sure(self, source: str, number: int = HANDS_FULL) -> None:
        """So many events of the source were handled and nobody died; without a number, all there were."""
        left = self.unsure.get(source, 0) - number
        if left > 0:
            self.unsure[source] = left
        else:
            self.unsure.pop(source, None)

    # -- tries ---------------------------------------------------------------------------------

    def begin(self, event_id: uuid.UUID) -> None:
        """Count a try, durably, before it begins. Raises CrashLoop when too many have not ended."""
        if event_id not in self._begun:  # one that this very process began did not kill it
            self._begun[event_id] = self._counted(event_id)
        deaths = self._begun[event_id] - 1
        if deaths >= MOST_ATTEMPTS:
            raise CrashLoop(detail=f"{deaths} processes have died while they handled it")

    def _counted(self, event_id: uuid.UUID) -> int:
        with self.database.connection() as connection:
            row = {"consumer": self.consumer, "event_id": event_id, "started_at": clock(connection)}
            statement = insert(connection, delivery_attempt).values(**row, attempts=1)
            more = {"attempts": delivery_attempt.c.attempts + 1, "started_at": statement.excluded.started_at}
            counted = statement.on_conflict_do_update(index_elements=["consumer", "event_id"], set_=more)
            found: int = connection.execute(counted.returning(delivery_attempt.c.attempts)).scalar_one()
            return found

    def end(self, talk: Any, event_ids: Iterable[uuid.UUID]) -> None:
        """Take the notes back in the transaction that settles these events; costs nothing where none was made."""
        if self._begun and (begun := self._begun.keys() & event_ids):
            talk.execute(sa.delete(delivery_attempt).where(*self._of(begun)))

    def ended(self, event_ids: Iterable[uuid.UUID]) -> None:
        """That transaction is committed."""
        for event_id in self._begun.keys() & event_ids:
            del self._begun[event_id]

    def _of(self, event_ids: Iterable[uuid.UUID]) -> tuple[sa.ColumnElement[bool], ...]:
        return delivery_attempt.c.consumer == self.consumer, delivery_attempt.c.event_id.in_(list(event_ids))

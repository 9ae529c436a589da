"""Carries out effects outside of Guanxi: a worker's part. Any number of workers may do it at once.

An effect is taken in hand in one commit, carried out without a transaction, and what came of it is noted in another.
Who died in between leaves a lease that runs out; then it is asked what came of it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import sqlalchemy as sa

from chassis import effects, telemetry
from chassis.database import Database
from chassis.dialect import clock, storable
from chassis.effects import Answer, Effect, Kind, Outcome, State
from chassis.failpoints import failpoint
from chassis.problems import Problem
from chassis.tables import external_effect

log = logging.getLogger(__name__)
AT_ONCE = 4
"""Different subjects at the same time, so that one that hangs holds up few others."""
IDLE_SECONDS = 0.5
TROUBLE_SECONDS = 2.0
COUNT_EVERY_SECONDS = 5.0
DUE = (State.PENDING, State.UNKNOWN)
OPEN = (*DUE, State.IN_FLIGHT, State.FAILED)


class Executor:
    """One service's effects. A kind that this build does not know waits for the build that does."""

    def __init__(self, database: Database, service: str, kinds: Mapping[str, Kind]) -> None:
        self.database, self.service, self.kinds = database, service, kinds
        self._counted = 0.0

    def run(self, stopping: threading.Event) -> None:
        """Until told to stop."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"{self.service} effect") as pool:
            while not stopping.is_set():
                try:
                    idle = not self.run_due(pool)
                    pause = IDLE_SECONDS if idle else 0.0
                except (Problem, sa.exc.SQLAlchemyError) as error:
                    log.warning("Effects of %s wait: %s", self.service, error)
                    pause = TROUBLE_SECONDS
                stopping.wait(pause)

    def run_due(self, pool: ThreadPoolExecutor | None = None) -> int:
        """Carry out what is due, or ask what came of it, one per subject; how many."""
        self._note_the_dead()
        self._count()
        taken = [effect for key in self._due() if (effect := self._take(key))]
        carry_out = pool.map if pool else map
        return len(list(carry_out(self._carry_out, taken)))

    def _note_the_dead(self) -> None:
        table = external_effect.c
        with self.database.reading() as session:
            now = clock(session)
            dead = (table.state == State.IN_FLIGHT, table.lease_until < now)
            keys = session.scalars(sa.select(table.idempotency_key).where(*dead)).all()
        for key in keys:
            with self.database.connection() as connection:
                mine = sa.update(external_effect).where(table.idempotency_key == key, *dead)
                connection.execute(mine.values(effects.after_death(now)))
            log.warning("Nobody knows what came of effect %s", key)

    def _count(self) -> None:
        """How many are in each state that somebody may want to look at, unless it was counted a moment ago."""
        if time.monotonic() - self._counted < COUNT_EVERY_SECONDS:
            return
        self._counted, table = time.monotonic(), external_effect.c
        number = sa.select(table.state, sa.func.count().label("number")).where(table.state.in_(OPEN))
        with self.database.reading() as session:
            found = {row.state: row.number for row in session.execute(number.group_by(table.state))}
        for state in OPEN:
            telemetry.EFFECTS_OPEN.labels(self.service, state).set(found.get(state, 0))

    def _due(self) -> Sequence[str]:
        """The first that is due of each subject that has nothing in flight."""
        table = external_effect.c
        busy = external_effect.alias()
        in_flight = sa.exists().where(
            busy.c.kind == table.kind, busy.c.subject == table.subject, busy.c.state == State.IN_FLIGHT
        )
        with self.database.reading() as session:
            due = (table.state.in_(DUE), table.next_at <= clock(session), table.kind.in_(self.kinds), ~in_flight)
            columns = (table.idempotency_key, table.kind, table.subject)
            rows = session.execute(sa.select(*columns).where(*due).order_by(table.next_at, table.made_at).limit(500))
            firsts: dict[tuple[str, str], str] = {}
            for row in rows:
                firsts.setdefault((row.kind, row.subject), row.idempotency_key)
        return list(firsts.values())[:AT_ONCE]

    def _take(self, key: str) -> Effect | None:
        """Take it in hand, unless somebody else was quicker."""
        table = external_effect.c
        with self.database.writing() as session:
            now = clock(session)
            mine = sa.select(external_effect).where(table.idempotency_key == key)
            row = session.execute(mine.with_for_update(skip_locked=True)).first()
            if row is None or row.state not in DUE or row.next_at is None or row.next_at > now:
                return None
            state = State(row.state)
            is_try = state == State.PENDING
            values: dict[str, Any] = {"turn": row.turn + 1, "updated_at": now}
            if is_try:
                values |= {"attempts": row.attempts + 1, "state": State.IN_FLIGHT, "lease_until": now + effects.LEASE}
            else:
                values |= {"next_at": now + effects.LEASE}  # nobody else asks meanwhile
            session.execute(sa.update(external_effect).where(table.idempotency_key == key).values(values))
            failpoint("effects.before_lease")
            session.commit()
        return Effect(key, row.kind, row.subject, msgspec.json.decode(row.request), state,
                      row.attempts + is_try, row.turn + 1, row.made_at)  # fmt: skip

    def _carry_out(self, effect: Effect) -> None:
        kind = self.kinds[effect.kind]
        failpoint("effects.before_call")
        try:
            answer = kind.perform(effect) if effect.state == State.PENDING else kind.ask(effect)
        except Exception as error:
            log.exception("Effect %s", effect.key)
            answer = Answer(Outcome.UNCLEAR, f"{type(error).__name__}: {error}")
        failpoint("effects.after_call")
        self._note(effect, answer)
        telemetry.EFFECTS.labels(self.service, effect.kind, answer.outcome).inc()

    def _note(self, effect: Effect, answer: Answer) -> None:
        """Unless its lease has run out meanwhile: then it is in other hands, and what we know may be old."""
        table = external_effect.c
        mine = (table.idempotency_key == effect.key, table.turn == effect.turn)
        still = table.state == (State.IN_FLIGHT if effect.state == State.PENDING else State.UNKNOWN)
        with self.database.connection() as connection:
            values = effects.after_answer(effect, answer, clock(connection)) | {
                "response": storable(answer.told)[:1000]
            }
            noted = connection.execute(sa.update(external_effect).where(*mine, still).values(values)).rowcount
        if not noted:
            log.warning("Effect %s came back too late: %s", effect.key, answer.outcome)

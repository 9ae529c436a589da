"""Effects outside of Guanxi: asked for together with a change, carried out afterwards, and never blindly twice.

What leads from one state to the next is decided here, without a clock, a database or a network.

```
pending ─ leased ─▶ in_flight ─▶ succeeded | failed
   ▲                   │ nobody knows what came of it: no answer, or whoever did it died
   └── it did not ──  unknown ── it did ─▶ succeeded
```
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa

from chassis.dialect import insert
from chassis.events import encode
from chassis.problems import Conflict, NotFound, Problem
from chassis.tables import external_effect
from chassis.transaction import Transaction

SCHEDULE = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 3600, 21_600, 86_400))
"""After each try that came to nothing; then it has failed. A day and a half is time to notice and to mend."""
LEASE = timedelta(seconds=60)
"""Much longer than a try may take, so that a lease that has run out means that somebody died."""
LONGEST_RESPONSE = 1000


class State(StrEnum):
    """Succeeded and failed are final."""

    PENDING = "pending"
    IN_FLIGHT = "in_flight"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What is known after a try, or after asking what came of one."""

    DONE = "done"
    REFUSED = "refused"
    """Not done, and never will be."""
    NOT_DONE = "not done"
    """Not done for sure, so it may be tried again."""
    UNCLEAR = "unclear"


@dataclasses.dataclass(frozen=True)
class Answer:
    """An outcome and the outside's own words; ``wait`` is what the outside asks for before the next try."""

    outcome: Outcome
    told: str = ""
    wait: timedelta | None = None


@dataclasses.dataclass(frozen=True)
class Effect:
    """One effect in hand. ``key`` is the same for every try, and is told to the outside."""

    key: str
    kind: str
    subject: str
    request: Mapping[str, Any]
    state: State
    attempts: int
    turn: int
    made_at: datetime


class Kind(Protocol):
    """How one kind of effect is carried out. Neither method runs inside a transaction."""

    def perform(self, effect: Effect) -> Answer:
        """Do it, within less than ``LEASE``. Whatever it raises counts as unclear."""

    def ask(self, effect: Effect) -> Answer:
        """Find out what came of an earlier try; do nothing."""


class EffectUndeclared(Problem):
    """A reaction reaches outside of Guanxi without declaring it, so a replay would repeat it."""

    kind: str


def request_effect(tx: Transaction, kind: str, key: str, request: Mapping[str, Any], *, subject: str = "") -> None:
    """Keep an effect together with this transaction's changes; a key stands for one effect for ever.

    Raises EffectUndeclared in a reaction that is not ``Reacting(…, effects=True)``.
    """
    if not tx.may_reach_out:
        raise EffectUndeclared(kind=kind)
    tx.companion(_Wanted).rows.append(
        {
            "idempotency_key": key,
            "kind": kind,
            "subject": subject,
            "request": encode(request),
            "state": State.PENDING.value,
            "attempts": 0,
            "turn": 0,
            "next_at": tx.now,
            "response": "",
            "made_at": tx.now,
            "updated_at": tx.now,
        }
    )


class _Wanted:
    """The effects that a transaction asks for: one insert at its end, however many events it hears."""

    def __init__(self, tx: Transaction) -> None:
        self.tx, self.rows = tx, list[dict[str, Any]]()

    def write(self) -> None:
        if self.rows:
            self.tx.execute(insert(self.tx.session, external_effect).on_conflict_do_nothing(), self.rows)


class EffectNotFound(NotFound):
    """There is no such effect."""


class EffectSettled(Conflict):
    """The effect has succeeded, or is being carried out at this moment."""

    state: str


def settle(tx: Transaction, key: str, state: State, *, reason: str = "") -> None:
    """A person knows better: it was done, it was not (so it is tried again), or it is given up.

    Raises EffectNotFound, EffectSettled.
    """
    table = external_effect.c
    row = tx.row(sa.select(table.state, table.turn).where(table.idempotency_key == key).with_for_update())
    if row is None:
        raise EffectNotFound(detail=key)
    if row.state in (State.SUCCEEDED, State.IN_FLIGHT):
        raise EffectSettled(state=row.state)
    values = {"state": state.value, "turn": row.turn + 1, "updated_at": tx.now, "changed_by": tx.principal.name[:80]}
    values |= {"next_at": tx.now if state == State.PENDING else None, "attempts": 0}
    if reason:
        values["response"] = reason[:LONGEST_RESPONSE]
    tx.execute(sa.update(external_effect).where(table.idempotency_key == key).values(values))


def after_answer(effect: Effect, answer: Answer, now: datetime) -> dict[str, Any]:
    """What is noted of an effect that was tried, or asked about."""
    told = {"response": answer.told[:LONGEST_RESPONSE], "lease_until": None, "next_at": None, "updated_at": now}
    if answer.outcome == Outcome.DONE:
        return told | {"state": State.SUCCEEDED}
    if answer.outcome == Outcome.REFUSED:
        return told | {"state": State.FAILED}
    if answer.outcome == Outcome.UNCLEAR:
        return told | {"state": State.UNKNOWN, "next_at": _soon(effect, now)}
    if effect.attempts > len(SCHEDULE):
        return told | {"state": State.FAILED}
    pause = timedelta(0) if effect.state == State.UNKNOWN else _pause(effect)
    return told | {"state": State.PENDING, "next_at": now + max(pause, answer.wait or timedelta(0))}


def after_death(now: datetime) -> dict[str, Any]:
    """What is noted of an effect whose lease ran out: it may have been carried out."""
    return {"state": State.UNKNOWN, "lease_until": None, "next_at": now, "updated_at": now}


def _soon(effect: Effect, now: datetime) -> datetime | None:
    """When to ask what came of it; never again after so many turns: then a person decides."""
    asked = effect.turn - effect.attempts
    return now + SCHEDULE[asked] if asked < len(SCHEDULE) else None


def _pause(effect: Effect) -> timedelta:
    return SCHEDULE[min(effect.attempts, len(SCHEDULE)) - 1]

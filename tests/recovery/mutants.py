"""Guards of recovery taken away, one at a time: each mutant is the code without one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import applying, comparing, effects, executor, lives, reactions
from chassis.dialect import Talk, clock
from chassis.effects import Answer, Effect, State
from chassis.events import Envelope, data_of
from chassis.subscription import Agreement
from chassis.tables import external_effect, inbox
from chassis.transaction import Transaction
from reporting import rebuild

Mutant = Callable[[pytest.MonkeyPatch], None]


def without_epoch(change: pytest.MonkeyPatch) -> None:
    """A version is a version, in whichever life of its source it was given."""
    change.setattr(lives, "version_in_common", lambda _sources, _delivery, known, _epoch: known)


def without_former_lives(change: pytest.MonkeyPatch) -> None:
    """Only what was heard in the present life of a source is compared with its log."""
    run = comparing._Comparing.run

    def run_of_today(self: Any) -> Any:
        found = run(self)
        of_today = self._ids(inbox.c.epoch == self.head.epoch)
        return comparing.Comparison(found.source, found.expected, found.missing, found.extra & of_today)

    change.setattr(comparing._Comparing, "run", run_of_today)


def without_going_back(change: pytest.MonkeyPatch) -> None:
    """A log that is shorter than what was heard of it is read on all the same."""
    for reader in ("chassis.pull", "chassis.reconcile"):
        change.setattr(f"{reader}.must_not_have_gone_back", lambda *_: None)


def without_turn(change: pytest.MonkeyPatch) -> None:
    """Whoever carried an effect out notes what he knows, however late."""

    def note(self: executor.Executor, effect: Effect, answer: Answer) -> None:
        with self.database.connection() as connection:
            values = effects.after_answer(effect, answer, clock(connection))
            mine = external_effect.c.idempotency_key == effect.key
            connection.execute(sa.update(external_effect).where(mine).values(values))

    change.setattr(executor.Executor, "_note", note)


def without_question(change: pytest.MonkeyPatch) -> None:
    """An effect whose executor died is simply carried out again."""

    def after_death(now: datetime) -> dict[str, Any]:
        return {"state": State.PENDING, "lease_until": None, "next_at": now, "updated_at": now}

    change.setattr(effects, "after_death", after_death)


def without_past(change: pytest.MonkeyPatch) -> None:
    """Reactions that reach outside are called for the past, and in a replay."""

    def apply(self: reactions.OneByOne, tx: Transaction, envelope: Envelope) -> None:
        if known := self.by_type.get(envelope.type):
            tx.may_reach_out = self.reaches_out(envelope.type)
            known[1](tx, data_of(envelope, known[0]))

    change.setattr(reactions.OneByOne, "apply", apply)


def without_declaring(change: pytest.MonkeyPatch) -> None:
    """Any reaction may reach outside."""

    def apply(self: reactions.OneByOne, tx: Transaction, envelope: Envelope) -> None:
        known = self.by_type.get(envelope.type)
        if known and not (self.reaches_out(envelope.type) and tx.is_of_the_past):
            tx.may_reach_out = True
            known[1](tx, data_of(envelope, known[0]))

    change.setattr(reactions.OneByOne, "apply", apply)


def without_agreement(change: pytest.MonkeyPatch) -> None:
    """A worker goes on with what it knew at its start."""
    begin = Agreement.begin

    def begin_once(self: Agreement, session: Talk) -> datetime:
        return begin(self, session) if self.generation is None else clock(session)

    change.setattr(Agreement, "begin", begin_once)


def without_claim(change: pytest.MonkeyPatch) -> None:
    """What is late is applied whoever has reacted to it already."""
    claim = applying.claim_late

    def claim_all(session: Any, consumer: str, batch: Any, **how: Any) -> set[Any]:
        claim(session, consumer, batch, **how)
        return {one.id for one in batch}

    change.setattr(applying, "claim_late", claim_all)


def without_standing_still(change: pytest.MonkeyPatch) -> None:
    """A rebuild reads the log while others are writing it, as if ids were given in the order of commits."""
    change.setattr(rebuild, "keep_still", lambda _session: None)


GUARDS: Mapping[str, Mutant] = {
    one.__name__: one
    for one in (
        without_epoch,
        without_former_lives,
        without_going_back,
        without_turn,
        without_question,
        without_past,
        without_declaring,
        without_agreement,
        without_claim,
        without_standing_still,
    )
}

"""Handing over: what somebody has in charge goes to others, in every service, when he or she leaves.

A service declares what can be handed over, and puts the parts on its page::

    HAND_OVER = HandOver(
        "marketing",
        [Charge("deal", Deal, whose=Deal.owner_id, where=[Deal.status == "open"], gives=give_deal)],
    )

``says=[*HAND_OVER.says]``, ``hears={**HAND_OVER.reactions}``, ``timers={**HAND_OVER.timers}``, and
``add_hand_over_table`` beside its other tables. Identity asks, shows what was counted, and decides.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache, cached_property
from typing import Any

import sqlalchemy as sa

from chassis.database import NAMING, Moment
from chassis.dialect import insert
from chassis.events import Event, Heard
from chassis.people import person
from chassis.principal import Principal
from chassis.problems import Problem
from chassis.schedule import Timer, schedule
from chassis.transaction import Aggregate, Row, Transaction

PIECE = 200
"""Records in one transaction, so that nobody waits long for one of them."""
NEXT_PIECE = "hand-over.piece"
REASON = "工作移交 {0} (hand-over {0})"
"""What stands in the records; why somebody leaves stands in the hand-over alone, where it can be erased."""

HANDING_OVER = sa.MetaData(naming_convention=NAMING)
hand_over_task = sa.Table(
    "hand_over_task",
    HANDING_OVER,
    sa.Column("hand_over_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("by_id", sa.BigInteger, nullable=False),
    sa.Column("receivers", sa.Text, nullable=False),
    sa.Column("moved", sa.Text, nullable=False),
    sa.Column("pieces", sa.Integer, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("correlation_id", sa.String(40), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.CheckConstraint("state IN ('counted','moving','moved','stopped')", name="state"),
)


def add_hand_over_table(metadata: sa.MetaData) -> None:
    hand_over_task.to_metadata(metadata)


class State(StrEnum):
    """How far our part is."""

    COUNTED = "counted"
    MOVING = "moving"
    MOVED = "moved"
    STOPPED = "stopped"


class KeptByTheSame(Problem):
    """The code gave a record away, and it is in the same hands as before."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Giving:
    """To whom something goes, why and when."""

    to_id: int
    to_name: str
    reason: str
    at: datetime


@dataclasses.dataclass(frozen=True)
class Charge:
    """One kind of record that somebody has in charge: whose it is, when it is still to be done, how it is given.

    Whoever takes it needs ``role``, if one is named. A kind that ``follows`` another one goes wherever that goes.
    """

    kind: str
    of: type[Aggregate]
    whose: Any
    gives: Callable[[Any, Giving], Event | None]
    where: Sequence[sa.ColumnElement[bool]] = ()
    role: str = ""
    follows: str = ""

    def held_by(self, user_id: int) -> tuple[sa.ColumnElement[bool], ...]:
        return self.whose == user_id, *self.where

    def receiver(self, receivers: Mapping[str, int]) -> int | None:
        return receivers.get(self.follows or self.kind)


# -- what is said ----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class Counted:
    """How many records of each kind somebody has in charge."""

    hand_over_id: int
    counted: dict[str, int]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Declined:
    """Who cannot take what, and the role that it needs; without one, the person does not work here."""

    hand_over_id: int
    kind: str
    user_id: int
    needed_role: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Moved:
    """How many records of each kind were given in this turn."""

    hand_over_id: int
    turn: int
    moved: dict[str, int]


FACTS = (
    ("counted", Counted, "So many records would go over from here."),
    ("declined", Declined, "Somebody cannot take what would go over, so nothing does."),
    ("moved", Moved, "All that was to go over from here went over."),
)


@dataclasses.dataclass(frozen=True)
class Said:
    """The three events of one service."""

    counted: type[Any]
    declined: type[Any]
    moved: type[Any]

    def __iter__(self) -> Iterator[type[Any]]:
        return iter((self.counted, self.declined, self.moved))


@cache
def said_by(service: str) -> Said:
    """As the service says them."""
    return Said(*(_kind(service, Event, *fact) for fact in FACTS))


@cache
def heard_from(service: str) -> Said:
    """The same for who listens."""
    return Said(*(_kind(service, Heard, *fact) for fact in FACTS))


def _kind(service: str, side: type[Any], fact: str, fields: type[Any], sentence: str) -> type[Any]:
    said = {"type": f"{service}.hand-over.{fact}", "key": "hand_over_id"}
    body = {"__doc__": sentence, "__module__": __name__}
    return types.new_class(f"HandOver{fact.title()}", (fields, side), said, lambda names: names.update(body))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Terms:
    """Who gives, and who takes each kind of record; kinds that nobody takes stay where they are."""

    hand_over_id: int
    user_id: int
    receivers: dict[str, int]


class HandOverRequested(Terms, Heard, type="identity.hand-over.requested"):
    """Somebody is to hand everything over: how much is it?"""


class HandOverBegun(Terms, Heard, type="identity.hand-over.begun"):
    """It was looked at and confirmed: everything goes over."""

    turn: int


class HandOverCancelled(Heard, type="identity.hand-over.cancelled"):
    """What has not gone over stays."""

    hand_over_id: int


# -- what is done ----------------------------------------------------------------------------------


class HandOver:
    """The part that one service has in every hand-over."""

    def __init__(self, service: str, charges: Sequence[Charge]) -> None:
        self.service, self.charges = service, charges

    @cached_property
    def says(self) -> Said:
        return said_by(self.service)

    @property
    def kinds(self) -> list[str]:
        """What somebody can be named for as the receiver."""
        return [charge.kind for charge in self.charges if not charge.follows]

    @property
    def reactions(self) -> Mapping[type[Heard], Callable[[Transaction, Any], None]]:
        return {HandOverRequested: self.count, HandOverBegun: self.begin, HandOverCancelled: self.stop}

    @property
    def timers(self) -> Mapping[str, Timer]:
        return {NEXT_PIECE: self.move_piece}

    def count(self, tx: Transaction, event: HandOverRequested) -> None:
        """Say how much there is, or who cannot take it; also said again."""
        wanted = self._wanted(event.receivers)
        fact: Any = self._objection(tx, wanted, event)
        if fact is None:
            fact = self.says.counted(hand_over_id=event.hand_over_id, counted=_count(tx, wanted, event.user_id))
        tx.say(fact, _noted(tx, event, State.COUNTED))

    def begin(self, tx: Transaction, event: HandOverBegun) -> None:
        """Let everything go over, a piece at a time; told again, what came of it is said again."""
        known = _task(tx, event.hand_over_id)
        if known is None or known.turn < event.turn:
            _noted(tx, event, State.MOVING, turn=event.turn)
            self._go_on(tx, event.hand_over_id, event.turn, 1)
        elif known.turn == event.turn and known.state == State.MOVED:
            version = _changed(tx, known, version=known.version + 1).version
            tx.say(self._moved(known, json.loads(known.moved)), version)

    def stop(self, tx: Transaction, event: HandOverCancelled) -> None:
        mine = (hand_over_task.c.hand_over_id == event.hand_over_id, hand_over_task.c.state != State.MOVED)
        tx.execute(sa.update(hand_over_task).where(*mine).values(state=State.STOPPED, at=tx.now))

    def move_piece(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """The next records go over; after the last one it is said how many there were."""
        task = _task(tx, payload["hand_over"])
        if task is None or (task.state, task.turn, task.pieces) != (State.MOVING, payload["turn"], payload["piece"]):
            return
        before, tx.principal = tx.principal, _whoever_confirmed(tx, task.by_id)
        tx.begin_anew(task.correlation_id)
        moved = json.loads(task.moved)
        given = self._give(tx, task)
        if given:
            charge, number = given
            moved[charge.kind] = moved.get(charge.kind, 0) + number
            _changed(tx, task, moved=json.dumps(moved), pieces=task.pieces + 1)
            self._go_on(tx, task.hand_over_id, task.turn, task.pieces + 1)
        else:
            tx.say(self._moved(task, moved), _changed(tx, task, state=State.MOVED, version=task.version + 1).version)
        tx.principal = before

    # -- inside ----------------------------------------------------------------------------------

    def _wanted(self, receivers: Mapping[str, int]) -> list[Charge]:
        return [charge for charge in self.charges if charge.receiver(receivers) is not None]

    def _objection(self, tx: Transaction, wanted: Sequence[Charge], event: Terms) -> Any:
        """The first who is not at work, or not in the role that this kind of record needs."""
        named = {receiver for charge in wanted if (receiver := charge.receiver(event.receivers))}
        active = (person.c.user_id.in_(sorted(named)), person.c.is_active)
        roles = {row.user_id: row.role for row in tx.rows(sa.select(person.c.user_id, person.c.role).where(*active))}
        for charge in wanted:
            user_id = charge.receiver(event.receivers) or 0
            if user_id not in roles or charge.role not in ("", roles[user_id]):
                about = {"hand_over_id": event.hand_over_id, "kind": charge.kind, "user_id": user_id}
                return self.says.declined(**about, needed_role=charge.role)
        return None

    def _give(self, tx: Transaction, task: Row) -> tuple[Charge, int] | None:
        """Some records of the first kind that still has any, and how many; None when nothing is left."""
        receivers = json.loads(task.receivers)
        for charge in self._wanted(receivers):
            (key,) = sa.inspect(charge.of).primary_key
            held = sa.select(charge.of).where(*charge.held_by(task.user_id)).order_by(key).limit(PIECE)
            records = tx.load(charge.of, held)
            if records:
                giving = _giving(tx, task, charge.receiver(receivers) or 0)
                tx.publish_all([(_given(charge, record, giving, task.user_id), None) for record in records])
                return charge, len(records)
        return None

    def _moved(self, task: Row, moved: dict[str, int]) -> Any:
        return self.says.moved(hand_over_id=task.hand_over_id, turn=task.turn, moved=moved)

    def _go_on(self, tx: Transaction, hand_over_id: int, turn: int, piece: int) -> None:
        payload = {"hand_over": hand_over_id, "turn": turn, "piece": piece}
        schedule(tx, NEXT_PIECE, payload, at=tx.now, key=f"hand-over:{hand_over_id}:{turn}:{piece}")


def _count(tx: Transaction, charges: Sequence[Charge], user_id: int) -> dict[str, int]:
    """One statement."""
    counts = [
        sa.select(sa.func.count()).select_from(charge.of).where(*charge.held_by(user_id)).scalar_subquery()
        for charge in charges
    ]
    row = tx.row(sa.select(*counts)) if counts else ()
    return {charge.kind: int(number) for charge, number in zip(charges, row or (), strict=True)}


def _given(charge: Charge, record: Any, giving: Giving, from_id: int) -> Event | None:
    event = charge.gives(record, giving)
    if getattr(record, charge.whose.key) == from_id:
        raise KeptByTheSame(detail=f"{charge.kind} {record.aggregate_id()}")
    return event


def _giving(tx: Transaction, task: Row, to_id: int) -> Giving:
    """Whoever was at work when it was confirmed takes it; the name is the present one."""
    name = tx.scalar(sa.select(person.c.full_name).where(person.c.user_id == to_id))
    reason = REASON.format(task.hand_over_id)
    return Giving(to_id=to_id, to_name=name or "", reason=reason, at=tx.now)


def _whoever_confirmed(tx: Transaction, user_id: int) -> Principal:
    name = tx.scalar(sa.select(person.c.full_name).where(person.c.user_id == user_id))
    return Principal(user_id=user_id, name=name or "", kind="user")


def _task(tx: Transaction, hand_over_id: int) -> Row | None:
    """Locked, so that a piece and a cancellation do not meet."""
    return tx.row(sa.select(hand_over_task).where(hand_over_task.c.hand_over_id == hand_over_id).with_for_update())


def _changed(tx: Transaction, task: Row, **values: Any) -> Row:
    mine = hand_over_task.c.hand_over_id == task.hand_over_id
    changed = tx.row(sa.update(hand_over_task).where(mine).values(at=tx.now, **values).returning(*hand_over_task.c))
    assert changed is not None  # noqa: S101  (it is locked)
    return changed


def _noted(tx: Transaction, event: Terms, state: State, *, turn: int = 0) -> int:
    """Note the state of our part; its version counts what we have said about it, and what we are about to say."""
    table, telling = hand_over_task.c, int(state == State.COUNTED)
    row = {
        "hand_over_id": event.hand_over_id,
        "state": state,
        "turn": turn,
        "user_id": event.user_id,
        "by_id": tx.principal.user_id,
        "receivers": json.dumps(event.receivers),
        "moved": "{}",
        "pieces": 1,
        "version": telling,
        "correlation_id": tx.cause.correlationid if tx.cause else "",
        "at": tx.now,
    }
    again = {
        **{name: value for name, value in row.items() if name != "hand_over_id"},
        "version": table.version + telling,
    }
    kept = insert(tx.session, hand_over_task).values(row)
    statement = kept.on_conflict_do_update(index_elements=["hand_over_id"], set_=again).returning(table.version)
    version: int = tx.scalar(statement)
    return version

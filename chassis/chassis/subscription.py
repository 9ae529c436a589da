"""What a service listens to, as agreed in its own database: a build that listens to more catches up before it joins.

Each event in the inbox says whether there was a reaction to it. So nothing is lost between two builds, whichever of
them took an event: what nobody reacted to is found again when somebody would have.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.dialect import Talk, clock, insert, is_sqlite
from chassis.events import Envelope
from chassis.problems import Unavailable
from chassis.reactions import Reactions
from chassis.tables import inbox, inbox_position, subscriber, subscription

if TYPE_CHECKING:
    from chassis.consumer import Consumer

Key = tuple[str, str, str]
"""Source, aggregate type, event type; the event type is empty for the aggregate as a whole."""
WHOLE = ""
EXACT = 1 << 62
"""``taken_to`` of a type that was joined before: what the inbox does not hold of it any more was reacted to."""


class State(StrEnum):
    """``new`` until its source says how long its past is; ``left`` when a build does not listen to it any more."""

    NEW = "new"
    CATCHING_UP = "catching_up"
    JOINED = "joined"
    LEFT = "left"


class Outdated(Unavailable):
    """A newer build listens to more than this one knows; it would take events without reacting to them."""


@dataclasses.dataclass(frozen=True)
class Subscription:
    """One thing that is listened to."""

    key: Key
    state: State
    epoch: int | None = None
    past_to: int | None = None
    taken_to: int = 0

    @property
    def event_type(self) -> str:
        return self.key[2]

    def is_past(self, envelope: Envelope) -> bool:
        """It was said before anybody here listened. A later life of its source begins after all of that."""
        is_known = self.past_to is not None and envelope.position is not None
        return is_known and envelope.logepoch == self.epoch and envelope.position <= self.past_to  # type: ignore[operator]


Recorded = Mapping[Key, Subscription]


def declared(reactions: Reactions) -> set[Key]:
    """What this build listens to: whole aggregates, and the types it reacts to."""
    aggregates = {(source, kind, WHOLE) for source, kinds in reactions.aggregates().items() for kind in kinds}
    types = {(name.split(".")[1], kind, name) for name, kind in (reactions.types() or {}).items()}
    return aggregates | types


def begun(recorded: Recorded, wanted: Iterable[Key]) -> list[Subscription]:
    """What this build listens to and the one before did not. Of what was left once, the record goes on."""
    known = {key: one for key, one in recorded.items() if one.state != State.LEFT}
    return [
        dataclasses.replace(recorded.get(key, Subscription(key, State.NEW)), state=State.NEW)
        for key in sorted(wanted)
        if key not in known
    ]


def ended(recorded: Recorded, wanted: Iterable[Key]) -> list[Subscription]:
    """What this build does not listen to any more. Should it come back, an aggregate is taken from its beginning."""
    gone = [recorded[key] for key in sorted(recorded.keys() - set(wanted)) if recorded[key].state != State.LEFT]
    return [dataclasses.replace(one, state=State.LEFT, taken_to=_taken_when_leaving(one)) for one in gone]


def _taken_when_leaving(one: Subscription) -> int:
    if one.event_type == WHOLE:
        return 0
    return EXACT if one.state == State.JOINED else one.taken_to


def met(recorded: Recorded, source: str, head: tuple[int, int]) -> list[Subscription]:
    """A source has said how far its log goes (position, epoch): what becomes of what is new about it.

    The types of an aggregate that is new itself are joined at once, for it is taken from its beginning.
    """
    new = [one for key, one in recorded.items() if key[0] == source and one.state == State.NEW]
    whole = {one.key[1] for one in new if one.event_type == WHOLE}
    found = []
    for one in new:
        is_joined = one.event_type != WHOLE and one.key[1] in whole
        state = State.JOINED if is_joined else State.CATCHING_UP
        found.append(dataclasses.replace(one, state=state, past_to=head[0], epoch=head[1]))
    return found


class Agreement:
    """What one consumer of this build reacts to at this moment. Without a record it is whatever the build knows."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer
        self.generation: int | None = None
        self.by_type: dict[str, Subscription] = {}

    def begin(self, session: Talk) -> datetime:
        """Now, by the database's clock; and in this transaction the agreement stays as it is. Raises Outdated.

        On SQLite one process hears, so what it knows stays true until it is told to forget.
        """
        if is_sqlite(session):
            if self.generation is None:
                self._load(session, session.execute(_generation(self.consumer.name)).scalar() or 0)
            return clock(session)
        shared = _generation(self.consumer.name).add_columns(sa.func.clock_timestamp().label("now"))
        row = session.execute(shared.with_for_update(read=True)).first()
        if row is None:
            return clock(session)
        if row.generation != self.generation:
            self._load(session, row.generation)
        now: datetime = row.now
        return now

    def forget(self) -> None:
        """It was changed; read it anew."""
        self.generation = None

    def reacts(self, envelope: Envelope) -> bool:
        types = self.consumer.reactions.types()
        if types is None:
            return True
        agreed = self.by_type.get(envelope.type)
        is_joined = agreed is None if not self.by_type else agreed is not None and agreed.state == State.JOINED
        return envelope.type in types and is_joined

    def is_past(self, envelope: Envelope) -> bool:
        agreed = self.by_type.get(envelope.type)
        return agreed is not None and agreed.is_past(envelope)

    def _load(self, session: Talk, generation: int) -> None:
        found = {one.event_type: one for one in read(session, self.consumer.name).values() if one.event_type != WHOLE}
        joined = {name for name, one in found.items() if one.state == State.JOINED}
        if unknown := joined - set(self.consumer.reactions.types() or {}):
            raise Outdated(detail=f"{self.consumer.name} also hears {', '.join(sorted(unknown))}")
        self.generation, self.by_type = generation, found


def read(talk: Talk, consumer: str) -> dict[Key, Subscription]:
    """What is recorded."""
    rows = talk.execute(sa.select(subscription).where(subscription.c.consumer == consumer))
    found = {}
    for row in rows:
        key = (row.source, row.aggregate_type, row.event_type)
        found[key] = Subscription(key, State(row.state), row.epoch, row.past_to, row.taken_to)
    return found


def write(talk: Talk, consumer: str, changed: Iterable[Subscription]) -> None:
    """Record what has changed, and let everybody who hears learn of it."""
    now = clock(talk)
    rows = [_row(consumer, one, now) for one in changed]
    if not rows:
        return
    statement = insert(talk, subscription)
    keys = ["consumer", "source", "aggregate_type", "event_type"]
    news = {name: statement.excluded[name] for name in ("state", "epoch", "past_to", "taken_to", "since")}
    talk.execute(statement.on_conflict_do_update(index_elements=keys, set_=news), rows)
    mine = subscriber.c.consumer == consumer
    talk.execute(sa.update(subscriber).where(mine).values(generation=subscriber.c.generation + 1))


def hold(talk: Talk, consumer: str) -> None:
    """Nobody hears for this consumer until this transaction ends (PostgreSQL; SQLite lets one write at a time)."""
    talk.execute(insert(talk, subscriber).values(consumer=consumer, generation=0).on_conflict_do_nothing())
    if not is_sqlite(talk):
        talk.execute(_generation(consumer).with_for_update())


def register(talk: Talk, consumer: str, reactions: Reactions) -> dict[Key, Subscription]:
    """Record what this build listens to; what is recorded now."""
    hold(talk, consumer)
    recorded, wanted = read(talk, consumer), declared(reactions)
    if not recorded and _has_heard(talk, consumer):
        _adopt(talk, consumer, reactions)
        changed = [Subscription(key, State.JOINED) for key in wanted]
    else:
        changed = [*begun(recorded, wanted), *ended(recorded, wanted)]
    write(talk, consumer, changed)
    return read(talk, consumer)


def _has_heard(talk: Talk, consumer: str) -> bool:
    heard = sa.select(inbox.c.event_id).where(inbox.c.consumer == consumer).limit(1)
    placed = sa.select(inbox_position.c.source).where(inbox_position.c.consumer == consumer).limit(1)
    return talk.execute(heard).first() is not None or talk.execute(placed).first() is not None


def _adopt(talk: Talk, consumer: str, reactions: Reactions) -> None:
    """An inbox from before there were records: whoever has no reaction today had none."""
    types = reactions.types()
    if types is not None:
        strange = (inbox.c.consumer == consumer, inbox.c.event_type.not_in(list(types)))
        talk.execute(sa.update(inbox).where(*strange).values(reacted=0))


def _generation(consumer: str) -> sa.Select[Any]:
    return sa.select(subscriber.c.generation).where(subscriber.c.consumer == consumer)


def _row(consumer: str, one: Subscription, now: datetime) -> dict[str, Any]:
    source, aggregate_type, event_type = one.key
    what = {"consumer": consumer, "source": source, "aggregate_type": aggregate_type, "event_type": event_type}
    how = {"state": one.state.value, "epoch": one.epoch, "past_to": one.past_to, "taken_to": one.taken_to}
    return what | how | {"since": now}

"""Whether what was said has arrived: a client asks after its command, until every listener has applied it.

A command's answer names the events it said, ``<service>.<aggregate>.<event id>`` each (``SAID``). Every service knows
for itself what it listens to and what it has applied; the gateway puts their answers together.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from chassis.problems import wrong_field
from chassis.subscription import WHOLE, State
from chassis.tables import consumer_of, inbox, subscription
from chassis.transaction import Transaction

SAID = "Guanxi-Said"
MOST_NAMED = 10
"""The newest events of a command: one that changes thousands of records is known by its last."""
LONGEST = 200 * MOST_NAMED
WAITING = "waiting"


@dataclasses.dataclass(frozen=True)
class Name:
    """An event as a command's answer names it."""

    service: str
    aggregate: str
    event_id: uuid.UUID

    def __str__(self) -> str:
        return f"{self.service}.{self.aggregate}.{self.event_id}"


@dataclasses.dataclass(frozen=True)
class Arrival:
    """How one event stands with one listener: a state of its inbox, or ``waiting``."""

    event_id: uuid.UUID
    state: str


def names_of(text: str) -> Sequence[Name]:
    """What ``SAID`` told. Raises Invalid."""
    found = [_name(part.strip()) for part in text.split(",")]
    if len(found) > MOST_NAMED:
        raise wrong_field("/said", f"At most {MOST_NAMED} events at once")
    return found


def _name(text: str) -> Name:
    service, _, rest = text.partition(".")
    aggregate, _, event_id = rest.partition(".")
    try:
        return Name(service, aggregate, uuid.UUID(event_id))
    except ValueError as error:
        raise wrong_field("/said", f"{text[:100]} is no event as {SAID} names it") from error


def arrivals(tx: Transaction, said: Sequence[Name]) -> Sequence[Arrival]:
    """Of those events that this service listens to, how each stands here; two statements."""
    me, column = consumer_of(tx.service), subscription.c
    whole = (column.consumer == me, column.event_type == WHOLE, column.state != State.LEFT)
    mine = sa.select(column.source, column.aggregate_type).where(*whole)
    heard = {(row.source, row.aggregate_type) for row in tx.rows(mine)}
    expected = [name.event_id for name in said if (name.service, name.aggregate) in heard]
    if not expected:
        return []
    there = sa.select(inbox.c.event_id, inbox.c.state).where(inbox.c.consumer == me, inbox.c.event_id.in_(expected))
    states = {row.event_id: row.state for row in tx.rows(there)}
    return [Arrival(event_id, states.get(event_id, WAITING)) for event_id in expected]

"""The line behind a parked event: who of an aggregate is first, and who follows when the first is out of the way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.dialect import Talk, is_sqlite
from chassis.parking import TOO_NEW
from chassis.tables import inbox_stream, parked_event

Row = sa.Row[Any]
Stream = tuple[str, str, str]
"""One aggregate as a listener sees it: source, aggregate type, aggregate id."""


def stream_of(row: Any) -> Stream:
    return row.source, row.aggregate_type, row.aggregate_id


def in_line(table: sa.Table, consumer: str, stream: Stream) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition for one aggregate's rows in a table of the bus."""
    source, kind, key = stream
    mine = (table.c.consumer == consumer, table.c.source == source)
    return (*mine, table.c.aggregate_type == kind, table.c.aggregate_id == key)


def this(row: Row) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition for one parked event."""
    return parked_event.c.consumer == row.consumer, parked_event.c.event_id == row.event_id


def hold(talk: Talk, consumer: str, stream: Stream) -> int:
    """How far the aggregate is; locked until commit, so that nobody lines up, is edited or goes meanwhile."""
    statement = sa.select(inbox_stream.c.last_version).where(*in_line(inbox_stream, consumer, stream))
    statement = statement if is_sqlite(talk) else statement.with_for_update()
    return talk.execute(statement).scalar() or 0


def first_in_line(talk: Talk, consumer: str, stream: Stream) -> Row | None:
    """The earliest event of the aggregate that stands in the way, dead ones included."""
    found = sa.select(parked_event).where(*in_line(parked_event, consumer, stream), parked_event.c.state != "discarded")
    return talk.execute(found.order_by(parked_event.c.aggregate_version).limit(1)).first()


def let_next_go(talk: Talk, consumer: str, stream: Stream, now: datetime) -> None:
    """The first is gone: whoever follows is due at once if it only waited for this one; else the aggregate is free."""
    following = first_in_line(talk, consumer, stream)
    has_to_follow = following and following.state == "waiting" and following.reason != TOO_NEW
    if following and has_to_follow and following.next_attempt_at is None:
        talk.execute(sa.update(parked_event).where(*this(following)).values(next_attempt_at=now))
    values = {"blocked_by": following.event_id if following else None}
    talk.execute(sa.update(inbox_stream).where(*in_line(inbox_stream, consumer, stream)).values(values))


def pass_over_discarded(talk: Talk, consumer: str, stream: Stream, last: int) -> None:
    """What was discarded right behind the last applied version is settled too: nobody will look for it."""
    discarded = (parked_event.c.state == "discarded", parked_event.c.aggregate_version > last)
    versions = sa.select(parked_event.c.aggregate_version).where(*in_line(parked_event, consumer, stream), *discarded)
    reached = last
    for version in talk.execute(versions.order_by(parked_event.c.aggregate_version)).scalars():
        reached = version if version == reached + 1 else reached
    if reached > last:
        mine = (*in_line(inbox_stream, consumer, stream), inbox_stream.c.last_version < reached)
        talk.execute(sa.update(inbox_stream).where(*mine).values(last_version=reached))

"""A stretch of a source's log taken once more, through the same consumer core: what is known changes nothing.

What is missing is applied. Nothing happens outside of Guanxi: reactions that reach out are not called.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import sqlalchemy as sa

from chassis.applying import REPLAY
from chassis.consumer import Consumer
from chassis.problems import Invalid
from chassis.pull import PAGE
from chassis.tables import inbox


@dataclasses.dataclass(frozen=True)
class Replayed:
    """How many events there were, and how many of them were news."""

    source: str
    read: int
    news: int


class NotHeard(Invalid):
    """The consumer does not listen to this source."""

    source: str


def replay(
    consumer: Consumer,
    source: str,
    *,
    after: int = 0,
    to: int | None = None,
    progress: Callable[[int], None] = lambda _position: None,
) -> Replayed:
    """Positions in (after, to], by default to the end. Hearing may go on meanwhile. Raises NotHeard, Unavailable."""
    aggregates = consumer.reactions.aggregates().get(source)
    if not aggregates:
        raise NotHeard(source=source, detail=f"{consumer.name} does not hear {source}")
    log_of = consumer.sources[source]
    end = min(to or log_of.head().position, log_of.head().position)
    before, number = _count(consumer, source), 0
    while after < end:
        page = log_of.read(after, PAGE, sorted(aggregates))
        after = min(end, page[-1].position) if len(page) == PAGE else end
        wanted = [one.raw for one in page if one.position <= end]
        consumer.take(wanted, REPLAY)
        number += len(wanted)
        progress(after)
    return Replayed(source, number, _count(consumer, source) - before)


def _count(consumer: Consumer, source: str) -> int:
    """How many events came by a replay so far."""
    mine = (inbox.c.consumer == consumer.name, inbox.c.source == source, inbox.c.via == REPLAY)
    with consumer.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(inbox).where(*mine)) or 0

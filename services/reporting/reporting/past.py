"""Where the past is read from: reporting's own log, or the logs of those who said it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Protocol

import sqlalchemy as sa

from chassis.applying import REPLAY, parsed
from chassis.comparing import compare
from chassis.consumer import Consumer
from chassis.dialect import Talk
from chassis.events import Envelope
from chassis.tables import inbox, inbox_position
from reporting import log
from reporting.base import CONSUMER
from reporting.log import report_log

APPLIED = ("done", "skipped")
FEED_PAGE = 1000
"""The most that a feed gives at once."""


class Past(Protocol):
    """Everything that reporting has heard, in an order that keeps each aggregate's."""

    def look(self, talk: Talk) -> int:
        """Find the end as it is now; about how many events are left up to there."""

    def pages(self, talk: Talk, limit: int) -> Iterator[list[Envelope]]:
        """The events from where the last reading ended up to the end that was found last."""

    def keep(self, talk: Talk) -> None:
        """A page was folded; write what else is to be kept of it, in this transaction."""

    def settle(self, talk: Talk) -> None:
        """The tables folded from this past take their place in this transaction."""

    def remarks(self) -> dict[str, int]:
        """What else was found, counted."""


class OwnLog:
    """What reporting kept of each event, in the order of arrival. It is the truth, as far as it goes."""

    def __init__(self) -> None:
        self.reached = self.end = 0

    def look(self, talk: Talk) -> int:
        """While nobody writes: all before the newest entry is committed then, so nothing can be skipped."""
        self.end = talk.execute(sa.select(sa.func.max(report_log.c.id))).scalar() or 0
        return self.end - self.reached

    def pages(self, talk: Talk, limit: int) -> Iterator[list[Envelope]]:
        while self.reached < self.end:
            found = log.read(talk, self.reached, self.end, limit)
            self.reached = found[-1][0] if len(found) == limit else self.end
            yield [envelope for _, envelope in found]

    def keep(self, talk: Talk) -> None:
        return

    def settle(self, talk: Talk) -> None:
        return

    def remarks(self) -> dict[str, int]:
        return {}


class Producers:
    """The logs of all sources, as far as they had an effect here: what is parked had none.

    With ``mends``, reporting's own log gets what it lacks of them, and loses what its source has lost.
    """

    def __init__(self, consumer: Consumer, *, mends: bool) -> None:
        self.consumer, self.mends = consumer, mends
        self.reached = dict.fromkeys(log.LISTENS, 0)
        self.end = dict(self.reached)
        self.pruned_to = dict(self.reached)
        self.left_out: list[Envelope] = []
        self.lacking: list[Envelope] = []
        self.lacked = 0
        self.extra = {one for found in compare(consumer) for one in found.extra}

    def look(self, talk: Talk) -> int:
        self.end = {source: self.consumer.sources[source].head().position for source in log.LISTENS}
        for row in talk.execute(sa.select(inbox_position).where(inbox_position.c.consumer == CONSUMER)):
            self.pruned_to[row.source] = row.pruned_to
        return sum(self.end.values()) - sum(self.reached.values())

    def pages(self, talk: Talk, limit: int) -> Iterator[list[Envelope]]:
        earlier, self.left_out = self.left_out, []
        yield self._that_counted(talk, earlier)
        for source in log.LISTENS:
            while self.reached[source] < self.end[source]:
                yield self._that_counted(talk, self._read(talk, source, min(limit, FEED_PAGE)))

    def _read(self, talk: Talk, source: str, limit: int) -> list[Envelope]:
        """Without what is said of people who were erased here: a source may not have swept its log yet."""
        end = self.end[source]
        found = self.consumer.sources[source].read(self.reached[source], limit, sorted(log.LISTENS[source]))
        self.reached[source] = min(end, found[-1].position) if len(found) == limit else end
        said = [parsed(one.raw, REPLAY) for one in found if one.position <= end]
        return [one.envelope for one in self.consumer.clean(talk, said)]

    def _that_counted(self, talk: Talk, said: Sequence[Envelope]) -> list[Envelope]:
        """Those that were applied here; the others are looked at again at the next reading."""
        states = _states(talk, said)
        applied = [one for one in said if states.get(one.id) in APPLIED or self._was_pruned(one, states)]
        counted = {one.id for one in applied}
        self.left_out += [one for one in said if one.id not in counted]
        lacking = _unknown_to_our_log(talk, applied)
        self.lacked += len(lacking)
        if self.mends:
            self.lacking += lacking
        return applied

    def _was_pruned(self, envelope: Envelope, states: dict[str, str]) -> bool:
        return envelope.id not in states and (envelope.position or 0) <= self.pruned_to[envelope.service]

    def keep(self, talk: Talk) -> None:
        log.append(talk, self.lacking)
        self.lacking = []

    def settle(self, talk: Talk) -> None:
        for one in sorted(self.extra):
            talk.execute(sa.delete(report_log).where(report_log.c.event_id == str(one)))

    def remarks(self) -> dict[str, int]:
        """Said without an effect here; with one, but not in our log; in our log, but no longer said."""
        return {"unheard": len(self.left_out), "lacked": self.lacked, "lost": len(self.extra)}


def _states(talk: Talk, said: Sequence[Envelope]) -> dict[str, str]:
    """What became of these events here, by id; nothing for one that was not heard."""
    mine = (inbox.c.consumer == CONSUMER, inbox.c.event_id.in_([uuid.UUID(one.id) for one in said]))
    return {
        str(row.event_id): row.state for row in talk.execute(sa.select(inbox.c.event_id, inbox.c.state).where(*mine))
    }


def _unknown_to_our_log(talk: Talk, applied: Sequence[Envelope]) -> list[Envelope]:
    known = sa.select(report_log.c.event_id).where(report_log.c.event_id.in_([one.id for one in applied]))
    ids = {str(row.event_id) for row in talk.execute(known)}
    return [one for one in applied if one.id not in ids]


def newest_heard(talk: Talk) -> dict[str, int]:
    """Per source the newest position that was heard of it."""
    found = {}
    for source in log.LISTENS:
        mine = (inbox.c.consumer == CONSUMER, inbox.c.source == source)
        newest = sa.select(inbox.c.position).where(*mine, inbox.c.position.is_not(None))
        found[source] = (
            talk.execute(newest.order_by(inbox.c.epoch.desc(), inbox.c.position.desc()).limit(1)).scalar() or 0
        )
    return found

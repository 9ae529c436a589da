"""The window of unconfirmed publishes: many in flight, yet never two of one aggregate."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection

from chassis.events import open_envelope
from chassis.log import Logged


class Item:
    """An event on its way to the broker."""

    __slots__ = ("aggregate", "event_id", "event_type", "position", "raw", "sent_at")

    def __init__(self, logged: Logged) -> None:
        envelope = open_envelope(logged.raw)
        self.position, self.raw = logged.position, logged.raw
        self.aggregate, self.event_id, self.event_type = envelope.partitionkey, envelope.id, envelope.type
        self.sent_at = 0.0


class Window:
    """What is on its way: at most one unconfirmed event per aggregate, so that a refused one cannot be overtaken.

    ``took`` is told the seconds from each event's sending to its confirm; events whose ids are ``passed_over``
    count as done.
    """

    def __init__(
        self,
        done_to: int,
        took: Callable[[float], object] = lambda _seconds: None,
        passed_over: Collection[str] = (),
    ) -> None:
        self.done_to, self.took, self._passed_over = done_to, took, passed_over
        self.unconfirmed: dict[int, Item] = {}
        self._next_tag = 1
        self._queues: dict[str, deque[Item]] = {}
        self._ready: deque[Item] = deque()
        self._done: set[int] = set()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, logged: Logged) -> None:
        """The next event of the log."""
        item = Item(logged)
        if item.event_id in self._passed_over:
            self._finish(item.position)
            return
        self._size += 1
        waiting = self._queues.get(item.aggregate)
        if waiting is None:
            self._queues[item.aggregate] = deque()
            self._ready.append(item)
        else:
            waiting.append(item)

    def next_ready(self) -> Item | None:
        return self._ready.popleft() if self._ready else None

    def sent(self, item: Item) -> None:
        item.sent_at = time.monotonic()
        self.unconfirmed[self._next_tag] = item
        self._next_tag += 1

    def confirm(self, tag: int, *, multiple: bool) -> int:
        """The broker has them; how many."""
        items, now = self._take(tag, multiple), time.monotonic()
        for item in items:
            self.took(now - item.sent_at)
            self._size -= 1
            self._release(item.aggregate)
            self._finish(item.position)
        return len(items)

    def _finish(self, position: int) -> None:
        self._done.add(position)
        while self.done_to + 1 in self._done:
            self.done_to += 1
            self._done.discard(self.done_to)

    def refuse(self, tag: int, *, multiple: bool) -> int:
        """The broker could not take them: they are ready again, still first of their aggregate; how many."""
        items = self._take(tag, multiple)
        self._ready.extend(items)
        return len(items)

    def _take(self, tag: int, multiple: bool) -> list[Item]:
        tags = [t for t in self.unconfirmed if t <= tag] if multiple else [tag]
        return [self.unconfirmed.pop(t) for t in tags if t in self.unconfirmed]

    def _release(self, aggregate: str) -> None:
        waiting = self._queues[aggregate]
        if waiting:
            self._ready.append(waiting.popleft())
        else:
            del self._queues[aggregate]

"""The window of unconfirmed publishes: many in flight, yet never two of one aggregate."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

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

    ``took`` is told the seconds from each event's sending to its confirm.
    """

    def __init__(self, done_to: int, took: Callable[[float], object] = lambda _seconds: None) -> None:
        self.done_to, self.took = done_to, took
        self.unconfirmed: dict[int, Item] = {}
        self._next_tag = 1
        self._queues: dict[str, deque[Item]] = {}
        self._ready: deque[Item] = deque()
        self._done: set[int] = set()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, logged: Logged) -> None:
        item = Item(logged)
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
            self._done.add(item.position)
            self._release(item.aggregate)
        while self.done_to + 1 in self._done:
            self.done_to += 1
            self._done.discard(self.done_to)
        return len(items)

    def refuse(self, tag: int, *, multiple: bool) -> None:
        """The broker could not take them: they are ready again, still first of their aggregate."""
        self._ready.extend(self._take(tag, multiple))

    def _take(self, tag: int, multiple: bool) -> list[Item]:
        tags = [t for t in self.unconfirmed if t <= tag] if multiple else [tag]
        return [self.unconfirmed.pop(t) for t in tags if t in self.unconfirmed]

    def _release(self, aggregate: str) -> None:
        waiting = self._queues[aggregate]
        if waiting:
            self._ready.append(waiting.popleft())
        else:
            del self._queues[aggregate]

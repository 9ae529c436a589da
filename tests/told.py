"""A small demo company for tests: told on either kind of database, and what of its events is promised to be equal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chassis.database import Database
from chassis.events import Envelope, open_envelope
from chassis.log import DatabaseLog
from guanxi import registry
from guanxi.demo.telling import Outcome, Wish, tell
from guanxi.home import Home

UNTIL = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WISH = Wish(seed=7, until=UNTIL, is_small=True)
UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class CutShort(Exception):
    """The process is killed."""


def files_of(home: Home) -> Mapping[str, str]:
    return {name: home.sqlite_url(name) for name in registry.NAMES}


def told(
    home: Home, urls: Mapping[str, str], wish: Wish = WISH, *, stops_after: int = 0, although_in_use: bool = False
) -> Outcome:
    """Tell the story, or break off after so many chapters. Raises CutShort."""
    chapters = Counter[str]()

    def progress(_end: datetime, _number: int) -> None:
        chapters["told"] += 1
        if chapters["told"] == stops_after:
            raise CutShort

    return tell(home, urls, wish, although_in_use=although_in_use, progress=progress)


def events_at(url: str) -> list[Envelope]:
    """Everything in a log."""
    database = Database(url)
    found = [open_envelope(logged.raw) for logged in DatabaseLog(database).read(0, 10**6)]
    database.close()
    return found


def substance(events: list[Envelope]) -> list[tuple[Any, ...]]:
    """What is promised to be equal: everything but ids of events, when they were recorded, and random keys."""
    return [
        (one.type, one.subject, one.aggregateversion, one.time, one.authid, UUID.sub(b"", bytes(one.data)))
        for one in events
        if one.time <= UNTIL  # what the seeds said, and whoever signed in since, has the time of the start
    ]

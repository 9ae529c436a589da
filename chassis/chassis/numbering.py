"""Numbers of records: a pattern that the administrator may change, and a series that never gives one twice.

A noun declares its series; identity keeps the patterns and tells every service of a change::

    NUMBERS = Series("customer", "KH{yyyy}{MM}{dd}{seq:7}", longest=17)
    first, second = numbering.next_numbers(tx, NUMBERS, count=2)

``{yyyy}``, ``{yy}``, ``{MM}`` and ``{dd}`` are the day (UTC), ``{seq:N}`` a running number of N digits that begins anew
whenever the rest of the pattern changes: with ``{dd}`` every day, with ``{yyyy}`` every year.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.database import NAMING
from chassis.dialect import insert
from chassis.events import Heard
from chassis.problems import Conflict
from chassis.remembering import remembered
from chassis.transaction import Transaction

SEQUENCE = re.compile(r"\{seq:([1-9])\}")
PLACES = {"{yyyy}": "%Y", "{yy}": "%y", "{MM}": "%m", "{dd}": "%d"}

NUMBERING = sa.MetaData(naming_convention=NAMING)
number_pattern_copy = sa.Table(
    "number_pattern_copy",
    NUMBERING,
    sa.Column("series", sa.String(30), primary_key=True),
    sa.Column("pattern", sa.String(40), nullable=False),
    sa.Column("source_version", sa.BigInteger, nullable=False),
)


def add_numbering_table(metadata: sa.MetaData) -> None:
    number_pattern_copy.to_metadata(metadata)


class NumbersExhausted(Conflict):
    """The running number has no digit left; an administrator can give the series a longer pattern."""

    series: str
    pattern: str


@dataclasses.dataclass(frozen=True)
class Series:
    """What a noun's numbers look like until somebody says otherwise; ``longest`` is as wide as the column."""

    name: str
    pattern: str
    longest: int


class PatternSet(Heard, type="identity.numbering.pattern-set", key="series"):
    """An administrator changed how a series of numbers looks."""

    series: str
    pattern: str


def know_pattern(tx: Transaction, event: PatternSet) -> None:
    """Keep the pattern as identity has it now."""
    row = {"series": event.series, "pattern": event.pattern, "source_version": tx.heard_version}
    statement = insert(tx.session, number_pattern_copy).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=["series"], set_=row))


REACTIONS: Mapping[type[Heard], Callable[[Transaction, Any], None]] = {PatternSet: know_pattern}
"""For ``hears={**numbering.REACTIONS, …}`` on a service's page."""


def next_numbers(tx: Transaction, series: Series, count: int = 1) -> list[str]:
    """The next numbers of a series; two transactions never get the same one. Raises NumbersExhausted."""
    pattern = remembered(tx, "number patterns", _patterns).get(series.name, series.pattern)
    running = tx.next_numbers(counter(series.name, pattern, tx.now), count)
    if running.stop - 1 > most(pattern):
        raise NumbersExhausted(series=series.name, pattern=pattern)
    return [written(pattern, tx.now, number) for number in running]


def written(pattern: str, day: datetime, number: int) -> str:
    """``KH{yyyy}{seq:3}`` on a day of 2026 with 7 as ``KH2026007``."""
    text = _dated(pattern, day)
    return SEQUENCE.sub(lambda found: f"{number:0{found[1]}d}", text)


def counter(series: str, pattern: str, day: datetime) -> str:
    """The name of the counter behind a pattern on a day; at most 40 characters when the pattern is accepted."""
    return f"{series} {SEQUENCE.sub('#', _dated(pattern, day))}"


def most(pattern: str) -> int:
    """The largest running number that the pattern can write."""
    found = SEQUENCE.search(pattern)
    return 10 ** int(found[1]) - 1 if found else 0


def length(pattern: str) -> int:
    """How many characters its numbers have: always as many."""
    return len(written(pattern, datetime(2026, 12, 31), 0))  # noqa: DTZ001  (only its length counts)


def _dated(pattern: str, day: datetime) -> str:
    for place, code in PLACES.items():
        pattern = pattern.replace(place, day.strftime(code))
    return pattern


def _patterns(tx: Transaction) -> dict[str, str]:
    rows = tx.rows(sa.select(number_pattern_copy.c.series, number_pattern_copy.c.pattern))
    return {row.series: row.pattern for row in rows}

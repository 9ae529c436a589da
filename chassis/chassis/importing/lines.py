"""What a table in a file consists of, and what may be wrong with it: every fault names its row, column and reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime

LONGEST_CELL = 32_000
"""Longer than any field we keep; a cell of megabytes is damage, not data."""
LONGEST_VALUE = 100
"""How much of a wrong cell is told."""
MOST_COLUMNS = 200
MOST_ROWS = 50_000
"""More than a person can check; a program uses the bulk endpoints."""


@dataclasses.dataclass(frozen=True)
class Wrong:
    """A cell that has no value we could take."""

    reason: str


Cell = str | int | float | bool | datetime | Wrong
"""An empty cell is an empty text. Moments are in UTC, with or without saying so."""


@dataclasses.dataclass(frozen=True)
class Line:
    """One row of the file, counted as an editor does (the header is mostly row 1)."""

    number: int
    cells: Sequence[Cell]
    fault: str = ""
    """Why the whole row cannot be read, if so."""


@dataclasses.dataclass(frozen=True)
class Fault:
    """What is wrong, and where; ``row`` is 0 when it is the whole file."""

    row: int
    column: str
    reason: str
    value: str = ""


class Unreadable(Exception):
    """Nothing of the file can be used."""

    def __init__(self, reason: str, *, row: int = 0, column: str = "", others: Sequence[Fault] = ()) -> None:
        super().__init__(reason)
        self.fault = Fault(row, column, reason)
        self.faults = [self.fault, *others]
        self.columns: Sequence[Mapping[str, str | None]] = ()
        """The header as far as it was understood, so that somebody can say what the rest is."""


def shortened(value: object) -> str:
    """Enough of a value to find it again."""
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"

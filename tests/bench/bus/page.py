"""The table in docs/performance.md, written by ``make bench-bus ARGS=--write``."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from tests.bench.bus.figures import Row

PAGE = Path(__file__).resolve().parents[3] / "docs" / "performance.md"
BEGIN, END = "<!-- make bench-bus ARGS=--write -->", "<!-- until here -->"


def written(page: str, rows: Sequence[Row], load: float) -> str:
    """The page with what is promised, in the place of what it said before. Raises ValueError when it has no place.

    Figures that nothing is promised of say more of the machine than of us: they are printed only.
    """
    if BEGIN not in page or END not in page:
        raise ValueError(f"The page lacks {BEGIN} or {END}")
    lines = ["| what | seen | promised |", "|---|---|---|", *(line(row) for row in rows if row.is_kept is not None)]
    told = f"One run on {os.cpu_count()} cores, at a load of {load:.0f} when it began."
    table = "\n".join([BEGIN, told, "", *lines, "", END])
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: table, page, flags=re.DOTALL)


def line(row: Row) -> str:
    missed = " (missed)" if row.is_kept is False else ""
    return f"| {row.what} | {row.seen}{missed} | {row.promised} |"

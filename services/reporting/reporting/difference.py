"""Two tables compared: by digest, and row by row where the digests differ."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.dialect import Talk
from reporting.shelf import digest, in_order

MOST_EXAMPLES = 5
Row = tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class Difference:
    """One table as it is live and as it was folded again. Examples are keys, which name nobody."""

    live: str
    rebuilt: str
    only_live: int = 0
    only_rebuilt: int = 0
    otherwise: int = 0
    examples: Sequence[Row] = ()

    @property
    def is_equal(self) -> bool:
        return self.live == self.rebuilt


def difference(live: tuple[Talk, sa.Table], rebuilt: tuple[Talk, sa.Table]) -> Difference:
    """Two tables, each with the transaction in which its rows can be seen."""
    found = Difference(digest(*live), digest(*rebuilt))
    if found.is_equal:
        return found
    return _count(found, _differing(in_order(*live), in_order(*rebuilt), keys=len(live[1].primary_key)))


def _count(found: Difference, differing: Iterator[tuple[str, Row]]) -> Difference:
    counts: Counter[str] = Counter()
    examples: list[Row] = []
    for how, key in differing:
        counts[how] += 1
        if len(examples) < MOST_EXAMPLES:
            examples.append(key)
    only_live, only_rebuilt, otherwise = counts["only_live"], counts["only_rebuilt"], counts["otherwise"]
    return Difference(found.live, found.rebuilt, only_live, only_rebuilt, otherwise, examples)


def _differing(live: Iterator[Row], rebuilt: Iterator[Row], *, keys: int) -> Iterator[tuple[str, Row]]:
    """How each row differs that does, and its key; both sides come in the order of their keys."""
    here, there = next(live, None), next(rebuilt, None)
    while here is not None or there is not None:
        if there is None or (here is not None and here[:keys] < there[:keys]):
            assert here is not None  # noqa: S101  (one of them is there)
            yield "only_live", here[:keys]
            here = next(live, None)
        elif here is None or there[:keys] < here[:keys]:
            yield "only_rebuilt", there[:keys]
            there = next(rebuilt, None)
        else:
            if here != there:
                yield "otherwise", here[:keys]
            here, there = next(live, None), next(rebuilt, None)

"""How a monthly series goes on if it goes on as it did: a straight line through it, and never below nothing."""

from __future__ import annotations

from collections.abc import Sequence


def projected(series: Sequence[int], ahead: int) -> list[int]:
    """The next values on the line with the least squared distance; of fewer than two values, the same again."""
    if len(series) < 2:
        return [*series[-1:]] * ahead
    middle, mean = (len(series) - 1) / 2, sum(series) / len(series)
    spread = sum((place - middle) ** 2 for place in range(len(series)))
    slope = sum((place - middle) * (value - mean) for place, value in enumerate(series)) / spread
    return [max(0, round(mean + slope * (place - middle))) for place in range(len(series), len(series) + ahead)]

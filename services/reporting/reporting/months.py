"""Months, as reports count in them: ``2026-11``, UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

MONTH = re.compile(r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])")


def month_of(at: date | datetime) -> str:
    """The month of a day, or of a moment in UTC."""
    return f"{at.astimezone(UTC) if isinstance(at, datetime) else at:%Y-%m}"


def month_text(text: str) -> str:
    """Raises ValueError for what is no month."""
    if not MONTH.fullmatch(text):
        raise ValueError(f"{text!r} is no month like 2026-11")
    return text


def before(month: str, count: int = 1) -> str:
    """The month so many months earlier; later, if negative."""
    months = int(month[:4]) * 12 + int(month[5:]) - 1 - count
    return f"{months // 12:04}-{months % 12 + 1:02}"


def months_between(first: str, last: str) -> list[str]:
    """Every month from the first to the last, both included."""
    found = []
    while first <= last:
        found.append(first)
        first = before(first, -1)
    return found


def first_moment(month: str) -> datetime:
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)

"""A cell as the value that the API takes for a field: text from a CSV file, typed values from a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import marshmallow as ma

from chassis.fields import CONTROL, Money
from chassis.importing.lines import LONGEST_CELL, Cell, Wrong
from chassis.sheets import Kind, as_typed

Convert = Callable[[Cell], Any]
"""Raises ValueError with the reason, as the end of a sentence about the cell."""

THOUSANDS = re.compile(r"[+-]?\d{1,3}([, \u00a0]\d{3})+(\.\d+)?")
SIGNS_OF_MONEY = "¥￥$€£"
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
YES, NO = {"true", "yes", "y", "1", "是", "真"}, {"false", "no", "n", "0", "否", "假"}


def value_of(cell: Cell, convert: Convert) -> Any:
    """The value, or None when the cell is empty. Raises ValueError."""
    if isinstance(cell, Wrong):
        raise ValueError(cell.reason)
    if isinstance(cell, str):
        if len(cell) > LONGEST_CELL:
            raise ValueError(f"has {len(cell)} characters or more; at most {LONGEST_CELL} are read")
        cell = as_typed(cell.strip())
        if not cell:
            return None
        if CONTROL.search(cell):
            raise ValueError("has control characters")
    return convert(cell)


def text(cell: Cell) -> str:
    """Text as it stands; a number that a spreadsheet made of a phone number or a code is that text again."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != datetime.min.time() else cell.date().isoformat()
    return str(cell)


def whole(cell: Cell) -> int:
    """A whole number, also written as ``13,085`` or ``13085.0``."""
    number = _number(cell)
    if number != int(number):
        raise ValueError("is not a whole number")
    return int(number)


def amount(cell: Cell) -> str:
    """An amount as the API takes it, with at most two places."""
    number = _number(cell.strip(SIGNS_OF_MONEY + " ") if isinstance(cell, str) else cell)
    if number != (rounded := number.quantize(Decimal("0.01"))):
        raise ValueError("has more than two places")
    return f"{rounded:f}"


def _number(cell: Cell) -> Decimal:
    said = "" if isinstance(cell, bool | datetime) else str(cell)
    if THOUSANDS.fullmatch(said):
        said = re.sub("[, \u00a0]", "", said)
    try:
        number = Decimal(said)
    except InvalidOperation as error:
        raise ValueError("is not a number") from error
    if not number.is_finite() or abs(number) >= 10**18:
        raise ValueError("is not a number that fits")
    return number


def moment(cell: Cell) -> str:
    """A moment as ISO 8601; what names no zone is UTC."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=UTC).isoformat()
    said = text(cell)
    try:
        found = datetime.fromisoformat(said) if "T" in said or ":" in said else _day(said)
    except ValueError:
        found = _written(said)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def day(cell: Cell) -> str:
    """A day as ISO 8601."""
    return (cell if isinstance(cell, datetime) else _day(text(cell))).date().isoformat()


def _written(said: str) -> datetime:
    """``2026/1/31 13:05`` and ``2026年1月31日 13:05:00``."""
    date, _, time = said.partition(" ")
    found = _day(date)
    if not time:
        return found
    match = TIME.fullmatch(time.strip())
    if match is None:
        raise ValueError("is not a date and time like 2026-01-31 13:05")
    hour, minute, second = (int(part or 0) for part in match.groups())
    return _checked(lambda: found.replace(hour=hour, minute=minute, second=second))


def _day(said: str) -> datetime:
    match = DAY.fullmatch(said)
    if match is None:
        raise ValueError("is not a date like 2026-01-31")
    year, month, number = (int(part) for part in match.groups())
    return _checked(lambda: datetime(year, month, number, tzinfo=UTC))


def _checked(make: Callable[[], datetime]) -> datetime:
    try:
        return make()
    except ValueError as error:
        raise ValueError("is no day of the calendar") from error


def yes_or_no(cell: Cell) -> bool:
    """Yes or no in Chinese, English or signs."""
    said = text(cell).casefold()
    if said not in YES | NO:
        raise ValueError("is neither yes nor no")
    return said in YES


CONVERSIONS: dict[Kind, Convert] = {
    Kind.TEXT: text,
    Kind.NUMBER: whole,
    Kind.MONEY: amount,
    Kind.MOMENT: moment,
    Kind.DAY: day,
    Kind.YES_NO: yes_or_no,
}


def conversion_of(field: ma.fields.Field[Any], kind: Kind) -> Convert:
    """How cells of this field are read."""
    if kind == Kind.NUMBER and not isinstance(field, ma.fields.Integer):
        return lambda cell: float(_number(cell))
    return CONVERSIONS[Kind.MONEY if isinstance(field, Money) else kind]

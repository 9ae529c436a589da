"""Numbering rules: a pattern per series, changed by administrators, never so that an old number could come again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis import numbering
from chassis.events import Event
from chassis.numbering import PLACES, SEQUENCE, Series
from chassis.problems import Conflict, wrong_field
from chassis.transaction import Aggregate
from identity.base import Base

SERIES: Mapping[str, Series] = {
    one.name: one
    for one in [
        Series("customer", "KH{yyyy}{MM}{dd}{seq:7}", 17),
        Series("order", "SO{yyyy}{MM}{dd}{seq:6}", 20),
        Series("complaint", "TS{yyyy}{MM}{dd}{seq:4}", 17),
        Series("marketing plan", "YX{yyyy}{MM}{dd}{seq:4}", 17),
    ]
}
"""What can be numbered, with the pattern and the width that the owning service declares."""
FIXED = re.compile(r"[A-Za-z0-9/_-]*")
LONGEST_COUNTER = 40


class PatternSet(Event, type="identity.numbering.pattern-set", key="series"):
    """New records of a kind are numbered otherwise from now on."""

    series: str
    pattern: str


class PatternAmbiguous(Conflict):
    """Numbers of this pattern could not be told from those of an earlier one."""

    series: str
    earlier: str


class NumberRule(Aggregate, Base):
    """How one series is numbered, and how it was: an earlier pattern may come back, one like it may not."""

    __tablename__ = "sys_number_rule"
    noun = "numbering"

    series: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    pattern: Mapped[str] = mapped_column(sa.String(40))
    earlier: Mapped[str] = mapped_column(sa.Text, default="")

    @classmethod
    def begin(cls, series: Series) -> NumberRule:
        return cls(series=series.name, pattern=series.pattern, earlier=series.pattern)

    def said(self) -> PatternSet:
        return PatternSet(series=self.series, pattern=self.pattern)

    def set_pattern(self, pattern: str) -> PatternSet | None:
        """Number new records like this. Raises Invalid or PatternAmbiguous."""
        must_be_sound(pattern, SERIES[self.series])
        used = self.earlier.split("\n")
        if pattern not in used:
            must_be_distinct(pattern, self.series, used)
            self.earlier = "\n".join([*used, pattern])
        return self.said() if self.change(pattern=pattern) else None


def must_be_sound(pattern: str, series: Series) -> None:
    """One running number, known places, plain characters, and no longer than the column. Raises Invalid."""
    if len(SEQUENCE.findall(pattern)) != 1:
        raise wrong_field("/pattern", "Name the running number once, with its digits: {seq:7}")
    if not FIXED.fullmatch(_fixed(pattern)):
        raise wrong_field("/pattern", "Besides {yyyy}, {yy}, {MM}, {dd} and {seq:N}: letters, digits, - _ and /")
    if numbering.length(pattern) > series.longest:
        raise wrong_field("/pattern", f"Its numbers have more than {series.longest} characters")
    if len(f"{series.name} {pattern}") > LONGEST_COUNTER:
        raise wrong_field("/pattern", "Too long")


def must_be_distinct(pattern: str, series: str, used: Sequence[str]) -> None:
    """Another length, or other letters at a fixed place, than every pattern before. Raises PatternAmbiguous."""
    for earlier in used:
        if not _differ(_mask(pattern), _mask(earlier)):
            raise PatternAmbiguous(series=series, earlier=earlier)


def _differ(one: str, other: str) -> bool:
    """Whether no text fits both masks; ``#`` stands for any digit."""
    return len(one) != len(other) or any(not _may_be_alike(a, b) for a, b in zip(one, other, strict=True))


def _may_be_alike(one: str, other: str) -> bool:
    if one == "#" or other == "#":
        return (one + other).replace("#", "0").isdigit()
    return one == other


def _mask(pattern: str) -> str:
    """``KH{yyyy}{seq:3}`` as ``KH#######``: every place that is filled in may hold any digit."""
    for place in PLACES:
        pattern = pattern.replace(place, "#" * (len(place) - 2))
    return SEQUENCE.sub(lambda found: "#" * int(found[1]), pattern)


def _fixed(pattern: str) -> str:
    for place in PLACES:
        pattern = pattern.replace(place, "")
    return SEQUENCE.sub("", pattern)

"""Working time: the hours of a week, days off, extra days; and when so many working minutes have passed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.events import Event
from chassis.problems import Problem, wrong_field
from chassis.transaction import Aggregate
from service_desk.base import Base

STANDARD = "standard"
"""There is one calendar; its name leaves room for more."""
HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
LONGEST_SEARCH = timedelta(days=366)
MOST_DAYS = 400
DEFAULT_WEEK = (("09:00-12:00", "13:30-18:00"),) * 5 + ((), ())
DEFAULT_ZONE = "Asia/Shanghai"

Span = tuple[time, time]


class CalendarSet(Event, type="service-desk.calendar.set", key="code"):
    """The desk works at other times from now on; promises made before keep their moment."""

    code: str
    zone: str
    week: Sequence[Sequence[str]]
    days_off: Sequence[date]
    extra_days: Sequence[date]


class EmptyCalendar(Problem):
    """No working minute follows within a year, so nothing can ever be due."""


@dataclasses.dataclass(frozen=True)
class Hours:
    """The working hours of a desk. ``week`` begins on Monday; an extra day has the hours of a Monday."""

    zone: ZoneInfo
    week: Sequence[Sequence[Span]]
    days_off: frozenset[date] = frozenset()
    extra_days: frozenset[date] = frozenset()

    def of(self, day: date) -> Sequence[Span]:
        """The spans of one day, in order."""
        if day in self.days_off:
            return ()
        return self.week[0 if day in self.extra_days else day.weekday()]

    def spans_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working spans that end after the moment, in UTC, for a year."""
        day = moment.astimezone(self.zone).date()
        last = day + LONGEST_SEARCH
        while day <= last:
            for begins, ends in self.of(day):
                start, end = self._at(day, begins), self._at(day, ends)
                if end > moment:
                    yield max(start, moment), end
            day += timedelta(days=1)

    def _at(self, day: date, clock: time) -> datetime:
        if clock == time.max:  # 24:00
            return datetime.combine(day + timedelta(days=1), time.min, self.zone).astimezone(UTC)
        return datetime.combine(day, clock, self.zone).astimezone(UTC)


def due_at(opened_at: datetime, minutes: int, hours: Hours) -> datetime:
    """The last moment to keep a promise of so many working minutes, in UTC.

    Raises EmptyCalendar if the minutes do not pass within a year.
    """
    left = timedelta(minutes=minutes)
    for start, end in hours.spans_from(opened_at):
        if end - start >= left:
            return start + left
        left -= end - start
    raise EmptyCalendar()


class Calendar(Aggregate, Base):
    """The aggregate; the lists are kept as text, one entry per comma, days of the week parted by semicolons."""

    __tablename__ = "cst_calendar"
    noun = "calendar"

    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    zone: Mapped[str] = mapped_column(sa.String(40))
    week_text: Mapped[str] = mapped_column(sa.String(600))
    days_off_text: Mapped[str] = mapped_column(sa.Text)
    extra_days_text: Mapped[str] = mapped_column(sa.Text)

    @classmethod
    def begin(cls) -> Calendar:
        """A working week from Monday to Friday."""
        calendar = cls(code=STANDARD, zone=DEFAULT_ZONE, days_off_text="", extra_days_text="")
        calendar.week_text = _joined(DEFAULT_WEEK)
        return calendar

    @property
    def week(self) -> list[list[str]]:
        return [[span for span in day.split(",") if span] for day in self.week_text.split(";")]

    @property
    def days_off(self) -> list[date]:
        return _days(self.days_off_text)

    @property
    def extra_days(self) -> list[date]:
        return _days(self.extra_days_text)

    def said(self) -> CalendarSet:
        return CalendarSet(
            code=self.code, zone=self.zone, week=self.week, days_off=self.days_off, extra_days=self.extra_days
        )

    def set(self, fields: Mapping[str, Any]) -> CalendarSet | None:
        """Work at these times from now on. Raises Invalid."""
        must_be_sound(fields["zone"], fields["week"])
        changed = self.change(
            zone=fields["zone"],
            week_text=_joined(fields["week"]),
            days_off_text=",".join(sorted({str(day) for day in fields["days_off"]})),
            extra_days_text=",".join(sorted({str(day) for day in fields["extra_days"]})),
        )
        return self.said() if changed else None


def hours_of(zone: str, week_text: str, days_off_text: str, extra_days_text: str) -> Hours:
    """The hours as they are kept."""
    week = [[_span(text) for text in day.split(",") if text] for day in week_text.split(";")]
    return Hours(ZoneInfo(zone), week, frozenset(_days(days_off_text)), frozenset(_days(extra_days_text)))


def must_be_sound(zone: str, week: Sequence[Sequence[str]]) -> None:
    """A known zone, seven days, spans in order that do not overlap, one of them at least. Raises Invalid."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise wrong_field("/zone", "No such time zone; write it like Asia/Shanghai") from error
    if len(week) != 7:
        raise wrong_field("/week", "Seven days, from Monday to Sunday")
    for number, day in enumerate(week):
        _must_follow_each_other(number, day)
    if not any(week):
        raise wrong_field("/week", "Somebody has to work at some time")


def _must_follow_each_other(number: int, day: Sequence[str]) -> None:
    ended = time.min
    for place, text in enumerate(day):
        pointer = f"/week/{number}/{place}"
        if not HOURS.fullmatch(text) or (text[6:8] == "24" and text[9:] != "00"):
            raise wrong_field(pointer, "Write it like 09:00-12:00")
        begins, ends = _span(text)
        if begins >= ends or begins < ended:
            raise wrong_field(pointer, "Each span ends after it begins, and the next begins later")
        ended = ends


def _span(text: str) -> Span:
    begins, ends = text.split("-")
    return time.fromisoformat(begins), time.max if ends == "24:00" else time.fromisoformat(ends)


def _days(text: str) -> list[date]:
    return [date.fromisoformat(day) for day in text.split(",") if day]


def _joined(week: Sequence[Sequence[str]]) -> str:
    return ";".join(",".join(day) for day in week)

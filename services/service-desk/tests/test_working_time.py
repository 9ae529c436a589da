"""Working time, without a database: when so many minutes have passed, and which calendars make sense."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chassis.problems import Invalid
from service_desk.calendar.model import EmptyCalendar, Hours, due_at, hours_of, must_be_sound

FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # 17:00 in Shanghai
OFFICE = ";".join(["09:00-12:00,13:30-18:00"] * 5 + ["", ""])


def hours(week: str = OFFICE, days_off: str = "", extra_days: str = "") -> Hours:
    return hours_of("Asia/Shanghai", week, days_off, extra_days)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (60, "2026-11-27T10:00"),  # to the very end of the day
        (61, "2026-11-30T01:01"),  # and over the weekend
        (60 + 450, "2026-11-30T10:00"),
        (60 + 180 + 1, "2026-11-30T05:31"),  # nobody works at noon
    ],
)
def test_only_working_minutes_count(minutes: int, expected: str) -> None:
    assert due_at(FRIDAY, minutes, hours()) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_day_off_is_left_out_and_an_extra_day_counts() -> None:
    assert due_at(FRIDAY, 61, hours(days_off="2026-11-30")) == datetime(2026, 12, 1, 1, 1, tzinfo=UTC)
    assert due_at(FRIDAY, 61, hours(extra_days="2026-11-28")) == datetime(2026, 11, 28, 1, 1, tzinfo=UTC)


def test_a_desk_that_never_closes_counts_every_minute() -> None:
    always = hours(week=";".join(["00:00-24:00"] * 7))

    assert due_at(FRIDAY, 24 * 60, always) == FRIDAY + timedelta(days=1)


def test_a_summer_night_that_lacks_an_hour_lacks_it() -> None:
    berlin = hours_of("Europe/Berlin", ";".join(["00:00-24:00"] * 7), "", "")
    saturday = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)  # midnight in Berlin

    assert due_at(saturday, 23 * 60, berlin) == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)


def test_a_promise_that_cannot_be_kept_within_a_year_is_refused() -> None:
    with pytest.raises(EmptyCalendar):
        due_at(FRIDAY, 60, hours(week="09:00-09:01;;;;;;"))


@given(some.integers(1, 5000), some.integers(1, 5000), some.integers(0, 366 * 24 * 60))
def test_more_minutes_end_later_and_parts_add_up(first: int, second: int, opened: int) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=opened)

    assert due_at(due_at(moment, first, hours()), second, hours()) == due_at(moment, first + second, hours())
    assert due_at(moment, first, hours()) < due_at(moment, first + second, hours())


WORKDAY = ["09:00-12:00"]


@pytest.mark.parametrize(
    ("zone", "week", "pointer"),
    [
        ("Atlantis", [WORKDAY] * 7, "/zone"),
        ("UTC", [WORKDAY] * 6, "/week"),
        ("UTC", [[]] * 7, "/week"),
        ("UTC", [["9-12"]] + [[]] * 6, "/week/0/0"),
        ("UTC", [["12:00-09:00"]] + [[]] * 6, "/week/0/0"),
        ("UTC", [["09:00-24:30"]] + [[]] * 6, "/week/0/0"),
        ("UTC", [[], ["09:00-12:00", "11:00-13:00"]] + [[]] * 5, "/week/1/1"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_a_wrong_field(
    zone: str, week: Sequence[Sequence[str]], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        must_be_sound(zone, week)

    assert [error["pointer"] for error in refused.value.errors] == [pointer]


def test_a_holiday_is_a_date() -> None:
    assert hours(days_off="2026-10-01,2026-10-02").days_off == {date(2026, 10, 1), date(2026, 10, 2)}

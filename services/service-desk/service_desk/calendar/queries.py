"""Looking at the calendar."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.problems import NotFound
from chassis.transaction import Transaction
from service_desk.calendar.model import STANDARD, Calendar, Hours, hours_of


def get_calendar(tx: Transaction) -> Calendar:
    """The calendar. Raises NotFound before the first seeding."""
    found: Calendar | None = tx.scalar(sa.select(Calendar).where(Calendar.code == STANDARD))
    if found is None:
        raise NotFound(detail="No calendar")
    return found


def read_hours(tx: Transaction) -> Hours:
    """When the desk works."""
    kept = get_calendar(tx)
    return hours_of(kept.zone, kept.week_text, kept.days_off_text, kept.extra_days_text)

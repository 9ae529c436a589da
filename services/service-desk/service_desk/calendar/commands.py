"""Changing the calendar: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.transaction import Transaction
from service_desk.calendar.model import STANDARD, Calendar


def set_calendar(tx: Transaction, fields: Mapping[str, Any]) -> Calendar:
    """Work at other times from now on."""
    calendar = tx.get(Calendar, STANDARD)
    tx.publish(calendar.set(fields))
    return calendar

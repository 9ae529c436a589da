"""The promises and the working week that the product brings along."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.settings import Settings
from chassis.transaction import Transaction
from service_desk.calendar.model import Calendar
from service_desk.promise.model import DEFAULTS, Promise, code_of


def seed_promises(tx: Transaction, _settings: Settings) -> None:
    """What is missing; what people changed stays."""
    known = {row.code for row in tx.rows(sa.select(Promise.code))}
    new = [Promise.begin(*values) for values in DEFAULTS if code_of(*values[:2]) not in known]
    tx.add_all(new)
    tx.publish_all([(promise.said(), None) for promise in new])
    if tx.row(sa.select(Calendar.code)) is None:
        tx.publish(tx.add(Calendar.begin()).said())

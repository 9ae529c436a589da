"""Looking at promises."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.pages import Listing, equal
from chassis.remembering import remembered
from chassis.transaction import Transaction
from service_desk.calendar.queries import read_hours
from service_desk.promise.model import Minutes, Promise, Promises

SHOWN = ("code", "about", "kind", "answer_minutes", "settle_minutes", "version")

PROMISES = Listing(
    columns={name: getattr(Promise, name) for name in SHOWN},
    key=Promise.code,
    filters={"about": equal(Promise.about), "kind": equal(Promise.kind)},
    sorts={"code": Promise.code, "settle_minutes": Promise.settle_minutes},
    default_sort="code",
    search=(Promise.kind,),
)


def promises(tx: Transaction) -> Promises:
    """What is promised at present; read once in a while, because every request asks."""
    return remembered(tx, "promises", _read)


def _read(tx: Transaction) -> Promises:
    rows = tx.rows(sa.select(Promise.about, Promise.kind, Promise.answer_minutes, Promise.settle_minutes))
    minutes = {(row.about, row.kind): Minutes(row.answer_minutes, row.settle_minutes) for row in rows}
    return Promises(minutes, read_hours(tx))

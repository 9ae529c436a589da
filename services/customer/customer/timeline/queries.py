"""Looking at what happened with a customer: newest first, from a place on, as far as whoever asks may see."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.history import happening
from chassis.problems import wrong_field
from chassis.tables import event_log
from chassis.transaction import Transaction
from customer.activity.model import Activity
from customer.customer.model import Customer
from customer.customer.queries import get_customer
from customer.involvements import involvement
from customer.loss.model import Loss
from customer.order.model import Order

OTHERS = ("complaint", "deal", "opportunity", "request", "task", "visit")
"""What other services have with a customer; who has no right to read the noun is told nothing of it."""
MOST_MOMENTS, USUAL_MOMENTS = 100, 20


@dataclasses.dataclass(frozen=True)
class Moment:
    """Something that happened with a customer; ``key`` is what the source sorts by within one moment."""

    at: datetime
    noun: str
    key: int | str
    title: str
    state: str = ""
    amount_minor: int | None = None
    currency: str | None = None
    by_name: str = ""
    changes: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def record(self) -> str:
        return str(self.key)

    @property
    def place(self) -> tuple[datetime, str, Any]:
        return self.at, self.noun, self.key


Place = tuple[datetime, str, int | str]
"""The moment after which the timeline goes on."""


@dataclasses.dataclass(frozen=True)
class Timeline:
    """Some of it; ``next`` leads on while there is more."""

    items: Sequence[Moment]
    next: str | None


def get_timeline(
    tx: Transaction, customer_no: str, kinds: str = "", after: str = "", size: int = USUAL_MOMENTS
) -> Timeline:
    """What happened with one customer of the data scope, as far as it may be seen. Raises NotFound."""
    customer = get_customer(tx, customer_no)
    wanted = set(kinds.split(",")) if kinds else {"change", *SOURCES, *OTHERS}
    if unknown := sorted(wanted - {"change", *SOURCES, *OTHERS}):
        raise wrong_field("/kinds", f"Nothing of a customer's is called {unknown[0]!r}")
    place = _place_of(after) if after else None
    found = moments(tx, customer, size=size + 1, kinds=wanted, after=place)
    following = _cursor_of(found[size - 1]) if len(found) > size else None
    return Timeline(found[:size], following)


def moments(
    tx: Transaction, customer: Customer, *, size: int, kinds: Collection[str], after: Place | None = None
) -> list[Moment]:
    """The newest of everything: each kind gives its newest, and of these the newest stay; a select for each."""
    found = _changes(tx, customer.customer_no, size, after) if "change" in kinds else []
    for noun, source in SOURCES.items():
        if noun in kinds and tx.principal.has(f"{noun}:read"):
            found += source(tx, customer.customer_no, size, after)
    found += _of_others(tx, customer, size, after, kinds)
    return sorted(found, key=lambda moment: moment.place, reverse=True)[:size]


def of_customer(tx: Transaction, customer: Customer, nouns: Collection[str]) -> list[sa.ColumnElement[bool]] | None:
    """Which involvements are this customer's and may be seen; None when none may."""
    seen = [noun for noun in nouns if tx.principal.has(f"{noun}:read")]
    if not seen:
        return None
    named = sa.and_(involvement.c.customer_no.is_(None), involvement.c.name_key == customer.name_key)
    mine = sa.or_(involvement.c.customer_no == customer.customer_no, named)
    return [mine, involvement.c.noun.in_(seen), tx.principal.only_seen(involvement.c.owner_id, involvement.c.other_id)]


# -- where moments come from ---------------------------------------------------------------------


def _changes(tx: Transaction, customer_no: str, size: int, after: Place | None) -> list[Moment]:
    """What happened to the record itself, from the service's own log."""
    mine = (event_log.c.aggregate_type == Customer.noun, event_log.c.aggregate_id == customer_no)
    at, key = event_log.c.occurred_at, event_log.c.id
    shown = sa.select(key, event_log.c.envelope).where(*mine, *_following(after, at, "change", key))
    rows = tx.rows(shown.order_by(at.desc(), key.desc()).limit(size))
    told = [(row.id, happening(row.envelope)) for row in rows]
    return [
        Moment(one["at"], "change", number, one["type"], by_name=one["by_name"], changes=one["changes"])
        for number, one in told
    ]


def _talks(tx: Transaction, customer_no: str, size: int, after: Place | None) -> list[Moment]:
    shown = sa.select(Activity.id, Activity.held_at, Activity.title).where(Activity.customer_no == customer_no)
    further = _following(after, Activity.held_at, "activity", Activity.id)
    rows = tx.rows(shown.where(*further).order_by(Activity.held_at.desc(), Activity.id.desc()).limit(size))
    return [Moment(row.held_at, "activity", row.id, row.title) for row in rows]


def _purchases(tx: Transaction, customer_no: str, size: int, after: Place | None) -> list[Moment]:
    columns = (Order.order_no, Order.ordered_at, Order.kind, Order.status, Order.amount_minor, Order.currency)
    shown = sa.select(*columns).where(Order.customer_no == customer_no)
    further = _following(after, Order.ordered_at, "order", Order.order_no)
    rows = tx.rows(shown.where(*further).order_by(Order.ordered_at.desc(), Order.order_no.desc()).limit(size))
    return [
        Moment(row.ordered_at, "order", row.order_no, row.kind, str(row.status), row.amount_minor, row.currency)
        for row in rows
    ]


def _warnings(tx: Transaction, customer_no: str, size: int, after: Place | None) -> list[Moment]:
    shown = sa.select(Loss.id, Loss.alerted_at, Loss.status, Loss.reason).where(Loss.customer_no == customer_no)
    further = _following(after, Loss.alerted_at, "loss", Loss.id)
    rows = tx.rows(shown.where(*further).order_by(Loss.alerted_at.desc(), Loss.id.desc()).limit(size))
    return [Moment(row.alerted_at, "loss", row.id, row.reason, str(row.status)) for row in rows]


Source = Callable[[Transaction, str, int, Place | None], list[Moment]]
SOURCES: Mapping[str, Source] = {"activity": _talks, "order": _purchases, "loss": _warnings}
"""What hangs on a customer here."""


def _of_others(
    tx: Transaction, customer: Customer, size: int, after: Place | None, kinds: Collection[str]
) -> list[Moment]:
    conditions = of_customer(tx, customer, [noun for noun in OTHERS if noun in kinds])
    if conditions is None:
        return []
    at, noun, key = involvement.c.changed_at, involvement.c.noun, involvement.c.record_id
    if after is not None:
        when, kind, number = after
        # A key that is a text is no involvement's: then the noun alone says what comes first.
        same = [sa.and_(noun == kind, key < number)] if isinstance(number, int) else []
        conditions.append(sa.or_(at < when, sa.and_(at == when, sa.or_(noun < kind, *same))))
    newest = sa.select(involvement).where(*conditions).order_by(at.desc(), noun.desc(), key.desc()).limit(size)
    return [
        Moment(row.changed_at, row.noun, row.record_id, row.title, row.state, row.amount_minor, row.currency)
        for row in tx.rows(newest)
    ]


def _following(after: Place | None, at: Any, noun: str, key: Any) -> list[sa.ColumnElement[bool]]:
    """What comes after a place: by moment, then by noun, then by key, all downwards."""
    if after is None:
        return []
    when, kind, number = after
    if noun == kind:
        return [sa.or_(at < when, sa.and_(at == when, key < number))]
    return [at <= when if noun < kind else at < when]


def _cursor_of(moment: Moment) -> str:
    told = json.dumps([moment.at.isoformat(), moment.noun, moment.key])
    return base64.urlsafe_b64encode(told.encode()).decode()


def _place_of(cursor: str) -> Place:
    try:
        at, noun, key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        when = datetime.fromisoformat(at)
        is_sound = when.tzinfo is not None and isinstance(noun, str) and type(key) is (str if noun == "order" else int)
        if not is_sound:
            raise ValueError("another cursor")
    except (ValueError, TypeError) as error:
        raise wrong_field("/after", "Not a cursor of this timeline") from error
    return when, noun, key

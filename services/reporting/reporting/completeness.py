"""Up to when a report is complete: the moment until which all that its sources said has been applied."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import marshmallow as ma
import sqlalchemy as sa

from chassis.fields import View
from chassis.tables import inbox_position, parked_event
from chassis.transaction import Transaction
from reporting.base import CONSUMER


@dataclasses.dataclass(frozen=True)
class SourceState:
    """How far one source was heard; ``set_aside`` events of it could not be applied and wait for an operator."""

    source: str
    at: datetime | None
    set_aside: int


@dataclasses.dataclass(frozen=True)
class Completeness:
    """The earliest moment of all sources; None until each is known."""

    at: datetime | None
    sources: list[SourceState]


class SourceStateView(View):
    """How far one source was heard."""

    source = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(allow_none=True, required=True)
    set_aside = ma.fields.Integer(
        required=True, metadata={"description": "Events that could not be applied and wait for an operator"}
    )


class CompletenessView(View):
    """Up to when all that was said is in this report; ``at`` is the earliest of its sources."""

    at = ma.fields.AwareDateTime(allow_none=True, required=True)
    sources = ma.fields.List(ma.fields.Nested(SourceStateView), required=True)


def complete_up_to(tx: Transaction, *sources: str) -> Completeness:
    """One statement for all sources that a report is made of."""
    known = {row.source: row for row in tx.rows(_STATES)}
    states = [
        SourceState(source, known[source].complete_at, known[source].set_aside)
        if source in known
        else SourceState(source, None, 0)
        for source in sources
    ]
    moments = [state.at for state in states if state.at]
    return Completeness(at=min(moments) if len(moments) == len(states) else None, sources=states)


_SET_ASIDE = (
    sa.select(sa.func.count())
    .where(
        parked_event.c.consumer == inbox_position.c.consumer,
        parked_event.c.source == inbox_position.c.source,
        parked_event.c.state != "discarded",
    )
    .scalar_subquery()
)
_STATES = sa.select(inbox_position.c.source, inbox_position.c.complete_at, _SET_ASIDE.label("set_aside")).where(
    inbox_position.c.consumer == CONSUMER
)

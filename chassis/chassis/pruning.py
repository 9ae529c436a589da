"""The inbox forgets what can no longer come back: applied long ago, and proven to be complete up to there.

What is parked, dead or discarded is never forgotten, nor what a source has lost.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from chassis.jobs import Job
from chassis.tables import UNREACTED, external_effect, inbox, inbox_position, subscription
from chassis.transaction import Row, Transaction

KEPT_FOR = timedelta(days=30)
"""Much longer than a broker holds a message and than a parked event is tried again."""
AT_ONCE = 5000
"""Rows in one transaction, so that hearing does not wait; the rest goes an hour later."""


def prune_inbox(tx: Transaction) -> str:
    """Forget some, source by source."""
    number = sum(_prune(tx, place) for place in tx.rows(sa.select(inbox_position)))
    return f"{number} forgotten"


def _prune(tx: Transaction, place: Row) -> int:
    reconciled = (inbox.c.epoch == place.epoch, inbox.c.position <= place.reconciled_to)
    old = (inbox.c.state.in_(("done", "skipped")), inbox.c.processed_at < tx.now - KEPT_FOR)
    mine = (inbox.c.consumer == place.consumer, inbox.c.source == place.source)
    # What had no reaction is the only record of that, once there has been one to its type.
    ever_joined = sa.select(subscription.c.event_type).where(subscription.c.consumer == place.consumer)
    is_known = ~UNREACTED | inbox.c.event_type.not_in(ever_joined)
    oldest = (
        sa.select(inbox.c.event_id).where(*mine, *reconciled, *old, is_known).order_by(inbox.c.position).limit(AT_ONCE)
    )
    gone = sa.delete(inbox).where(inbox.c.consumer == place.consumer, inbox.c.event_id.in_(oldest))
    positions: list[Any] = [row.position for row in tx.rows(gone.returning(inbox.c.position))]
    if positions:
        here = (inbox_position.c.consumer == place.consumer, inbox_position.c.source == place.source)
        pruned_to = max(place.pruned_to, *positions)
        tx.execute(sa.update(inbox_position).where(*here).values(pruned_to=pruned_to))
    return len(positions)


def prune_effects(tx: Transaction) -> str:
    """Effects outside that succeeded long ago; what failed or is unknown stays until a person has seen it."""
    table = external_effect.c
    old = (table.state == "succeeded", table.updated_at < tx.now - KEPT_FOR)
    oldest = sa.select(table.idempotency_key).where(*old).order_by(table.updated_at).limit(AT_ONCE)
    gone = tx.execute(sa.delete(external_effect).where(table.idempotency_key.in_(oldest)))
    return f"{gone.rowcount} forgotten"


PRUNING = Job("prune the inbox", prune_inbox, every=timedelta(hours=1))
"""Part of every service that hears anything."""
PRUNING_EFFECTS = Job("prune the effects", prune_effects, every=timedelta(hours=1))
"""Part of every service that has any."""

"""A service whose database came back from a backup lives again: it gives positions and versions a second time.

``begin_life`` says so in its log, as the next epoch. Listeners then tell what they knew from what is said anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from chassis.events import open_envelope
from chassis.log import SEAL_LOCK, DatabaseLog, Head, seal
from chassis.problems import Conflict, Unavailable
from chassis.tables import log_state, number_series

if TYPE_CHECKING:
    from chassis.applying import Delivery
    from chassis.database import Database
    from chassis.log import EventSource

SKIPPED_NUMBERS = 1000
"""Numbers that may have been given since the backup was made, and stand in letters and in other services."""


class StillConnected(Conflict):
    """Somebody still works with this database."""


class WentBack(Unavailable):
    """A log is shorter than what was heard of it: its database came back from a backup and has not said so."""


def begin_life(database: Database, *, skip: int = SKIPPED_NUMBERS) -> Head:
    """Count the epoch up, after a restore and before the service starts again.

    What the backup holds keeps its place. Numbers given since then are not given a second time: series and keys
    skip some.
    """
    while seal(database):
        pass  # what was committed belongs to the life before
    here = DatabaseLog(database).head()
    lives = (*here.lives, (here.epoch + 1, here.position))
    with database.connection() as connection:
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SEAL_LOCK)))
        connection.execute(sa.update(log_state).values(epoch=here.epoch + 1, lives=json.dumps(lives)))
        connection.execute(sa.update(number_series).values(last=number_series.c.last + skip))
        _skip_keys(connection, skip)
    return DatabaseLog(database).head()


def must_be_alone(database: Database) -> None:
    """Raises StillConnected. PostgreSQL tells who is there; of a SQLite file only its folder's lock knows."""
    if database.is_sqlite:
        return
    others = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND application_name = 'guanxi'"
    )
    with database.engine.connect() as connection:
        if number := connection.execute(others).scalar():
            raise StillConnected(detail=f"{number} connections; stop the service's processes first")


def _skip_keys(connection: Connection, skip: int) -> None:
    if connection.dialect.name == "sqlite":
        has_keys = connection.scalar(sa.text("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'"))
        if has_keys:
            connection.execute(sa.text("UPDATE sqlite_sequence SET seq = seq + :skip"), {"skip": skip})
        return
    known = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = current_schema()"
    for name, last in connection.execute(sa.text(known)).all():
        connection.execute(sa.func.setval(name, (last or 0) + skip).select())


def must_not_have_gone_back(source: str, heard_to: int, epoch: int, head: Head) -> None:
    """Raises WentBack. To read on would take what is said on used positions for what was heard there."""
    if epoch == head.epoch and head.position < heard_to:
        told = f"{source} is at {head.position}, but was heard up to {heard_to}: guanxi bus restore-fence {source}"
        raise WentBack(detail=told)


def version_in_common(sources: Mapping[str, EventSource], delivery: Delivery, known: int, epoch: int) -> int:
    """The newest version of the aggregate that we know and that still counts, before an event of another life.

    We know ``known`` versions, the last of them said in ``epoch``. Raises Unavailable when the source is silent.
    """
    envelope = delivery.envelope
    if envelope.logepoch == epoch or not known:
        return known
    if envelope.logepoch < epoch:
        return max(known, envelope.aggregateversion)  # of a life that is over; had it been kept, it would be told anew
    source = sources[envelope.service]
    kept_to = source.head().kept_since(epoch)
    if envelope.position is None or envelope.position <= kept_to:
        return known
    before = source.of_aggregate(envelope.aggregate, envelope.aggregate_id, 0, envelope.aggregateversion - 1)
    kept = [open_envelope(one.raw).aggregateversion for one in before if one.position <= kept_to]
    return min(known, max(kept, default=0))

"""Migrations of one service's database; Alembic is only loaded when there is something to migrate."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.database import Database
from chassis.log import prepare_log
from chassis.principal import SYSTEM
from chassis.remaking import remake_what_was_lost
from chassis.settings import Settings
from chassis.tables import inbox, inbox_position, inbox_stream
from chassis.transaction import transaction

if TYPE_CHECKING:
    from alembic.config import Config

    from chassis.manifest import Service

log = logging.getLogger(__name__)
MIGRATE_LOCK = 0x6D696772


def newest(folder: Path) -> str:
    """The newest revision: revisions are numbered files, ``0001_first.py``, so no library is needed to know."""
    return max((path.name.split("_")[0] for path in (folder / "versions").glob("[0-9]*.py")), default="")


def present(database: Database) -> str:
    """The revision the database is at; empty for a new one."""
    with database.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return ""
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or ""


def hear_again(connection: sa.Connection, source: str, aggregate: str) -> None:
    """Let a service hear an aggregate from its first event on: for a migration that adds what is kept of it.

    What was heard of it is forgotten and the bookmark goes back, so that either transport fetches it from the
    source's log; everything else there is known and changes nothing. The reactions have to bear it: copies do.
    """
    for table in (inbox, inbox_stream):
        mine = (table.c.source == source, table.c.aggregate_type == aggregate)
        connection.execute(sa.delete(table).where(*mine))
    begin = sa.update(inbox_position).where(inbox_position.c.source == source)
    connection.execute(begin.values(pulled_to=0, reconciled_to=0))


def upgrade(service: Service, database: Database, settings: Settings) -> bool:
    """Bring the database to the newest revision and run the seeds; whether anything was to do."""
    if present(database) == newest(service.migrations):
        return False
    from alembic import command

    with database.engine.connect() as connection:
        if not database.is_sqlite:
            connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATE_LOCK})
            connection.commit()
        command.upgrade(config(service, connection), "head")
        connection.commit()
        if database.is_sqlite:
            remake_what_was_lost(connection, service.metadata)
    with database.connection() as connection:
        prepare_log(connection)
    for seed in service.seeds:
        with transaction(database, service.name, principal=SYSTEM) as tx:
            seed(tx, settings)
    log.info("%s is at revision %s", service.name, newest(service.migrations))
    return True


def config(service: Service, connection: Any) -> Config:
    """Alembic's configuration, without a file."""
    from alembic.config import Config

    found = Config()
    found.set_main_option("script_location", str(service.migrations))
    found.attributes |= {"connection": connection, "metadata": service.metadata}
    return found


def run_environment(context: Any) -> None:
    """What every service's ``migrations/env.py`` does: three lines there, the rest here."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        target_metadata=attributes["metadata"],
        render_as_batch=True,
        compare_server_default=defaults_differ,
        render_item=_render,
    )
    with context.begin_transaction():
        context.run_migrations()


def note_causes(connection: sa.Connection) -> None:
    """For a log from before causes had a column: read them out of the envelopes, once."""
    if connection.dialect.name == "sqlite":
        cause = "replace(json_extract(CAST(envelope AS TEXT), '$.causationid'), '-', '')"
        known = 'CAST(envelope AS TEXT) LIKE \'%"causationid":"%\''
    else:
        cause = "CAST(CAST(convert_from(envelope, 'UTF8') AS json) ->> 'causationid' AS uuid)"
        known = "position(convert_to('\"causationid\":\"', 'UTF8') IN envelope) > 0"
    statement = f"UPDATE event_log SET causation_id = {cause} WHERE causation_id IS NULL AND {known}"  # noqa: S608  (our words)
    connection.exec_driver_sql(statement)


def defaults_differ(
    context: Any, _present: Any, _wanted: Any, present: str | None, _given: Any, wanted: str | None
) -> bool | None:
    """Whether a column's default must be changed; None leaves it to Alembic, which misreads ``('')`` on SQLite."""
    return _bare(present) != _bare(wanted) if context.dialect.name == "sqlite" else None


def _bare(default: str | None) -> str | None:
    """A default without the brackets and quotes that databases and renderers put around it."""
    return default if default is None else re.sub(r"^\(?'?(.*?)'?\)?$", r"\1", default)


def _render(kind: str, value: Any, context: Any) -> str | bool:
    """Our own column types under their own names."""
    from chassis.database import Moment

    if kind == "type" and isinstance(value, Moment):
        context.imports.add("from chassis.database import Moment")
        return "Moment()"
    return False

"""The tables of imports: a job, its file, its parts, what was refused and what was changed."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from chassis.database import NAMING, BigId, Moment
from chassis.personal import DOCUMENT, personal_column
from chassis.transaction import Transaction


class State(StrEnum):
    """The worker moves a job on while it is open; the others are where it can end."""

    WAITING = "waiting"
    CHECKING = "checking"
    IMPORTING = "importing"
    CHECKED = "checked"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


OPEN = (State.WAITING, State.CHECKING, State.IMPORTING)
CAN_BE_UNDONE = (State.DONE, State.REFUSED, State.CANCELLED, State.FAILED)

IMPORTS = sa.MetaData(naming_convention=NAMING)
import_job = sa.Table(
    "import_job",
    IMPORTS,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("noun", sa.String(40), nullable=False),
    sa.Column("story", sa.Uuid, nullable=False),
    sa.Column("file_name", sa.String(200), nullable=False),
    sa.Column("form", sa.String(8), nullable=False),
    sa.Column("encoding", sa.String(20), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("on_error", sa.String(4), nullable=False),
    sa.Column("dry_run", sa.Boolean, nullable=False),
    sa.Column("mapping", sa.LargeBinary, nullable=False),
    sa.Column("columns", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("rows_total", sa.Integer, nullable=False),
    sa.Column("rows_done", sa.Integer, nullable=False),
    sa.Column("parts_total", sa.Integer, nullable=False),
    sa.Column("parts_done", sa.Integer, nullable=False),
    sa.Column("created", sa.Integer, nullable=False),
    sa.Column("updated", sa.Integer, nullable=False),
    sa.Column("unchanged", sa.Integer, nullable=False),
    sa.Column("refused", sa.Integer, nullable=False),
    sa.Column("undone", sa.Integer, nullable=False),
    sa.Column("kept", sa.Integer, nullable=False),
    sa.Column("asker", sa.LargeBinary, nullable=False, info=DOCUMENT),
    sa.Column("owner_id", sa.BigInteger, nullable=False),
    sa.Column("owner_name", sa.String(80), nullable=False, info=personal_column(user="owner_id")),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("finished_at", Moment),
    sa.CheckConstraint("state IN (" + ",".join(f"'{state}'" for state in State) + ")", name="state"),
)
sa.Index("import_job_due", import_job.c.state, import_job.c.due_at)
sa.Index("import_job_of_noun", import_job.c.noun, import_job.c.created_at, import_job.c.id)
import_file = sa.Table(
    "import_file",
    IMPORTS,
    sa.Column("import_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    # cells that somebody put right, by row and column; it goes with the content
    sa.Column("fixes", sa.LargeBinary),
)
import_part = sa.Table(
    "import_part",
    IMPORTS,
    sa.Column("import_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("rows", sa.LargeBinary, nullable=False),
)
import_fault = sa.Table(
    "import_fault",
    IMPORTS,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("import_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("row", sa.Integer, nullable=False),
    sa.Column("column", sa.String(200), nullable=False),
    sa.Column("record", sa.String(80), nullable=False),
    sa.Column("value", sa.String(200), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
import_change = sa.Table(
    "import_change",
    IMPORTS,
    sa.Column("import_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("record", sa.String(80), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("first_version", sa.BigInteger, nullable=False),
    sa.Column("last_version", sa.BigInteger, nullable=False),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Column("outcome", sa.String(8), nullable=False),
    sa.CheckConstraint("outcome IN ('','undone','kept')", name="outcome"),
)
sa.Index("import_change_left", import_change.c.import_id, import_change.c.outcome, import_change.c.number)


def add_import_tables(metadata: sa.MetaData) -> None:
    """For a service that has a noun which can be imported."""
    for table in IMPORTS.sorted_tables:
        table.to_metadata(metadata)


def forget_content(tx: Transaction | sa.Connection, import_id: int) -> None:
    """The job is over: nobody needs the file and its parts any more, so nobody should keep them."""
    for table in (import_file, import_part):
        tx.execute(sa.delete(table).where(table.c.import_id == import_id))

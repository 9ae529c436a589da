"""Work that only one process may do at a time, such as rebuilding: whoever comes second is told so at once."""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from chassis.database import Database
from chassis.problems import Conflict

EVERY_ROW = "rebuild"
"""Work that goes through all that is kept: folding it again, and blanking what is in it of a person."""


class DoneByAnother(Conflict):
    """Another process does this at the moment."""

    work: str


@contextmanager
def exclusively(database: Database, work: str) -> Iterator[None]:
    """The only one at this work on this database until the block ends, or the process does. Raises DoneByAnother."""
    with _locked_file(database, work) if database.is_sqlite else _locked_session(database, work):
        yield


@contextmanager
def _locked_file(database: Database, work: str) -> Iterator[None]:
    with Path(f"{database.url.database}-{work}").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DoneByAnother(work=work) from error
        yield


@contextmanager
def _locked_session(database: Database, work: str) -> Iterator[None]:
    """The lock goes with the connection, should this process die."""
    key = zlib.crc32(work.encode())
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))):
            raise DoneByAnother(work=work)
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))

"""PostgreSQL for tests: any server we are given an address of, and one of our own that a test may kill."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.infra.processes import Account, NotOurServer, free_port, must_run, start_process, stop_process, wait_until

USER = PASSWORD = DATABASE = "guanxi"

THROW_AWAY = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
}
"""Settings for data that nobody will miss after a power cut.

``synchronous_commit`` stays on: without it a killed server forgets what it has just confirmed.
"""

LASTING = {"max_connections": "200", "shared_buffers": "128MB"}
"""Settings for measuring: what is committed is on the disk, and statistics are gathered, as in production."""

COPIES_FILES_SINCE = 150_000
"""CREATE DATABASE can copy files instead of writing WAL since PostgreSQL 15: 40 ms instead of 100."""


class DatabaseServer:
    """A PostgreSQL server, through the address of an account that may create databases."""

    def __init__(self, url: str) -> None:
        self.url = url

    def url_of(self, database: str) -> str:
        """The address of another database on this server, for SQLAlchemy with psycopg."""
        parts = urlsplit(self.url)._replace(scheme="postgresql+psycopg", path="/" + quote(database))
        return urlunsplit(parts)

    def connect(self, database: str | None = None) -> psycopg.Connection[tuple[object, ...]]:
        """An open connection in which every statement counts at once."""
        url = self.url_of(database) if database else self.url
        address = urlunsplit(urlsplit(url)._replace(scheme="postgresql"))
        return psycopg.connect(address, autocommit=True, connect_timeout=10)

    def create_database(self, name: str, template: str | None = None, owner: str | None = None) -> str:
        """Create a database and return its address.

        Nobody may be connected to ``template`` meanwhile. A role named as ``owner`` has to exist.
        """
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        with self.connect() as connection:
            if template:
                statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
                if connection.info.server_version >= COPIES_FILES_SINCE:
                    statement += sql.SQL(" STRATEGY file_copy")
            if owner:
                statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
            connection.execute(statement)
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def is_ready(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def wait(self) -> None:
        wait_until(self.is_ready, what="PostgreSQL")

    def kill(self) -> None:
        raise NotOurServer(f"{type(self).__name__} was not started for one test; use own_database_server")

    def restart(self) -> None:
        raise NotOurServer(f"{type(self).__name__} was not started for one test; use own_database_server")

    def close(self) -> None:
        """Nothing to stop: the server belongs to somebody else."""


class NativePostgres(DatabaseServer):
    """A server from this machine's own binaries: own port, own folder, run by an ordinary account."""

    def __init__(self, settings: Mapping[str, str] = THROW_AWAY, folder: Path | None = None) -> None:
        self.settings = settings
        self.port = free_port()
        self.folder = folder or Path(tempfile.mkdtemp(prefix="guanxi-pg-"))
        self.account = unprivileged_account()
        self.process: subprocess.Popen[bytes] | None = None
        super().__init__(f"postgresql+psycopg://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{DATABASE}")

    def start(self) -> NativePostgres:
        """Launch the server; the first time, make its data folder and the first database as well."""
        is_new = not (self.folder / "data").exists()
        if is_new:
            self.initialise()
        self.launch()
        maintenance = DatabaseServer(self.url_of("postgres"))
        wait_until(lambda: self.must_live() or maintenance.is_ready(), what="PostgreSQL")
        if is_new:
            maintenance.create_database(DATABASE)
        return self

    def initialise(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        for path in (self.folder, password):
            path.chmod(0o755)
            if self.account:
                os.chown(path, self.account.user, self.account.group)
        options: list[str | Path] = [
            "-U",
            USER,
            "--pwfile",
            password,
            "-A",
            "scram-sha-256",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        process = start_process(
            [binaries() / "initdb", "-D", self.folder / "data", *options], folder=self.folder, account=self.account
        )
        process.wait()
        if process.returncode:
            must_run(process, folder=self.folder, what="initdb")

    def launch(self) -> None:
        settings = dict(self.settings, port=str(self.port), listen_addresses="127.0.0.1", wal_level="minimal")
        settings.update(unix_socket_directories=str(self.folder), max_wal_senders="0", log_min_messages="warning")
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.process = start_process(
            [binaries() / "postgres", "-D", self.folder / "data", *options],
            folder=self.folder,
            account=self.account,
            dies_by=signal.SIGQUIT,
        )

    def must_live(self) -> bool:
        """False while the program runs, so that it can stand before an ``or``."""
        if self.process:
            must_run(self.process, folder=self.folder, what="PostgreSQL")
        return False

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Crash the whole server: SIGKILL to the first process, and its children follow."""
        stop_process(self.process, signal.SIGKILL)

    def restart(self) -> None:
        """Stop, if it still runs, and come back on the same port with the same data."""
        stop_process(self.process, signal.SIGINT)
        self.start()

    def close(self) -> None:
        stop_process(self.process, signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


def fresh_name(prefix: str) -> str:
    """A name that no other test, worker or run uses."""
    return f"{prefix}_{secrets.token_hex(5)}"


def find_binaries() -> Path | None:
    """The newest PostgreSQL of this machine, or the folder named in PG_BINDIR."""
    named = os.environ.get("PG_BINDIR")
    if named:
        return Path(named)
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(debian, key=lambda path: int(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def binaries() -> Path:
    found = find_binaries()
    if found is None:
        raise FileNotFoundError("PostgreSQL is not installed")
    return found


def unprivileged_account() -> Account | None:
    """PostgreSQL refuses to run as root; an ordinary user needs no other account."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(os.environ.get("PG_OSUSER", "postgres"))
    return Account(entry.pw_uid, entry.pw_gid)

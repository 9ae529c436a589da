"""One database and one role per service on PostgreSQL; no role can read another's."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql


def provision(admin_url: str, service: str, password: str, prefix: str = "guanxi") -> str:
    """Make role and database if they are missing; the address the service uses."""
    name = f"{prefix}_{service.replace('-', '_')}"
    with psycopg.connect(_plain(admin_url), autocommit=True, connect_timeout=10) as connection:
        _make_role(connection, name, password)
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if not known:
            connection.execute(_named("GRANT {0} TO CURRENT_USER", name))
            connection.execute(_named("CREATE DATABASE {0} OWNER {0}", name))
        connection.execute(_named("REVOKE ALL ON DATABASE {0} FROM PUBLIC", name))
    parts = urlsplit(admin_url)
    login = f"{quote(name)}:{quote(password)}@{parts.hostname}:{parts.port or 5432}"
    return urlunsplit(("postgresql+psycopg", login, f"/{name}", "", ""))


def provision_all(admin_url: str, services: list[str], secret: Callable[[str], str], prefix: str) -> dict[str, str]:
    """The addresses of all services' databases; ``secret`` gives each role's password by name."""
    return {name: provision(admin_url, name, secret(f"database {prefix} {name}"), prefix) for name in services}


def _make_role(connection: psycopg.Connection[tuple[object, ...]], name: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    verb = "ALTER" if known else "CREATE"
    statement = sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
    connection.execute(statement.format(sql.Identifier(name), sql.Literal(password)))


def _named(text: str, name: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(name))


def _plain(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql"))

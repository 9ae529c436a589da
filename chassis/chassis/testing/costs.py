"""What a request costs its database, measured wherever a test sends one: no write route grows dear unnoticed."""

from __future__ import annotations

import threading
from typing import Any

import flask
import sqlalchemy as sa

from chassis import remembering
from chassis.bulk import Rows
from chassis.database import Database
from chassis.manifest import Service
from chassis.routes import Route
from chassis.testing.statements import COMMIT

FOR_A_KEY = 2
"""An Idempotency-Key is taken before the work and kept with the answer."""


class TooDear(AssertionError):
    """A request sent more statements than its route says."""


class _Here(threading.local):
    """The statements of the request that this thread answers."""

    sent: list[str] | None = None


class Meter:
    """Counts the statements of each request that succeeds.

    Not counted: requests over many rows, whose cost grows with sets and is tested where they are; settings that are
    read once for all requests of some seconds; and on SQLite rows that get their number there, which SQLAlchemy
    inserts one by one, count as the one statement that they are on PostgreSQL.
    """

    def __init__(self, service: Service, app: flask.Flask, database: Database) -> None:
        self.limits = {(route.method, route.path): route for route in service.routes if is_counted(route)}
        self.here, self.is_sqlite = _Here(), database.is_sqlite
        sa.event.listen(database.engine, "before_cursor_execute", lambda _c, _u, text, *_: self._note(text))
        sa.event.listen(database.engine, "commit", lambda _: self._note(COMMIT))
        app.before_request_funcs.setdefault(None, []).insert(0, self._begin)
        app.after_request_funcs.setdefault(None, []).append(self._end)
        self.dear: list[str] = []

    def check(self) -> None:
        """Raises TooDear, with the statements, when a request cost more than its route says."""
        dear, self.dear = self.dear, []
        if dear:
            raise TooDear("\n".join(dear))

    def _begin(self) -> None:
        self.here.sent = []

    def _note(self, statement: str) -> None:
        sent = self.here.sent
        if sent is None or remembering.is_reading.get():
            return
        is_one_of_many = self.is_sqlite and statement.startswith("INSERT") and sent[-1:] == [statement]
        if not is_one_of_many:
            sent.append(statement)

    def _end(self, response: Any) -> Any:
        sent, self.here.sent = self.here.sent or [], None
        rule = flask.request.url_rule
        route = self.limits.get((flask.request.method, rule.rule)) if rule else None
        if route and response.status_code < 300:
            most = route.most_statements + FOR_A_KEY * ("Idempotency-Key" in flask.request.headers)
            if len(sent) > most:
                self.dear.append(f"{route.endpoint} sent {len(sent)} statements, not {most}:\n" + "\n".join(sent))
        return response


def is_counted(route: Route) -> bool:
    takes_rows = route.takes is not None and any(isinstance(one, Rows) for one in route.takes().fields.values())
    return not route.is_read and not takes_rows

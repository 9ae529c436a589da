"""Liveness, readiness and metrics, the same three addresses on every process."""

from __future__ import annotations

from collections.abc import Callable

import flask
import sqlalchemy as sa
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.database import Database
from chassis.problems import Unavailable

Check = Callable[[], dict[str, str]]
"""What is wrong, by part; nothing wrong is an empty answer."""


def add_health(app: flask.Flask, service: str, check: Check, warn: Check = dict) -> None:
    """``/livez`` says the process runs, ``/readyz`` that it can work, ``/metrics`` how it has worked.

    What ``warn`` tells is shown beside readiness and does not change it: somebody should look, the work goes on.
    """
    app.add_url_rule("/livez", "livez", lambda: flask.jsonify(service=service, status="alive"))
    app.add_url_rule("/readyz", "readyz", lambda: _readiness(service, check(), warn()))
    app.add_url_rule("/metrics", "metrics", lambda: flask.Response(generate_latest(), mimetype=CONTENT_TYPE_LATEST))


def database_answers(database: Database) -> dict[str, str]:
    """Empty when a trivial query works. It waits for no writer: on SQLite there is but one at a time."""
    try:
        with database.reading() as session:
            session.execute(sa.text("SELECT 1"))
    except (sa.exc.SQLAlchemyError, Unavailable) as error:
        return {"database": type(error.__cause__ or error).__name__}
    return {}


def _readiness(service: str, wrong: dict[str, str], warnings: dict[str, str]) -> flask.Response:
    told = {"warnings": warnings} if warnings else {}
    response = flask.jsonify(service=service, status="unready" if wrong else "ready", wrong=wrong, **told)
    response.status_code = 503 if wrong else 200
    return response

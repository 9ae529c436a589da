"""A service's log, offered to its sister services: for bootstrap, gap repair and reconcile.

``GET /internal/bus/v1/…`` with the shared feed token; the gateway never forwards it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from urllib.parse import quote

import flask
import urllib3

from chassis.database import Database
from chassis.log import DatabaseLog, Head, Logged, lives_of
from chassis.problems import Invalid, Unauthenticated, Unavailable

BASE = "/internal/bus/v1"
LARGEST_PAGE = 1000
NDJSON = "application/x-ndjson"


def add_feed(app: flask.Flask, database: Database, token: str) -> None:
    """Serve the log of this service's database."""
    log_of = DatabaseLog(database)

    def guarded() -> flask.Request:
        return sister_request(token)

    def head() -> flask.Response:
        guarded()
        found = log_of.head()
        return flask.jsonify(position=found.position, epoch=found.epoch, lives=found.lives)

    def read() -> flask.Response:
        request = guarded()
        limit = min(_number(request, "limit", LARGEST_PAGE), LARGEST_PAGE)
        return _lines(log_of.read(_number(request, "after", 0), limit, _aggregates(request)))

    def count() -> flask.Response:
        request = guarded()
        after, to = _number(request, "after", 0), _number(request, "to", 0)
        return flask.jsonify(count=log_of.count(after, to, _aggregates(request)))

    def of_aggregate(kind: str, key: str) -> flask.Response:
        request = guarded()
        after, to = _number(request, "after_version", 0), _number(request, "to_version", 0)
        return _lines(log_of.of_aggregate(kind, key, after, to))

    app.add_url_rule(f"{BASE}/head", "feed head", head)
    app.add_url_rule(f"{BASE}/log", "feed log", read)
    app.add_url_rule(f"{BASE}/count", "feed count", count)
    app.add_url_rule(f"{BASE}/aggregates/<kind>/<key>/events", "feed aggregate", of_aggregate)


def sister_request(token: str) -> flask.Request:
    """The request at hand, if it comes from one of our own. Raises Unauthenticated."""
    given = flask.request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise Unauthenticated()
    return flask.request


def _number(request: flask.Request, name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid(errors=[{"pointer": f"/{name}", "detail": "Not a number"}])
    return int(text)


def _aggregates(request: flask.Request) -> list[str]:
    return [name for name in request.args.get("aggregates", "").split(",") if name]


def _lines(found: Sequence[Logged]) -> flask.Response:
    body = b"".join(b"%d %s\n" % (logged.position, logged.raw) for logged in found)
    return flask.Response(body, content_type=NDJSON)


class HttpLog:
    """Another service's log behind its feed. Every method raises Unavailable when it does not answer."""

    def __init__(self, base: str, token: str) -> None:
        self.base = base.rstrip("/") + BASE
        timeout = urllib3.Timeout(connect=2, read=20)
        headers = {"Authorization": f"Bearer {token}"}
        self.pool = urllib3.PoolManager(maxsize=4, timeout=timeout, headers=headers, retries=False)

    def head(self) -> Head:
        found = json.loads(self._get("/head", {}))
        return Head(found["position"], found["epoch"], lives_of(found.get("lives", ())))

    def read(self, after: int, limit: int, aggregates: Sequence[str] = ()) -> list[Logged]:
        asked = {"after": str(after), "limit": str(limit), "aggregates": ",".join(aggregates)}
        return _parsed(self._get("/log", asked))

    def count(self, after: int, to: int, aggregates: Sequence[str] = ()) -> int:
        asked = {"after": str(after), "to": str(to), "aggregates": ",".join(aggregates)}
        found: int = json.loads(self._get("/count", asked))["count"]
        return found

    def of_aggregate(self, kind: str, key: str, after_version: int, to_version: int) -> list[Logged]:
        asked = {"after_version": str(after_version), "to_version": str(to_version)}
        return _parsed(self._get(f"/aggregates/{quote(kind, safe='')}/{quote(key, safe='')}/events", asked))

    def close(self) -> None:
        self.pool.clear()

    def _get(self, path: str, asked: dict[str, str]) -> bytes:
        try:
            response = self.pool.request("GET", self.base + path, fields=asked)
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(detail=f"The feed {self.base} does not answer") from error
        if response.status != 200:
            raise Unavailable(detail=f"The feed {self.base} answers {response.status}")
        return response.data


def _parsed(lines: bytes) -> list[Logged]:
    found = []
    for line in lines.splitlines():
        position, _, raw = line.partition(b" ")
        found.append(Logged(int(position), raw))
    return found

"""A stage for one service: given, hears, does, says. The database is real; only the clock may be told."""

from __future__ import annotations

import functools
import io
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import flask
import msgspec
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from chassis.database import Database
from chassis.events import Envelope, Event, Heard, encode, event_id, on_the_wire, open_envelope
from chassis.importing.worker import Importer
from chassis.log import FIRST_EPOCH, DatabaseLog, EventSource, Head, Logged, prepare_log, seal
from chassis.manifest import Service
from chassis.principal import SYSTEM, Principal
from chassis.problems import Unavailable
from chassis.settings import Settings
from chassis.tables import event_log
from chassis.testing.costs import Meter
from chassis.transaction import Transaction, transaction

ADMIN = Principal(user_id=1, name="Ada Admin", role="test", kind="user", scope="all", rights=frozenset())


class Elsewhere:
    """The log of the services that are not on stage: holds what the test says they said."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.said: list[bytes] = []
        self.lives: tuple[tuple[int, int], ...] = ()
        self.is_reachable = True

    def head(self) -> Head:
        return Head(len(self.said), self.epoch, self.lives)

    @property
    def epoch(self) -> int:
        return self.lives[-1][0] if self.lives else FIRST_EPOCH

    def comes_back(self, lost: int) -> None:
        """From a backup that lacks the newest events; it says so, and counts their positions and versions again."""
        self.said = self.said[: len(self.said) - lost]
        self.lives = (*self.lives, (self.epoch + 1, len(self.said)))
        bare = [raw.partition(b",")[2].partition(b",")[2] for raw in self.said]
        self.said = [on_the_wire(b"{" + raw, place, self.epoch) for place, raw in enumerate(bare, 1)]

    def read(self, after: int, limit: int, aggregates: Sequence[str] = ()) -> list[Logged]:
        found = [Logged(place, raw) for place, raw in enumerate(self.said, 1) if place > after]
        return [one for one in found if not aggregates or open_envelope(one.raw).aggregate in aggregates][:limit]

    def count(self, after: int, to: int, aggregates: Sequence[str] = ()) -> int:
        return len([one for one in self.read(after, 10**9, aggregates) if one.position <= to])

    def of_aggregate(self, kind: str, key: str, after_version: int, to_version: int) -> list[Logged]:
        if not self.is_reachable:
            raise Unavailable(detail=f"{self.service} is down")
        found = [Logged(place, raw) for place, raw in enumerate(self.said, 1)]
        return [one for one in found if _is_in(open_envelope(one.raw), kind, key, after_version, to_version)]


def _is_in(envelope: Envelope, kind: str, key: str, after: int, to: int) -> bool:
    return (envelope.aggregate, envelope.aggregate_id) == (kind, key) and after < envelope.aggregateversion <= to


class Stage:
    """One service with a database of its own."""

    def __init__(self, service: Service, database: Database, settings: Settings) -> None:
        self.service, self.database, self.settings = service, database, settings
        self.principal = ADMIN
        self.elsewhere: dict[str, Elsewhere] = {}
        self.consumer = service.consumer(database, self._sources())
        self._versions: dict[tuple[str, str, str], int] = {}
        self._seen = _said_so_far(database)
        """What the seeds said is no part of any story."""
        self._granted: dict[str, Principal] = {}

    def _sources(self) -> Mapping[str, EventSource]:
        for name in self.service.all_reactions().aggregates():
            self.elsewhere[name] = Elsewhere(name)
        return self.elsewhere

    # -- doing ---------------------------------------------------------------------------------

    @contextmanager
    def doing(self, *, at: datetime | None = None, by: Principal | None = None) -> Iterator[Transaction]:
        """A transaction as a command gets it."""
        with transaction(self.database, self.service.name, principal=by or SYSTEM, now=at) as tx:
            yield tx

    def says(self, event: Heard | Event, *, at: datetime | None = None, version: int | None = None) -> bytes:
        """Somebody else says this; returned as it would travel. Versions count up by themselves."""
        source = event.event_type.split(".")[1]
        key = (source, event.aggregate_type, str(getattr(event, event.key_field)))
        self._versions[key] = version or self._versions.get(key, 0) + 1
        raw = an_envelope(event, source=source, version=self._versions[key], at=at)
        there = self.elsewhere.setdefault(source, Elsewhere(source))
        wire = on_the_wire(raw, len(there.said) + 1, there.epoch)
        there.said.append(wire)
        return wire

    def hears(self, *events: Heard | Event, times: int = 1, at: datetime | None = None) -> None:
        """Others say these and the service hears each of them, as often as told."""
        wires = [self.says(event, at=at) for event in events]
        for _ in range(times):
            self.takes(*wires)

    def takes(self, *wires: bytes) -> None:
        """Deliver bytes in the order given."""
        if self.consumer is None:
            raise AssertionError(f"{self.service.name} hears nothing")
        self.consumer.take(list(wires), "push")

    def imports(self) -> int:
        """Let the worker do whatever imports are due; how many steps that took."""
        return Importer(self.database, self.service.name, self.service.imports).run_due()

    # -- looking -------------------------------------------------------------------------------

    def said(self, *, seeds_too: bool = False) -> list[tuple[str, dict[str, Any]]]:
        """What the service has said since the last look: (type, data) in order."""
        seal(self.database)
        if seeds_too:
            self._seen = 0
        found = DatabaseLog(self.database).read(self._seen, 100_000)
        self._seen = found[-1].position if found else self._seen
        return [(open_envelope(one.raw).type, json.loads(bytes(open_envelope(one.raw).data))) for one in found]

    def count(self, table: sa.FromClause) -> int:
        with self.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    def log_length(self) -> int:
        return self.count(event_log)

    # -- HTTP ----------------------------------------------------------------------------------

    def client(self, principal: Principal | None = None, *rights: str) -> Client:
        """An HTTP client; without a principal, one who has every right of the service."""
        every = frozenset(route.needs for route in self.service.routes if route.needs)
        who = principal or ADMIN
        granted = Principal(
            user_id=who.user_id, name=who.name, role=who.role, kind="user", scope=who.scope, team=who.team,
            rights=frozenset(rights) or who.rights or every,
        )  # fmt: skip
        token = f"Bearer {len(self._granted)}"
        self._granted[token] = granted
        client = self._app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = token
        return Client(client, self._meter)

    @functools.cached_property
    def _app(self) -> flask.Flask:
        """One application for all clients: making it costs more than most tests."""
        return self.service.web(self.settings, self.database, authenticate=lambda token: self._granted[token or ""])

    @functools.cached_property
    def _meter(self) -> Meter:
        return Meter(self.service, self._app, self.database)


def _said_so_far(database: Database) -> int:
    """Where the log stands when the stage is set; a test may set it on a database that is gone."""
    try:
        return DatabaseLog(database).head().position if database.is_sqlite else _sealed(database)
    except Unavailable:
        return 0


def _sealed(database: Database) -> int:
    seal(database)
    return DatabaseLog(database).head().position


class Client:
    """A thin HTTP client that fails loudly: ``post(path, expect=201, **body)`` gives the answer's JSON.

    It also fails when the request cost the database more than its route says.
    """

    def __init__(self, client: FlaskClient, meter: Meter) -> None:
        self.client, self.meter = client, meter
        self.etag = ""

    def call(self, method: str, path: str, body: Any = None, *, expect: int, headers: Any = None) -> Any:
        return self._told(self.client.open(path, method=method, json=body, headers=headers), expect)

    def upload(self, path: str, name: str, content: bytes, *, expect: int = 201, **fields: Any) -> Any:
        """Send a file as a browser's form does."""
        file = FileStorage(io.BytesIO(content), filename=name, content_type="application/octet-stream")
        boundary, body = encode_multipart({**fields, "file": file})
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self._told(self.client.post(path, data=body, content_type=kind), expect)

    def _told(self, answer: TestResponse, expect: int) -> Any:
        if answer.status_code != expect:
            asked = f"{answer.request.method} {answer.request.path}"
            raise AssertionError(f"{asked}: {answer.status_code} {answer.get_data(as_text=True)}")
        self.meter.check()
        self.etag = answer.headers.get("ETag", "")
        return msgspec.json.decode(answer.data) if answer.data and "json" in answer.content_type else answer.data

    def get(self, path: str, *, expect: int = 200) -> Any:
        return self.call("GET", path, expect=expect)

    def post(self, path: str, *, expect: int = 201, headers: Any = None, **body: Any) -> Any:
        return self.call("POST", path, body, expect=expect, headers=headers)

    def patch(self, path: str, *, version: int, expect: int = 200, **body: Any) -> Any:
        return self.call("PATCH", path, body, expect=expect, headers={"If-Match": f'"{version}"'})

    def delete(self, path: str, *, version: int | str, expect: int = 204) -> Any:
        return self.call("DELETE", path, expect=expect, headers={"If-Match": f'"{version}"'})


def an_envelope(event: Heard | Event, *, source: str, version: int, at: datetime | None = None) -> bytes:
    """An event as its producer's log keeps it."""
    identity = str(event_id())
    moment = at or datetime.now(UTC)
    subject = f"{event.aggregate_type}/{getattr(event, event.key_field)}"
    return encode(
        Envelope(
            id=identity,
            type=event.event_type,
            source=f"/crm/{source}",
            subject=subject,
            time=moment,
            partitionkey=subject,
            aggregateversion=version,
            recordedtime=moment,
            correlationid=identity,
            authtype="user",
            authid="1",
            authname="Ada Admin",
            data=msgspec.Raw(encode(event)),
        )
    )


def prepare(service: Service, database: Database, settings: Settings) -> None:
    """Tables and seeds, without migrations: those have a test of their own."""
    service.metadata.create_all(database.engine)
    with database.connection() as connection:
        prepare_log(connection)
    for seed in service.seeds:
        with transaction(database, service.name) as tx:
            seed(tx, settings)


def some_settings(service: str, database_url: str) -> Settings:
    """Settings of a service on stage; nothing in them opens a door."""
    return Settings(service=service, database_url=database_url, keys_file="", feed_token=uuid.uuid4().hex)

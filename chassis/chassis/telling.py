"""The past, told: commands of a service with the moment and the person of each, many in one commit.

Only a process that holds the database can tell; over HTTP nobody can say when something happened
(docs/adr/0037-the-past-is-told-by-whoever-holds-the-database.md). Everything else is as for a request: the route's
right, the check of its body, its command, its rules and events. ``time`` of an event is the moment that is told,
``recordedtime`` the moment at which it was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from chassis.answering import Answering
from chassis.database import Database
from chassis.downloads import Download
from chassis.events import encode
from chassis.idempotency import Answer, Once
from chassis.jobs import Job
from chassis.manifest import Service
from chassis.principal import SYSTEM, Principal
from chassis.problems import Conflict, Forbidden, NotFound
from chassis.routes import Route
from chassis.tables import idempotency_key
from chassis.transaction import Transaction, transaction


class NotYet(Conflict):
    """What has not happened yet cannot be told."""

    at: datetime


@dataclasses.dataclass(frozen=True, kw_only=True)
class Told:
    """Somebody's request of a moment; ``key`` makes it happen once, like an Idempotency-Key."""

    endpoint: str
    who: Principal
    at: datetime
    key: str
    path: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    said: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Teller:
    """Tells the past of one service."""

    def __init__(self, service: Service, database: Database) -> None:
        self.service, self.database = service, database
        self.jobs: Mapping[str, Job] = {job.name: job for job in service.all_jobs()}
        self._routes: Mapping[str, Route] = {route.endpoint: route for route in service.all_routes()}
        self._known: dict[str, Answering] = {}

    @contextmanager
    def chapter(self) -> Iterator[Chapter]:
        """What is told in here is kept together or not at all."""
        with transaction(self.database, self.service.name) as tx:
            yield Chapter(self, tx)

    def forget(self, beginning: str) -> None:
        """The keys that begin so: what they stood for can be told a second time from now on."""
        mine = idempotency_key.c.key.startswith(beginning, autoescape=True)
        with self.database.connection() as connection:
            connection.execute(sa.delete(idempotency_key).where(mine))

    def find(self, endpoint: str) -> Answering:
        """Raises NotFound."""
        if endpoint not in self._known:
            if endpoint not in self._routes:
                raise NotFound(detail=f"{self.service.name} has no {endpoint}")
            self._known[endpoint] = Answering(self._routes[endpoint])
        return self._known[endpoint]


class Chapter:
    """Some of the past, in one commit."""

    def __init__(self, teller: Teller, tx: Transaction) -> None:
        self.teller, self.tx = teller, tx

    def tell(self, told: Told) -> Any:
        """What was answered, as JSON, also to what only looks; told again with its key, the first answer and no more.

        Raises NotYet, Forbidden, and whatever the command refuses.
        """
        answering = self.teller.find(told.endpoint)
        self._must_be_past(told.at)
        if answering.route.needs and not told.who.has(answering.route.needs):
            raise Forbidden(needs=answering.route.needs)
        self.tx.begin_command(told.who, told.at)
        once = Once(self.tx, told.key, told.endpoint.encode() + encode([told.path, told.said]))
        answer = once.earlier()
        if answer is None:
            answer = self._answer(answering, told)
            once.keep(answer)
        return msgspec.json.decode(answer.body) if answer.body else None

    def run(self, job: str, at: datetime, key: str) -> None:
        """What the service did by itself at that moment, once."""
        self._must_be_past(at)
        self.tx.begin_command(SYSTEM, at)
        once = Once(self.tx, key, job.encode())
        if once.earlier() is None:
            outcome = self.teller.jobs[job].calls(self.tx)
            once.keep(Answer(200, {}, encode(str(outcome))))

    def _must_be_past(self, at: datetime) -> None:
        if at > self.tx.recorded_at:
            raise NotYet(at=at)

    def _answer(self, answering: Answering, told: Told) -> Answer:
        answer = answering.answer(self.tx, told.path, answering.checked(told.said), told.endpoint.partition(" ")[2])
        assert not isinstance(answer, Download)  # noqa: S101  (a story reads no files)
        return answer

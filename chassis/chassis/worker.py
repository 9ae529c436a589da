"""The worker: everything a service does that is not answering a request.

Threads with one reason to live each: relay, consumer, housekeeping. With RabbitMQ they run in a process of
their own; in embedded mode beside the web application.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Mapping

import flask
import sqlalchemy as sa

from chassis import health, parking
from chassis.database import Database
from chassis.jobs import Scheduler
from chassis.log import EventSource, seal
from chassis.manifest import Service
from chassis.parking import Redriver
from chassis.problems import Problem
from chassis.pull import Puller
from chassis.reconcile import Reconciler
from chassis.settings import Settings

log = logging.getLogger(__name__)
HOUSEKEEPING_SECONDS = 0.5
RECONCILE_SECONDS = 2.0
SEAL_SECONDS = 0.02
STOP_SECONDS = 20.0


class Worker:
    """All threads of one service."""

    def __init__(
        self, service: Service, settings: Settings, database: Database, sources: Mapping[str, EventSource]
    ) -> None:
        self.service, self.settings, self.database = service, settings, database
        self.stopping = threading.Event()
        self.consumer = service.consumer(database, sources)
        self.scheduler = Scheduler(database, service.name, list(service.jobs))
        self.redriver = Redriver(self.consumer) if self.consumer else None
        self.reconciler: Reconciler | None = None
        self.puller: Puller | None = None
        self._wrong: dict[str, Callable[[], str]] = {}
        self._threads = [self._thread("housekeeping", self._keep_house), *self._transport()]

    def _transport(self) -> list[threading.Thread]:
        if self.settings.amqp_url:
            return self._push()
        threads = [] if self.database.is_sqlite else [self._thread("sealer", self._seal)]
        if self.consumer:
            self.puller = Puller(self.consumer)
            threads.append(self._thread("pull", functools.partial(self.puller.run, self.stopping)))
        return threads

    def _push(self) -> list[threading.Thread]:
        from chassis.amqp import Subscriber  # here, so that embedded mode never loads pika
        from chassis.relay import Relay

        relay = Relay(self.database, self.service.name, self.settings.amqp_url)
        self._wrong["relay"] = lambda: "" if relay.is_leading else "not leading"
        threads = [self._thread("relay", lambda: relay.run(self.stopping))]
        if self.consumer:
            self.reconciler = Reconciler(self.consumer)
            subscriber = Subscriber(self.consumer, self.settings.amqp_url)
            self._wrong["subscriber"] = lambda: "" if subscriber.is_connected else "not connected"
            threads.append(self._thread("subscriber", lambda: subscriber.run(self.stopping)))
        return threads

    def _thread(self, name: str, run: Callable[[], object]) -> threading.Thread:
        return threading.Thread(target=self._guarded, args=(name, run), name=f"{self.service.name} {name}", daemon=True)

    def _guarded(self, name: str, run: Callable[[], object]) -> None:
        """A thread that dies begins again: nothing here may stop for good."""
        while not self.stopping.is_set():
            try:
                run()
            except Exception:
                log.exception("%s of %s begins again", name, self.service.name)
                self.stopping.wait(1.0)

    def start(self) -> None:
        if self.consumer:
            parking.release_understood(self.database, self.consumer.name, self.consumer.reactions)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is in hand and end; returns within ``STOP_SECONDS``."""
        self.stopping.set()
        self.wake()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))

    def wake(self) -> None:
        """Something was committed somewhere."""
        if self.puller:
            self.puller.bell.set()

    def wrong(self) -> dict[str, str]:
        """What is not as it should be, for readiness."""
        found = health.database_answers(self.database)
        return found | {name: text for name, ask in self._wrong.items() if (text := ask())}

    def app(self) -> flask.Flask:
        """Liveness, readiness and metrics of a worker process."""
        app = flask.Flask(f"{self.service.name}-worker", static_folder=None)
        health.add_health(app, f"{self.service.name}-worker", self.wrong)
        return app

    def _seal(self) -> None:
        while not self.stopping.wait(SEAL_SECONDS):
            if seal(self.database):
                self.wake()

    def _keep_house(self) -> None:
        reconciled = time.monotonic()
        while not self.stopping.wait(HOUSEKEEPING_SECONDS):
            try:
                self.scheduler.run_due()
                if self.redriver:
                    self.redriver.run_due()
                if self.reconciler and time.monotonic() - reconciled > RECONCILE_SECONDS:
                    reconciled = time.monotonic()
                    self.reconciler.run_once()
            except (Problem, sa.exc.SQLAlchemyError) as error:
                log.warning("Housekeeping of %s waits: %s", self.service.name, error)
                self.stopping.wait(2.0)

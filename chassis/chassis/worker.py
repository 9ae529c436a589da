"""The worker: everything a service does that is not answering a request.

Threads with one reason to live each: relay, consumer, housekeeping. With RabbitMQ they run in a process of
their own; in embedded mode beside the web application.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Callable, Mapping

import flask
import sqlalchemy as sa

from chassis import gauges, health, parking
from chassis.database import Database
from chassis.executor import Executor
from chassis.flow_desk import Census
from chassis.importing.worker import Importer
from chassis.jobs import Job, Scheduler
from chassis.joining import Joiner
from chassis.log import EventSource, seal
from chassis.manifest import Service
from chassis.problems import Problem, Unavailable
from chassis.pruning import PRUNING, PRUNING_EFFECTS
from chassis.pull import Puller
from chassis.reconcile import Reconciler
from chassis.redrive import Redriver
from chassis.schedule import Releaser
from chassis.settings import Settings
from chassis.sweeping import Sweeper

log = logging.getLogger(__name__)
HOUSEKEEPING_SECONDS = 0.5
RECONCILE_SECONDS = 2.0
MEASURE_SECONDS = 5.0
SEAL_SECONDS = 0.02
LOOK_SECONDS = 1.0
"""How often a worker looks whether its consumer was paused or resumed."""
WAIT_SECONDS = 0.1
STOP_SECONDS = 20.0


class Worker:
    """All threads of one service."""

    def __init__(
        self, service: Service, settings: Settings, database: Database, sources: Mapping[str, EventSource]
    ) -> None:
        self.service, self.settings, self.database = service, settings, database
        self.stopping = threading.Event()
        self.consumer = service.consumer(database, sources)
        self.sweeper = Sweeper(database, service) if service.personal else None
        self.scheduler = Scheduler(database, service.name, [*service.all_jobs(), *self._upkeep()])
        self.releaser = Releaser(database, service.name, service.all_timers())
        self.importer = Importer(database, service.name, service.imports)
        self.census = Census(database, service.name, service.flows)
        self.redriver = Redriver(self.consumer) if self.consumer else None
        self.joiner = Joiner(self.consumer, pulls=not settings.amqp_url) if self.consumer else None
        self.reconciler: Reconciler | None = None
        self.puller: Puller | None = None
        self._wrong: dict[str, Callable[[], str]] = {}
        self._warnings: dict[str, Callable[[], str]] = {}
        name = self.consumer.name if self.consumer else ""
        self.gauges = gauges.Gauges(database, service.name, name, publishes=bool(settings.amqp_url))
        gauges.begin(service.name, name, service.all_reactions().aggregates())
        if joiner := self.joiner:
            self._warnings["joining"] = lambda: joiner.trouble
        own = [self._thread("housekeeping", self._keep_house), self._thread("gauges", self._measure)]
        if self.consumer:
            pausing = self.consumer.pausing
            self._warnings["consumer"] = lambda: str(pausing.standing)
            own.append(self._thread("standing", self._look))
        self._threads = [*own, *self._own_work(), *self._transport()]

    def _own_work(self) -> list[threading.Thread]:
        """What takes long, and nobody may wait for it."""
        threads = []
        if self.service.imports:
            threads.append(self._thread("imports", self._import))
        if self.service.effects:
            executor = Executor(self.database, self.service.name, self.service.effects(self.settings, self.database))
            threads.append(self._thread("effects", lambda: executor.run(self.stopping)))
        if self.sweeper:
            threads.append(self._thread("sweeper", self._sweep))
        return threads

    def _upkeep(self) -> list[Job]:
        """What has to be forgotten some day."""
        return [PRUNING] * bool(self.consumer) + [PRUNING_EFFECTS] * bool(self.service.effects)

    def _transport(self) -> list[threading.Thread]:
        if self.settings.amqp_url:
            return self._push()
        threads = [] if self.database.is_sqlite else [self._thread("sealer", self._seal)]
        if self.consumer and self.joiner:
            self.puller = puller = Puller(self.consumer, self.joiner.meet)
            self._warnings["pull"] = lambda: cannot_read(puller.unreachable)
            threads.append(self._thread("pull", functools.partial(self.puller.run, self.stopping)))
            threads.append(self._thread("join", functools.partial(self._join, self.joiner)))
        return threads

    def _push(self) -> list[threading.Thread]:
        from chassis.amqp import Subscriber  # here, so that embedded mode never loads pika
        from chassis.relay import Relay

        relay = Relay(self.database, self.service.name, self.settings.amqp_url)
        self._wrong["relay"] = relay.wrong
        threads = [self._thread("relay", lambda: relay.run(self.stopping))]
        if self.consumer and self.joiner:
            self.reconciler = reconciler = Reconciler(self.consumer)
            subscriber = Subscriber(self.consumer, self.settings.amqp_url)
            self._wrong["subscriber"] = lambda: "" if self._is_held_unborn() else subscriber.wrong()
            self._warnings["topology"] = lambda: "; ".join(map(str, subscriber.differences))
            self._warnings["reconcile"] = lambda: cannot_read(reconciler.unreachable)
            joiner = self.joiner
            threads.append(self._thread("subscriber", lambda: self._listen(joiner, subscriber.run)))
            threads.append(self._thread("join", lambda: self._join(joiner, subscriber.prepare)))
        return threads

    def _listen(self, joiner: Joiner, run: Callable[[threading.Event], None]) -> None:
        """Once we may."""
        while not joiner.may_listen.wait(WAIT_SECONDS):
            if self.stopping.is_set():
                return
        run(self.stopping)

    def _join(self, joiner: Joiner, prepare: Callable[[], None] = lambda: None) -> None:
        """Join what is new, then let go what waited for it."""
        if not joiner.may_listen.is_set():
            prepare()
        joiner.run(self.stopping)
        if joiner.is_done:
            self._release_understood()
            self.stopping.wait()

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
        if self.consumer and self.joiner:
            self.consumer.attempts.begin_life(self.consumer.reactions.aggregates())
            self.consumer.pausing.look()
            self.joiner.register()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is in hand and end; returns within ``STOP_SECONDS``."""
        self.stopping.set()
        self.wake()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        if self.consumer and not any(thread.is_alive() for thread in self._threads):
            with contextlib.suppress(Unavailable):  # then the next one begins with care
                self.consumer.attempts.end_life()

    def wake(self) -> None:
        """Something was committed somewhere."""
        if self.puller:
            self.puller.bell.set()

    def wrong(self) -> dict[str, str]:
        """What is not as it should be, for readiness."""
        found = health.database_answers(self.database)
        return found | {name: text for name, ask in self._wrong.items() if (text := ask())}

    def warnings(self) -> dict[str, str]:
        """What somebody should look at while the work goes on."""
        return {name: text for name, ask in self._warnings.items() if (text := ask())}

    def app(self) -> flask.Flask:
        """Liveness, readiness and metrics of a worker process."""
        app = flask.Flask(f"{self.service.name}-worker", static_folder=None)
        health.add_health(app, f"{self.service.name}-worker", self.wrong, self.warnings)
        return app

    def _release_understood(self) -> None:
        """Not before all that is new has been joined: only then what waited for it may go."""
        if self.consumer and self.joiner and self.joiner.is_done:
            parking.release_understood(self.database, self.consumer.name, self.consumer.reactions)

    def _look_after_the_rest(self) -> None:
        """What is seldom needed, and costs a query or two."""
        self._release_understood()
        if self.reconciler and self._may_listen():
            self.reconciler.run_once()

    def _seal(self) -> None:
        while not self.stopping.wait(SEAL_SECONDS):
            if seal(self.database):
                self.wake()

    def _is_held_unborn(self) -> bool:
        """Paused before it ever took the past: that it does not listen is what was asked for."""
        return self.consumer is not None and self.consumer.pausing.is_held and not self._may_listen()

    def _may_listen(self) -> bool:
        return self.joiner is None or self.joiner.may_listen.is_set()

    def _measure(self) -> None:
        while not self.stopping.is_set():
            try:
                self.gauges.fill()
            except (Problem, sa.exc.SQLAlchemyError) as error:
                log.warning("Cannot measure %s: %s", self.service.name, error)
            self.stopping.wait(MEASURE_SECONDS)

    def _look(self) -> None:
        """In a thread of its own: what an operator says takes effect however long a reaction lasts."""
        assert self.consumer is not None  # noqa: S101  (without one there is no such thread)
        while not self.stopping.wait(LOOK_SECONDS):
            with contextlib.suppress(Problem, sa.exc.SQLAlchemyError):  # told by those who work
                self.consumer.pausing.look()

    def _import(self) -> None:
        while not self.stopping.wait(HOUSEKEEPING_SECONDS):
            try:
                while self.importer.step() and not self.stopping.is_set():
                    pass
            except (Problem, sa.exc.SQLAlchemyError) as error:
                log.warning("Imports of %s wait: %s", self.service.name, error)
                self.stopping.wait(2.0)

    def _sweep(self) -> None:
        while self.sweeper and not self.stopping.wait(HOUSEKEEPING_SECONDS):
            try:
                self.sweeper.run_due()
            except (Problem, sa.exc.SQLAlchemyError) as error:
                log.warning("Sweeping %s begins again: %s", self.service.name, error)
                self.stopping.wait(2.0)

    def _keep_house(self) -> None:
        looked = time.monotonic()
        while not self.stopping.wait(HOUSEKEEPING_SECONDS):
            try:
                self.scheduler.run_due()
                self.releaser.run_due()
                self.census.run_due()
                if self.redriver:
                    self.redriver.run_due()
                if time.monotonic() - looked > RECONCILE_SECONDS:
                    looked = time.monotonic()
                    self._look_after_the_rest()
            except (Problem, sa.exc.SQLAlchemyError) as error:
                log.warning("Housekeeping of %s waits: %s", self.service.name, error)
                self.stopping.wait(2.0)


def cannot_read(sources: Mapping[str, str]) -> str:
    """The broken links to other services' logs and what is wrong with them, or an empty text."""
    return "; ".join(f"cannot read {source}: {wrong}" for source, wrong in sorted(sources.items()))

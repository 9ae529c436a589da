"""The workshop and the shelf in processes of their own, which a test may kill, pause, and start again."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.database import Database
from chassis.problems import Unavailable
from chassis.tables import log_state
from chassis.transaction import transaction
from tests import toy
from tests.faults import runner
from tests.faults.checker import Checker
from tests.infra.postgres import fresh_name
from tests.infra.processes import wait_until

PATIENCE_SECONDS = 60.0
STOP_SECONDS = 25.0

nursery = multiprocessing.get_context("forkserver")
nursery.set_forkserver_preload(["tests.faults.runner"])
"""Processes are forked from one that has imported everything: a start costs milliseconds, not a second."""


class Process:
    """One worker process."""

    def __init__(self, name: str, environment: dict[str, str], folder: Path) -> None:
        self.name, self.log_file = name, folder / f"{fresh_name(name)}.log"
        arguments = (name, environment, self.log_file)
        self.process: ForkServerProcess = nursery.Process(target=runner.run, args=arguments, daemon=True)
        self.process.start()

    def signal(self, number: signal.Signals) -> None:
        if self.process.is_alive() and self.process.pid:
            os.kill(self.process.pid, number)

    def until_ready(self) -> Process:
        self._until(lambda: runner.READY in self.log, "ready")
        return self

    def until_dead(self) -> None:
        """Of its own: a failpoint killed it."""
        self._until(lambda: not self.process.is_alive(), "dead")
        assert self.process.exitcode == -signal.SIGKILL, self.log

    def kill(self) -> None:
        self.process.kill()
        self.process.join(STOP_SECONDS)

    def stop(self) -> None:
        """As a supervisor does: ask, wait, and insist."""
        self.signal(signal.SIGCONT)
        self.process.terminate()
        self.process.join(STOP_SECONDS)
        if self.process.is_alive():
            self.kill()

    @property
    def log(self) -> str:
        return self.log_file.read_text() if self.log_file.exists() else ""

    def _until(self, so: Callable[[], bool], what: str) -> None:
        try:
            wait_until(so, what=f"{self.name} to be {what}", patience_seconds=PATIENCE_SECONDS)
        except RuntimeError as late:
            raise AssertionError(f"{late}\n{self.log[-4000:]}") from late


class Shop:
    """Both databases, the broker, and the processes that the test has started."""

    def __init__(self, new_database: Callable[[], Database], amqp_url: str, folder: Path) -> None:
        self.said_in, self.heard_in = new_database(), new_database()
        self.amqp_url, self.folder = amqp_url, folder
        self.processes: list[Process] = []
        self.checker = Checker(self.said_in, self.heard_in)

    # Processes

    def workshop(self, *, failpoint: str = "", amqp_url: str = "", **extra: str) -> Process:
        """A worker that relays what the workshop says."""
        settings = {"AMQP_URL": amqp_url or self.amqp_url, "FAILPOINT": failpoint}
        return self._start("workshop", {"DATABASE_URL": address(self.said_in), **settings}, extra)

    def shelf(self, *, failpoint: str = "", amqp_url: str = "", database_url: str = "", **extra: str) -> Process:
        """A worker that listens."""
        settings = {"AMQP_URL": amqp_url or self.amqp_url, "FAILPOINT": failpoint}
        return self._start("shelf", {"DATABASE_URL": database_url or address(self.heard_in), **settings}, extra)

    def _start(self, name: str, settings: dict[str, str], extra: dict[str, str]) -> Process:
        feeds = json.dumps({"workshop": address(self.said_in)})
        settings |= {"FEEDS": feeds, "KEYS_FILE": "none", "FEED_TOKEN": "none", "EXTRA": json.dumps(extra)}
        environment = {f"GUANXI_{setting}": value for setting, value in settings.items()}
        process = Process(name, environment, self.folder)
        self.processes.append(process)
        return process

    def close(self) -> None:
        for process in self.processes:
            process.kill()

    # What is said

    def make(self, toys: int = 1, colours: int = 0) -> None:
        """So many toys, one after the other, each painted so often."""
        for _ in range(toys):
            toy.make(self.said_in, colours=[f"colour {number}" for number in range(colours)])

    def make_at_once(self, toys: int, colours: int) -> None:
        """The same in one transaction."""
        with transaction(self.said_in, "workshop") as tx:
            for _ in range(toys):
                made = toy.make_toy(tx, "bear")
                for number in range(colours):
                    tx.publish(made.paint(f"colour {number}"))

    @contextmanager
    def busy(self, pause_seconds: float = 0.02) -> Iterator[None]:
        """Toys are made and painted meanwhile, whatever happens to the bus."""
        enough = threading.Event()

        def keep_making() -> None:
            while not enough.wait(pause_seconds):
                with suppress(Unavailable):  # what a web process answers then is a 503
                    self.make(colours=3)

        writer = threading.Thread(target=keep_making)
        writer.start()
        try:
            yield
        finally:
            enough.set()
            writer.join()

    # What has come of it

    @property
    def published_to(self) -> int:
        with self.said_in.reading() as session:
            return session.scalar(sa.select(log_state.c.published_to)) or 0

    def heard(self) -> int:
        """How many effects there are."""
        return len(toy.notes(self.heard_in))

    def until(self, what: Callable[[], object], named: str) -> None:
        wait_until(lambda: bool(what()), what=named, patience_seconds=PATIENCE_SECONDS)

    def until_heard(self, number: int) -> None:
        self.until(lambda: self.heard() >= number, f"{number} effects")

    def must_agree(self, **how: Any) -> None:
        """Everything arrives, once, in order; the checker finds nothing."""
        self.checker.until_drained()
        assert self.checker.violations(**how) == []


def address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)

"""The workshop and the shelf in processes of their own, which a test may kill, pause, and start again."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
from tests.faults.process import Child, Process
from tests.infra.processes import PATIENCE_SECONDS, ServerDidNotStart, wait_until

Tell = Callable[[str, Any], None]


class Shop:
    """Both databases, the broker, and the processes that the test has started.

    Without a broker the listener pulls. ``tell`` gets the figures of each agreement, for the table of faults.
    """

    process: type[Process] = Process

    def __init__(self, new_database: Callable[[], Database], amqp_url: str, folder: Path, tell: Tell) -> None:
        self.said_in, self.heard_in = new_database(), new_database()
        self.amqp_url, self.folder, self.tell = amqp_url, folder, tell
        self.processes: list[Process] = []
        self.patience_seconds, self.reconciles = PATIENCE_SECONDS, False
        self.checker = Checker(self.said_in, self.heard_in)

    # Processes

    def workshop(self, **how: Any) -> Process:
        """A worker that relays what the workshop says."""
        return self.start("workshop", self.said_in, how)

    def shelf(self, **how: Any) -> Process:
        """A worker that listens."""
        self.reconciles |= how.get("reconcile") != "never"
        return self.start("shelf", self.heard_in, how)

    def writer(self, **how: Any) -> Process:
        """A process that makes and paints toys until it is killed, and notes what was answered."""
        return self.start("workshop", self.said_in, how, runner.write)

    def start(self, name: str, database: Database, how: dict[str, Any], child: Child = runner.run) -> Process:
        """``how``: a failpoint, other addresses, environment variables, and what ``wrong`` knows."""
        settings = {
            "AMQP_URL": how.pop("amqp_url", self.amqp_url),
            "DATABASE_URL": how.pop("database_url", address(database)),
            "FAILPOINT": how.pop("failpoint", ""),
            "FEEDS": json.dumps({"workshop": how.pop("feed_url", address(self.said_in))}),
            "KEYS_FILE": "none",
            "FEED_TOKEN": "none",
        }
        environment = how.pop("environment", {})
        extra = {key: one if isinstance(one, str) else json.dumps(one) for key, one in how.items()}
        environment |= {f"GUANXI_{key}": one for key, one in settings.items()} | {"GUANXI_EXTRA": json.dumps(extra)}
        process = self.process(name, environment, self.folder, child)
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
    def busy(self, pause_seconds: float = 0.02) -> Iterator[list[int]]:
        """Toys are made and painted meanwhile, whatever happens to the bus: those whose four changes were answered."""
        enough, answered = threading.Event(), list[int]()

        def keep_making() -> None:
            while not enough.wait(pause_seconds):
                with suppress(Unavailable):  # what a web process answers then is a 503
                    answered.append(toy.make(self.said_in, colours=["red", "green", "blue"]))

        writer = threading.Thread(target=keep_making)
        writer.start()
        try:
            yield answered
        finally:
            enough.set()
            writer.join()

    # What has come of it

    @property
    def published_to(self) -> int:
        with self.said_in.reading() as session:
            return session.scalar(sa.select(log_state.c.published_to)) or 0

    def said(self) -> int:
        """How many events there are."""
        return self.checker.count_said()

    def heard(self) -> int:
        """How many effects there are."""
        return self.checker.count_heard()

    def until(self, what: Callable[[], object], named: str) -> None:
        wait_until(lambda: bool(what()), what=named, patience_seconds=self.patience_seconds)

    def until_published(self) -> None:
        """The broker has confirmed everything that was said."""
        self.until(lambda: self.published_to == self.said(), "all to be published")

    def until_heard(self, number: int) -> None:
        self.until(lambda: self.heard() >= number, f"{number} effects")

    def must_agree(self, **how: Any) -> None:
        """Everything arrives, once, in order; the checker finds nothing."""
        if how.get("nothing_was_lost"):
            assert not self.reconciles, "who reconciles fetches what is only slow: start the shelf with reconcile=never"
        with suppress(ServerDidNotStart):  # what has not arrived is named below
            self.checker.until_drained(self.patience_seconds)
        found = self.checker.violations(**how)
        self.tell("figures", self.figures(found))
        assert not found, "\n".join(some_of_each_kind(found))

    def complaints(self, **how: Any) -> set[str]:
        """The kinds of what the checker finds at this moment."""
        return set(map(_kind, self.checker.violations(**how)))

    def figures(self, found: list[str]) -> dict[str, int]:
        """What one agreement was about, and what was found."""
        deliveries = sum(int(line) for process in self.processes for line in process.tally if " " not in line)
        figures = self.checker.figures(deliveries) | {"violations": len(found)}
        return figures | {"troubles": sum(process.troubles for process in self.processes)}


def some_of_each_kind(found: list[str]) -> list[str]:
    """Five of each promise that is broken: what is only late must not hide what is wrong."""
    by_kind = itertools.groupby(sorted(found, key=_kind), key=_kind)
    return [violation for _, all_of_it in by_kind for violation in itertools.islice(all_of_it, 5)]


def _kind(violation: str) -> str:
    return violation.partition(":")[0]


def address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)

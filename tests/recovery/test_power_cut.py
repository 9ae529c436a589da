"""The power goes while embedded Guanxi works: whatever was on the disk at that moment is a whole installation.

The process is stopped in the middle of whatever it does, its files are copied as they are, and it goes on; so there are
as many cuts as one likes. What was answered before a cut has to be in its copy.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import urllib3
from click.testing import CliRunner

from chassis.database import Database
from chassis.log import DatabaseLog
from chassis.tables import event_log
from customer.customer.model import Customer
from guanxi import registry
from guanxi.bus import bus
from guanxi.embedded import Embedded
from guanxi.home import Home
from tests.system import EmbeddedSystem, embedded, wait_until

pytestmark = pytest.mark.slow

CUTS = 6
chance = random.Random("power cut")


class Writer:
    """Somebody who opens customers, one after the other, and remembers what was answered."""

    def __init__(self, system: EmbeddedSystem) -> None:
        self.mei = system.person("mei")
        self.answered: list[str] = []

    def run(self, enough: threading.Event) -> None:
        number = 0
        while not enough.is_set():
            number += 1
            with suppress(urllib3.exceptions.HTTPError, OSError):
                body = {"name": f"Customer {number}", "region": "North", "level": 1}
                answer = self.mei.ask("POST", "/api/customers", body)
                if answer.status == 201:
                    self.answered.append(answer.json["customer_no"])


@contextmanager
def writing(system: EmbeddedSystem) -> Iterator[Writer]:
    writer, enough = Writer(system), threading.Event()
    thread = threading.Thread(target=writer.run, args=(enough,))
    thread.start()
    try:
        yield writer
    finally:
        enough.set()
        thread.join()


def cut(system: EmbeddedSystem, to: Path) -> None:
    """The files as they are at one moment."""
    assert system.process
    os.kill(system.process.pid, signal.SIGSTOP)
    try:
        shutil.copytree(system.folder, to, ignore=shutil.ignore_patterns("*-shm"))  # memory does not survive
    finally:
        os.kill(system.process.pid, signal.SIGCONT)


def run(folder: Path, *words: str) -> Any:
    result = CliRunner().invoke(bus, ["--data", str(folder), *words, "--json"])
    return json.loads(result.output)


def must_be_whole(folder: Path, answered: list[str]) -> None:
    """Every file opens, every log is without a hole, and what was answered is there."""
    for name in registry.NAMES:
        database = Database(Home(folder, demo=True).sqlite_url(name))
        with database.reading() as session:
            assert session.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok", name
            positions = session.scalars(sa.select(event_log.c.id).order_by(event_log.c.id)).all()
            assert list(positions) == list(range(1, len(positions) + 1)), name
        database.close()
    database = Database(Home(folder, demo=True).sqlite_url("customer"))
    with database.reading() as session:
        there = set(session.scalars(sa.select(Customer.customer_no)))
        told = set(session.scalars(sa.select(event_log.c.aggregate_id).where(event_log.c.aggregate_type == "customer")))
    database.close()
    assert set(answered) <= there
    assert there == told, "a customer without its event, or an event without its customer"


def must_go_on(folder: Path) -> None:
    """Started again, everybody hears what is left, once; and the reports are what was said."""
    assert {one["extra"] for one in run(folder, "reconcile")["sources"]} == {0}, "heard and never said"
    system = Embedded(Home(folder, demo=True))
    system.start()
    heads = {name: DatabaseLog(database).head().position for name, database in system.databases.items()}
    wait_until(lambda: run(folder, "reconcile")["missing"] == 0, "everything to be heard", within=60)
    assert heads["customer"] > 0
    system.stop()
    assert run(folder, "rebuild", "--all", "--verify-only")["equal"]
    assert run(folder, "rebuild", "--all", "--verify-only", "--from-sources")["equal"]


@pytest.mark.fault(53)
def test_what_the_disk_holds_at_any_moment_is_a_whole_installation(tmp_path: Path) -> None:
    copies: list[tuple[Path, list[str]]] = []
    pauses = threading.Event()
    with embedded(tmp_path / "live") as system:
        wait_until(lambda: system.person("mei").ask("GET", "/api/customers/managers").json["items"], "Mei to be known")
        with writing(system) as writer:
            wait_until(lambda: writer.answered, "the first customer")
            for number in range(CUTS):
                pauses.wait(chance.uniform(0.05, 0.6))
                answered = list(writer.answered)
                cut(system, tmp_path / f"cut {number}")
                copies.append((tmp_path / f"cut {number}", answered))
            wait_until(lambda: len(writer.answered) > 20, "some customers", within=60)

    assert copies[-1][1], "something has to be answered before the last cut"
    for folder, answered in copies:
        must_be_whole(folder, answered)
    for folder, _ in copies[:: CUTS - 1]:
        must_go_on(folder)

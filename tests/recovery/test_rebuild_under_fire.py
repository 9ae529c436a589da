"""Reports are rebuilt while orders come in, the worker that hears is killed after its commits, and the relay after
its confirms: what is folded again is what was live, and nobody misses an event.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from guanxi.bus import bus
from guanxi.supervised import Supervised
from tests.infra.fixtures import Servers
from tests.infra.postgres import fresh_name
from tests.system import FullSystem, full, wait_until

pytestmark = [pytest.mark.infra, pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(600)]


class Doomed:
    """A worker that dies at a failpoint and is started again, until the fire is out; then one that lives."""

    def __init__(self, environment: Mapping[str, str], service: str, failpoint: str) -> None:
        self.command = [sys.executable, "-m", "guanxi", "work", service]
        self.environment = {**os.environ, **environment, "GUANXI_FAILPOINT": failpoint}
        self.deaths = 0
        self.out = threading.Event()
        self.thread = threading.Thread(target=self._burn)

    def _burn(self) -> None:
        while not self.out.is_set():
            child = subprocess.Popen(self.command, env=self.environment, stderr=subprocess.DEVNULL)
            while child.poll() is None and not self.out.wait(0.05):
                pass
            if child.poll() is None:
                child.terminate()
            self.deaths += child.wait() < 0 and not self.out.is_set()


@contextmanager
def under_fire(supervised: Supervised) -> Iterator[list[Doomed]]:
    """Faults 15 and 18, over and over."""
    doomed = [
        Doomed(supervised.environment("reporting"), "reporting", "consumer.after_commit:kill:6"),
        Doomed(supervised.environment("customer"), "customer", "relay.after_confirm:kill:12"),
    ]
    for service in ("reporting", "customer"):
        supervised.processes.pop(f"{service} worker").ask_to_stop()
    for one in doomed:
        one.thread.start()
    try:
        yield doomed
    finally:
        for one in doomed:
            one.out.set()
        for one in doomed:
            one.thread.join()
        for service in ("reporting", "customer"):
            supervised.launch(f"{service} worker", "work", supervised.environment(service), service)


@pytest.fixture
def guanxi(servers: Servers, tmp_path: Path) -> Iterator[FullSystem]:
    """A system of its own: the other tests' must not burn."""
    broker, vhost = servers.broker(), fresh_name("fire")
    with full(tmp_path, servers.database(), broker.create_vhost(vhost)) as running:
        yield running
    broker.delete_vhost(vhost)


def run(guanxi: FullSystem, *words: str) -> Any:
    result = CliRunner().invoke(bus, ["--data", str(guanxi.home.folder), *words, "--json"])
    assert result.output.startswith("{"), result.output + repr(result.exception)
    return json.loads(result.output)


@contextmanager
def ordering(guanxi: FullSystem, customer_no: str) -> Iterator[list[int]]:
    """Orders come in, ten at a time."""
    sue, enough, placed = guanxi.person("sue"), threading.Event(), [0]

    def keep_ordering() -> None:
        while not enough.wait(0.05):
            token = secrets.token_hex(4)
            known = {"customer_no": customer_no, "ordered_at": "2026-01-05T10:00:00Z", "amount": "1.00"}
            rows = [
                {"order_no": f"{token}-{number}", "kind": "order", "currency": "CNY", **known} for number in range(10)
            ]
            placed[0] += sue.post("/api/orders/bulk", rows=rows).json["created"]

    writer = threading.Thread(target=keep_ordering)
    writer.start()
    try:
        yield placed
    finally:
        enough.set()
        writer.join()


@pytest.mark.fault(49, 15, 18)
def test_what_is_folded_again_is_what_was_live(guanxi: FullSystem) -> None:
    mei, eve = guanxi.person("mei"), guanxi.person("eve")
    wait_until(lambda: mei.get("/api/customers/managers")["items"], "Mei to be known", within=60)
    number = mei.post("/api/customers", expect=201, name="Acme", region="North", level=1).json["customer_no"]
    found = []
    with ordering(guanxi, number) as placed, under_fire(guanxi.supervised) as doomed:
        wait_until(lambda: all(one.deaths for one in doomed), "both to die once", within=120)
        for round_of in range(3):
            found.append(run(guanxi, "rebuild", "--all", *(["--verify-only"] if round_of % 2 == 0 else [])))
        found.append(run(guanxi, "rebuild", "--all", "--verify-only", "--from-sources"))
        wait_until(lambda: all(one.deaths > 1 for one in doomed), "both to die again", within=120)

    wait_until(lambda: run(guanxi, "reconcile")["missing"] == 0, "everything to be heard", within=120)
    found.append(run(guanxi, "rebuild", "--all", "--verify-only"))
    found.append(run(guanxi, "rebuild", "--all", "--verify-only", "--from-sources"))

    assert [one["equal"] for one in found] == [True] * 6
    assert [one["is_replaced"] for one in found] == [False, True, False, False, False, False]
    assert run(guanxi, "reconcile")["extra"] == 0
    totals = eve.get("/api/reports/contribution")["totals"]
    assert placed[0] in [one["orders"] for one in totals if one["currency"] == "CNY"]

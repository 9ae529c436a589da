"""The guard of purity bites, whatever way impurity takes; and it leaves alone what is pure, or outside."""

from __future__ import annotations

import os
import random
import secrets
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import time as by_another_name
from typing import Any

import pytest

from chassis.testing.purity import Impure, only_pure, purely

IMPURE: dict[str, Callable[[], Any]] = {
    "datetime.now": lambda: datetime.now(UTC),
    "datetime.today": datetime.today,
    "date.today": date.today,
    "time.time": time.time,
    "time.time by another name": by_another_name,
    "time.monotonic": time.monotonic,
    "time.sleep": lambda: time.sleep(0),
    "random.random": random.random,
    "random.choice": lambda: random.choice("ab"),
    "random.shuffle": lambda: random.shuffle([1, 2]),
    "os.urandom": lambda: os.urandom(1),
    "uuid4": uuid.uuid4,
    "secrets": secrets.token_hex,
    "a socket": socket.socket,
    "a connection": lambda: socket.create_connection(("127.0.0.1", 9), timeout=0.1),
    "a file": lambda: Path(__file__).read_text(),
    "a program": lambda: subprocess.run(["true"], check=False),
}


@pytest.mark.parametrize("how", IMPURE)
def test_it_bites(how: str) -> None:
    with pytest.raises(Impure), only_pure():
        IMPURE[how]()


def test_it_bites_through_others() -> None:
    def stamp() -> str:
        return str(uuid.uuid4())

    with pytest.raises(Impure):
        purely(lambda: sorted([1], key=lambda _: stamp()))()


def test_what_is_pure_passes() -> None:
    monday = datetime(2026, 3, 2, tzinfo=UTC)

    def pure() -> Any:
        return [
            monday.astimezone(UTC).year,
            (monday + timedelta(days=1)).isoformat(),
            datetime.fromisoformat("2026-03-02T00:00:00+00:00"),
            random.Random(5).random(),
            uuid.UUID(int=5),
            uuid.uuid5(uuid.NAMESPACE_URL, "x"),
        ]

    assert purely(pure)()[0] == 2026


def test_what_comes_afterwards_and_in_other_threads_is_free() -> None:
    told: list[float] = []
    with only_pure():
        pass
    elsewhere = threading.Thread(target=lambda: told.append(time.time()))
    with only_pure():
        elsewhere.start()
    elsewhere.join()

    assert told
    assert time.time() >= told[0]


def test_after_it_has_bitten_it_bites_again() -> None:
    for _ in range(2):
        with pytest.raises(Impure), only_pure():
            time.time()

"""Reporting alone, without a transport: live, draining a backlog, and folding everything again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from chassis.consumer import Consumer
from chassis.database import Database
from chassis.events import on_the_wire
from chassis.log import FIRST_EPOCH
from chassis.testing.stage import Elsewhere, an_envelope, prepare, some_settings
from reporting.contribution.model import OrderPlaced
from reporting.rebuild import rebuild
from reporting.service import service
from tests.bench.bus.figures import Row, limit, ratio
from tests.bench.servers import Servers

ONE_BY_ONE, BACKLOG, EVERYTHING = 500, 10_000, 100_000
CUSTOMERS = 4_000
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)


def measure(servers: Servers) -> Iterator[Row]:
    """On PostgreSQL, then on SQLite."""
    with servers.database() as url:
        yield from _measure(url, "PostgreSQL")
    with TemporaryDirectory() as folder:
        yield from _measure(f"sqlite:///{Path(folder)}/reporting.db", "SQLite")


def _measure(url: str, name: str) -> Iterator[Row]:
    with listening(url) as consumer:
        live = rate(consumer, wires(1, ONE_BY_ONE), at_once=1)
        drained = rate(consumer, wires(ONE_BY_ONE + 1, ONE_BY_ONE + BACKLOG), at_once=BACKLOG)
        rate(consumer, wires(ONE_BY_ONE + BACKLOG + 1, EVERYTHING), at_once=BACKLOG)
        began = time.monotonic()
        rebuild(consumer.database)
        seconds = time.monotonic() - began
    yield Row(f"reporting live, a transaction per event, {name}", f"{live:.0f} events/s")
    yield Row(f"reporting drains a backlog, {name}", f"{drained:.0f} events/s")
    yield ratio(f"draining against a transaction per event, {name}", drained / live, at_least=4)
    yield ratio(f"rebuild against live folding, {name}", EVERYTHING / seconds / live, at_least=5)
    yield limit(f"rebuild of {EVERYTHING:,} events, with its comparison, {name}", seconds, "s", below=10)


@contextmanager
def listening(url: str) -> Iterator[Consumer]:
    """Reporting on a new database; nobody has anything to add to what it is given."""
    database, settings = Database(url), some_settings("reporting", url)
    prepare(service, database, settings)
    consumer = service.consumer(database, {"customer": Elsewhere("customer")})
    assert consumer is not None
    yield consumer
    database.close()


def wires(first: int, last: int) -> list[bytes]:
    """Orders as they travel."""
    said = ((an_envelope(order(number), source="customer", version=1), number) for number in range(first, last + 1))
    return [on_the_wire(raw, number, FIRST_EPOCH) for raw, number in said]


def order(number: int) -> OrderPlaced:
    return OrderPlaced(
        order_no=str(number),
        customer_no=f"KH{number % CUSTOMERS}",
        ordered_at=MONDAY + timedelta(hours=number % 5000),
        kind="order",
        amount_minor=number,
        currency="GBP",
    )


def rate(consumer: Consumer, events: list[bytes], *, at_once: int) -> float:
    """Events a second, so many given at once."""
    began = time.monotonic()
    for start in range(0, len(events), at_once):
        consumer.take(events[start : start + at_once], "push")
    return len(events) / (time.monotonic() - began)

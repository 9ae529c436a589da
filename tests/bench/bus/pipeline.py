"""The whole pipeline, commit to inbox commit, three ways: ours, a naive one, and what pika alone could do."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from chassis import topology
from chassis.amqp import connected
from chassis.database import Database
from chassis.declaring import declare
from tests import toy
from tests.bench.bus import bare, naive, ours
from tests.bench.bus.crew import Crew, spawning
from tests.bench.bus.figures import Row, ratio
from tests.bench.servers import Servers

MANY, FEW = 30_000, 500
ROUNDS = 3


def measure(servers: Servers) -> Iterator[Row]:
    """Events a second of each, in turns, so that a busy moment of the machine falls on all of them."""
    ways: dict[str, Callable[[Servers], float]] = {"naive": run_naive, "bare": run_bare, "ours": run_ours}
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, run in ways.items():
            seen[name].append(run(servers))
    rate = {name: statistics.median(rates) for name, rates in seen.items()}
    yield Row("whole pipeline", f"{rate['ours']:.0f} events/s")
    yield Row("naive pipeline: confirm and commit per message", f"{rate['naive']:.0f} events/s")
    yield Row("bare pika: same confirms and acks, no database", f"{rate['bare']:.0f} events/s")
    yield ratio("whole pipeline against the naive one", rate["ours"] / rate["naive"], at_least=20.0)
    yield ratio("whole pipeline against bare pika", rate["ours"] / rate["bare"], at_least=0.5)


def run_ours(servers: Servers) -> float:
    with databases(servers) as (workshop, shelf), servers.vhost() as broker:
        make_topology(broker)
        crew = Crew()
        crew.hire(ours.relay, workshop, broker)
        crew.hire(ours.listen, shelf, workshop, broker)
        crew.hire(ours.commit, workshop, MANY)
        return MANY / crew.seconds_until(noted(shelf, MANY))


def run_naive(servers: Servers) -> float:
    with databases(servers) as (workshop, shelf), servers.vhost() as broker:
        with connected(broker) as connection:
            connection.channel().queue_declare(naive.QUEUE, durable=True, arguments=dict(topology.QUORUM))
        for url, statements in ((workshop, naive.OUTBOX), (shelf, [naive.INBOX])):
            with psycopg.connect(naive.plain(url), autocommit=True) as connection:
                for statement in statements:
                    connection.execute(statement)
        crew = Crew()
        crew.hire(naive.relay, workshop, broker)
        crew.hire(naive.listen, shelf, broker)
        crew.hire(naive.commit, workshop, FEW)
        return FEW / crew.seconds_until(noted(shelf, FEW))


def run_bare(servers: Servers) -> float:
    with servers.vhost() as broker:
        make_topology(broker)
        crew, done = Crew(), spawning.Event()
        crew.hire(bare.publish, broker, MANY)
        crew.hire(bare.read, broker, MANY, done)
        return MANY / crew.seconds_until(done.is_set)


@contextmanager
def databases(servers: Servers) -> Iterator[tuple[str, str]]:
    """Two empty databases with the toys' tables: who speaks, who listens."""
    with servers.database() as workshop, servers.database() as shelf:
        for url in (workshop, shelf):
            database = Database(url, pool_size=1)
            toy.prepare(database)
            database.close()
        yield workshop, shelf


def noted(url: str, number: int) -> Callable[[], bool]:
    """Whether all effects are there."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")

    def is_done() -> bool:
        with engine.connect() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(toy.note)) == number

    return is_done


def make_topology(broker: str) -> None:
    with connected(broker) as connection:
        declare(connection, topology.of_service("shelf", ours.Noting().aggregates()))

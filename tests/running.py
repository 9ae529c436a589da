"""Workers of the two toy services as they run in production: threads, a database each, and a broker."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from chassis import topology
from chassis.database import Database
from chassis.log import DatabaseLog
from chassis.manifest import Service
from chassis.settings import Settings
from chassis.topology import Topology
from chassis.worker import Worker
from tests import toy
from tests.system import wait_until

SHELF_QUEUE = topology.queue_name("shelf")


@dataclasses.dataclass
class Shop:
    """A workshop and a shelf, each with its own database, both with their worker running."""

    workshop: Worker
    shelf: Worker

    def make(self, colours: int = 0) -> int:
        return toy.make(self.workshop.database, colours=[f"colour {number}" for number in range(colours)])

    def has_labelled(self, toys: int) -> bool:
        return len(toy.notes(self.shelf.database)) >= toys

    def wait_for_labels(self, toys: int) -> None:
        wait_until(lambda: self.has_labelled(toys), f"{toys} labels")


@contextmanager
def open_shop(
    new_database: Callable[[], Database], workshop_url: str, shelf_url: str, *, wait: bool = True
) -> Iterator[Shop]:
    """Both workers, on the broker at these addresses; empty addresses mean the pull transport."""
    databases = {"workshop": new_database(), "shelf": new_database()}
    sources = {name: DatabaseLog(database) for name, database in databases.items()}
    shop = Shop(
        _worker(toy.workshop, databases["workshop"], workshop_url, sources),
        _worker(toy.shelf, databases["shelf"], shelf_url, sources),
    )
    with ExitStack() as stopped:
        for worker in (shop.shelf, shop.workshop):
            stopped.callback(worker.stop)
            worker.start()
        if wait:
            wait_until(lambda: not (shop.shelf.wrong() or shop.workshop.wrong()), "both workers to be ready")
        yield shop


def _worker(service: Service, database: Database, url: str, sources: Mapping[str, DatabaseLog]) -> Worker:
    settings = Settings(service=service.name, database_url=str(database.url), keys_file="", amqp_url=url)
    return Worker(service, settings, database, sources)


def readiness(worker: Worker) -> tuple[int, dict[str, Any]]:
    """What a worker answers who asks whether it is ready."""
    answer = worker.app().test_client().get("/readyz")
    return answer.status_code, json.loads(answer.data)


def toy_topology(accounts: str = topology.ACCOUNTS) -> Topology:
    services = (toy.workshop, toy.shelf)
    return topology.of_all({service.name: service.all_reactions().aggregates() for service in services}, accounts)

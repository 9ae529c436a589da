"""All faults at once, in an order that a seed decides: the weather of one bad hour in a minute."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from tests.faults.process import Process
from tests.faults.shop import Shop, address
from tests.infra.faultproxy import FaultProxy
from tests.infra.postgres import DatabaseServer
from tests.infra.rabbit import Broker

QUEUE = "crm.shelf.events"
SOON_BACK = {"chassis.amqp:LONGEST_PAUSE_SECONDS": 1.0}
DELIVERIES = ("", "repeated", "shuffled", "lossy")
FAILPOINTS = {
    "shelf": ("", "consumer.before_commit:kill:9", "consumer.after_commit:kill:9"),
    "workshop": ("", "relay.after_confirm:kill:20", "relay.after_seal:kill:9", "relay.after_publish:kill:30"),
}


class Weather:
    """Worries a shop: its workers, its broker, its database server, and the lines between them.

    ``consumer`` is the mutant that listens, or nothing for the real one.
    """

    def __init__(
        self, shop: Shop, broker: Broker, server: DatabaseServer, chance: random.Random, consumer: str = ""
    ) -> None:
        self.shop, self.broker, self.server, self.chance, self.consumer = shop, broker, server, chance, consumer
        self.broker_line, self.data_line = FaultProxy(shop.amqp_url), FaultProxy(address(shop.heard_in))
        self.workers: dict[str, Process] = {}
        self.seen: Counter[str] = Counter()

    # One after the other, for a while

    def rage(self, seconds: float, look: Callable[[], object] = lambda: None) -> None:
        """Whoever died is started again, as a supervisor does; ``look`` sees each fault when it has passed."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.keep_running()
            name = self.chance.choices(list(FAULTS), list(FAULTS.values()))[0]
            getattr(self, name)()
            self.seen[name] += 1
            time.sleep(self.chance.uniform(0.1, 0.8))  # the weather's own pace; nothing is concluded from it
            look()

    def calm(self) -> None:
        """Everything works again, and two fresh workers do the rest."""
        for line in (self.broker_line, self.data_line):
            line.blackhole(False)
            line.refuse(False)
        for worker in self.workers.values():
            worker.stop()
        self.shop.shelf(mutant=self.consumer, constants=SOON_BACK)
        self.shop.workshop(constants=SOON_BACK)

    def keep_running(self) -> None:
        for name in ("workshop", "shelf"):
            worker = self.workers.get(name)
            if worker is None or not worker.is_alive:
                self.seen["died at a failpoint"] += worker is not None and worker.troubles == 0
                self.workers[name] = self.begin(name)

    def begin(self, name: str) -> Process:
        failpoint = self.chance.choice(FAILPOINTS[name])
        how = {"amqp_url": self.broker_line.url, "constants": SOON_BACK, "failpoint": failpoint}
        if name == "workshop":
            return self.shop.workshop(**how)
        how |= {"database_url": self.data_line.url, "mutant": self.consumer}
        return self.shop.shelf(delivery=self.chance.choice(DELIVERIES), **how)

    def any_worker(self) -> Process:
        return self.workers[self.chance.choice(("workshop", "shelf"))]

    # The faults

    def kill(self) -> None:
        self.any_worker().kill()

    def stop(self) -> None:
        self.any_worker().stop()

    def pause(self) -> None:
        worker = self.any_worker()
        if worker.is_alive:
            worker.pause()
            time.sleep(self.chance.uniform(0.5, 2))
            worker.resume()

    def second_of_each(self) -> None:
        """Two of everybody, until the older ones are told to go."""
        for name, worker in list(self.workers.items()):
            self.workers[name] = self.begin(name)
            worker.stop()

    def cut(self) -> None:
        self.chance.choice((self.broker_line, self.data_line)).cut()

    def black_hole(self) -> None:
        line = self.chance.choice((self.broker_line, self.data_line))
        line.blackhole()
        time.sleep(self.chance.uniform(0.5, 2))
        line.blackhole(False)

    def purge(self) -> None:
        self._at_the_queue("/contents")

    def delete(self) -> None:
        self._at_the_queue("")

    def _at_the_queue(self, what: str) -> None:
        vhost = urlsplit(self.shop.amqp_url).path.removeprefix("/")
        try:
            self.broker.manage("DELETE", f"/api/queues/{vhost}/{quote(QUEUE, safe='')}{what}")
        except OSError:  # it is not there at this moment
            self.seen["no queue to touch"] += 1

    def end_sessions(self) -> None:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IS NOT NULL "
        with self.server.connect() as connection:
            connection.execute(ended + "AND pid <> pg_backend_pid()")

    def crash_the_database(self) -> None:
        self.server.kill()
        self.server.restart()

    def crash_the_broker(self) -> None:
        self.broker.kill()
        self.broker.restart()


FAULTS = {
    "kill": 5, "stop": 3, "pause": 3, "second_of_each": 2, "cut": 4, "black_hole": 3, "purge": 3, "delete": 2,
    "end_sessions": 2, "crash_the_database": 1, "crash_the_broker": 1,
}  # fmt: skip
"""Each with its weight."""

"""The services of one installation while its past is told: nobody serves, each hears what the others said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa

from chassis import migrations
from chassis.database import Database
from chassis.log import DatabaseLog, seal
from chassis.principal import Principal
from chassis.telling import Teller
from chassis.transaction import looking
from chassis.worker import Worker
from guanxi import registry
from guanxi.home import Home
from identity.right.queries import granted
from identity.role.model import Role
from identity.user.model import User
from identity.user.queries import team


class Firm:
    """Databases, tellers and listeners, wired for one thread."""

    def __init__(self, home: Home, urls: Mapping[str, str]) -> None:
        home.make_keys()
        services = registry.load_all()
        settings = {name: home.settings(name, urls[name]) for name in services}
        self.databases = {name: Database(urls[name]) for name in services}
        for name, service in services.items():
            migrations.upgrade(service, self.databases[name], settings[name])
        self.logs = {name: DatabaseLog(database) for name, database in self.databases.items()}
        self.workers = {
            name: Worker(service, settings[name], self.databases[name], self.logs) for name, service in services.items()
        }
        self.tellers = {name: Teller(service, self.databases[name]) for name, service in services.items()}
        self._known: dict[str, Principal] = {}
        self._reached: dict[tuple[str, str], int] = {}

    def begin(self) -> None:
        """Let each service hear the past that there is, so that it can hear what is told."""
        for worker in self.workers.values():
            assert worker.consumer  # noqa: S101  (every service hears)
            assert worker.joiner  # noqa: S101
            worker.consumer.is_told = True
            worker.consumer.attempts.begin_life(worker.consumer.reactions.aggregates())
            worker.joiner.register()
        self._seal()
        for worker in self.workers.values():
            assert worker.joiner  # noqa: S101
            worker.joiner.run(threading.Event())
        self.hear()

    def hear(self) -> int:
        """Until nobody has anything to say that another has not heard; how many events were heard."""
        number = 0
        while moved := self._hear_once():
            number += moved
        return number

    def _hear_once(self) -> int:
        self._seal()
        heads = {name: log.head().position for name, log in self.logs.items()}
        return sum(self._pulled(name, heads) for name in self.workers)

    def _pulled(self, name: str, heads: Mapping[str, int]) -> int:
        """What one service heard of the others, as far as they had got when this round began."""
        puller = self.workers[name].puller
        assert puller  # noqa: S101  (without a broker everybody pulls)
        number = 0
        for source in puller.listens:
            if self._reached.get((name, source)) != heads[source]:
                number += _all_of(puller.pull, source)
                self._reached[name, source] = heads[source]
        return number

    def _seal(self) -> None:
        for database in self.databases.values():
            while seal(database):
                pass

    def forget_keys(self, beginning: str) -> None:
        """What was told to its end is not told again."""
        for teller in self.tellers.values():
            teller.forget(beginning)

    def end(self) -> None:
        for worker in self.workers.values():
            assert worker.consumer  # noqa: S101
            worker.consumer.attempts.end_life()
        for database in self.databases.values():
            database.close()

    def somebody(self, login: str) -> Principal:
        """A person with the rights and the team of the role, as at a sign-in; remembered until ``forget_people``."""
        if login not in self._known:
            self._known[login] = self._signed_in(login)
        return self._known[login]

    def forget_people(self) -> None:
        """Who is who has changed."""
        self._known.clear()

    def _signed_in(self, login: str) -> Principal:
        with looking(self.databases["identity"], "identity") as tx:
            columns = (User.id, User.full_name, User.role, Role.id.label("role_id"), Role.data_scope)
            found = tx.row(sa.select(*columns).join(Role, Role.code == User.role).where(User.login == login))
            assert found is not None, login  # noqa: S101  (the cast is told first)
            below = team(tx, found.id) if found.data_scope == "subtree" else ()
            who = {"user_id": found.id, "name": found.full_name, "role": found.role, "scope": found.data_scope}
            return Principal(**who, rights=granted(tx, found.role_id), team=frozenset(below), kind="user")


def _all_of(pull: Callable[[str], int], source: str) -> int:
    number = 0
    while moved := pull(source):
        number += moved
    return number


@contextmanager
def open_firm(home: Home, urls: Mapping[str, str]) -> Iterator[Firm]:
    firm = Firm(home, urls)
    try:
        firm.begin()
        yield firm
    finally:
        firm.end()

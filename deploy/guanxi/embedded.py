"""Embedded mode: five services and the gateway in one process, SQLite files, the pull transport."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask

from chassis import health, migrations
from chassis.database import Database
from chassis.log import DatabaseLog
from chassis.worker import Worker
from guanxi import registry
from guanxi.home import DEMO_PASSWORD, Home


class Embedded:
    """Everything, wired: no port, no broker, no network between the parts."""

    def __init__(self, home: Home, *, can_begin_anew: bool = False) -> None:
        self.home, self.can_begin_anew = home, can_begin_anew
        home.make_keys()
        self.services = registry.load_all()
        self.settings = {name: home.settings(name, home.sqlite_url(name)) for name in self.services}
        self.databases = {name: Database(settings.database_url) for name, settings in self.settings.items()}
        for name, service in self.services.items():
            migrations.upgrade(service, self.databases[name], self.settings[name])
        logs = {name: DatabaseLog(database) for name, database in self.databases.items()}
        self.workers = {
            name: Worker(service, self.settings[name], self.databases[name], logs)
            for name, service in self.services.items()
        }
        self._wire_bells()
        self.app = self._gateway()

    def _wire_bells(self) -> None:
        """Whoever commits events wakes those who listen to that service."""
        for name, database in self.databases.items():
            for worker in self.workers.values():
                if worker.puller and name in worker.puller.listens:
                    database.on_commit(worker.wake)

    def _gateway(self) -> Any:
        from gateway.app import create_gateway
        from gateway.settings import GatewaySettings
        from gateway.upstream import WsgiUpstream

        apps = {
            name: WsgiUpstream(service.web(self.settings[name], self.databases[name]))
            for name, service in self.services.items()
        }
        demo_password = DEMO_PASSWORD if self.home.demo else ""
        settings = GatewaySettings.in_one_process(
            feed_token=self.home.secret("feed"), demo_password=demo_password, demo_clears=self.can_begin_anew
        )
        return create_gateway(apps, settings)

    def health_app(self) -> flask.Flask:
        """Liveness, readiness and metrics of all that runs in this process, under the names of the worker processes."""
        app = flask.Flask("guanxi", static_folder=None)
        health.add_health(app, "guanxi", lambda: self._joined(Worker.wrong), lambda: self._joined(Worker.warnings))
        return app

    def _joined(self, ask: Callable[[Worker], dict[str, str]]) -> dict[str, str]:
        return {f"{name} {part}": text for name, one in self.workers.items() for part, text in ask(one).items()}

    def start(self) -> None:
        for worker in self.workers.values():
            worker.start()

    def stop(self) -> None:
        """Finish what is in hand, then close the files."""
        for worker in self.workers.values():
            worker.stopping.set()
        for worker in self.workers.values():
            worker.stop()
        for database in self.databases.values():
            database.close()


def open_embedded(folder: Path, *, demo: bool = True) -> Embedded:
    """The whole system on a data folder that nobody else uses."""
    home = Home(folder, demo=demo)
    home.lock()
    return Embedded(home)

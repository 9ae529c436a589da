"""One process, one purpose: a service's web side, its worker, or the gateway; settings from the environment."""

from __future__ import annotations

import os
import signal
import threading

from chassis import migrations, telemetry
from chassis.database import Database
from chassis.feed import HttpLog
from chassis.log import DatabaseLog, EventSource
from chassis.settings import HalfSet, Settings
from guanxi import registry
from guanxi.server import Server, serve_beside


def serve(name: str) -> None:
    """Answer requests until SIGTERM."""
    settings = Settings.from_environment(name)
    telemetry.log_as_json(name, settings.log_level)
    if not settings.port:
        raise HalfSet(detail="GUANXI_PORT says where to listen")

    def make() -> object:
        return registry.load(name).web(settings, Database(settings.database_url))

    Server(make, f"{os.environ.get('GUANXI_HOST', '127.0.0.1')}:{settings.port}").run()


def work(name: str) -> None:
    """Relay, consume and keep house until SIGTERM."""
    from chassis.worker import Worker

    settings = Settings.from_environment(name)
    telemetry.log_as_json(f"{name}-worker", settings.log_level)
    database = Database(settings.database_url)
    sources: dict[str, EventSource] = {name: DatabaseLog(database)}  # who listens to itself needs no network
    sources |= {other: HttpLog(base, settings.feed_token) for other, base in settings.feeds.items()}
    worker = Worker(registry.load(name), settings, database, sources)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    if settings.health_port:
        serve_beside(worker.app(), os.environ.get("GUANXI_HOST", "127.0.0.1"), settings.health_port)
    worker.start()
    stopped.wait()
    worker.stop()


def migrate(name: str) -> bool:
    """Whether there was anything to do."""
    settings = Settings.from_environment(name)
    return migrations.upgrade(registry.load(name), Database(settings.database_url), settings)


def gateway() -> None:
    """Serve the door until SIGTERM."""
    from gateway.app import create_gateway
    from gateway.settings import GatewaySettings
    from gateway.upstream import HttpUpstream

    settings = GatewaySettings.from_environment()
    telemetry.log_as_json("gateway", settings.log_level)

    def make() -> object:
        return create_gateway({name: HttpUpstream(base) for name, base in settings.upstreams.items()}, settings)

    Server(make, f"{settings.host}:{settings.port}").run()

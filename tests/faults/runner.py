"""A worker of a toy service in a process of its own, as in production, but for what a test puts wrong with it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from chassis import failpoints, telemetry
from chassis.database import Database
from chassis.log import DatabaseLog
from chassis.settings import Settings
from chassis.worker import Worker
from tests import toy
from tests.faults import mutants

SERVICES = {service.name: service for service in (toy.workshop, toy.shelf)}
READY = "the worker is ready"
LOOK_SECONDS = 0.05

log = logging.getLogger(__name__)


def run(name: str, environment: Mapping[str, str], log_file: Path) -> None:
    """Work until SIGTERM, or until the tests are gone. The environment is read as at a start by hand."""
    os.environ.update(environment)
    failpoints._SET = os.environ.get("GUANXI_FAILPOINT", "")  # read at import, and this process was forked after it
    output = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    telemetry.log_as_json(name)
    settings = Settings.from_environment(name)
    for change in ("mutant", "broker", "pace"):
        mutants.apply(settings.extra.get(change, ""))
    sources = {source: DatabaseLog(Database(url)) for source, url in settings.feeds.items()}
    worker = Worker(SERVICES[name], settings, Database(settings.database_url), sources)
    if settings.extra.get("reconcile") == "never":
        worker.reconciler = None
    if worker.consumer:
        mutants.put_wrong(worker.consumer, settings.extra.get("delivery", ""))
        mutants.deadly(worker.consumer, settings.extra.get("deadly", ""))
    work(worker)


def work(worker: Worker) -> None:
    """Run the threads; the main thread only looks whether it is time to go."""
    stopped, parent = threading.Event(), os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker.start()
    is_ready = False
    while not stopped.wait(LOOK_SECONDS):
        if not is_ready and not worker.wrong():
            is_ready = True
            log.info(READY)
        if os.getppid() != parent:
            os._exit(1)
    began = time.monotonic()
    worker.stop()
    log.info("stopped in %.1f s", time.monotonic() - began)
    os._exit(0)  # threads of libraries are no reason to stay

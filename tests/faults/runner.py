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
from tests.faults import wrong
from tests.toy_shelf import newer_shelf

SERVICES = {"workshop": toy.workshop, "shelf": toy.shelf, "newer shelf": newer_shelf}
READY = "the worker is ready"
LOOK_SECONDS = 0.05

log = logging.getLogger(__name__)


def run(name: str, environment: Mapping[str, str], log_file: Path) -> None:
    """Work until SIGTERM, or until the tests are gone. The environment is read as at a start by hand."""
    settings = _begin(name, environment, log_file)
    wrong.with_the_code(settings.extra)
    service = SERVICES[settings.extra.get("build", name)]
    sources = {source: DatabaseLog(Database(url)) for source, url in settings.feeds.items()}
    worker = Worker(service, settings, Database(settings.database_url), sources)
    wrong.with_the_worker(worker, settings.extra, tally_of(log_file))
    work(worker, door_of(log_file))


def write(name: str, environment: Mapping[str, str], log_file: Path) -> None:
    """Make and paint toys without a pause, and note the number of each once its transaction is answered."""
    settings = _begin(name, environment, log_file)
    wrong.with_the_code(settings.extra)
    database, parent = Database(settings.database_url), os.getppid()
    notes = os.open(tally_of(log_file), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    log.info(READY)
    while os.getppid() == parent:
        toy_id = toy.make(database)
        os.write(notes, b"%d 1\n" % toy_id)
        for version in (2, 3):
            toy.paint(database, toy_id, f"colour {version}")
            os.write(notes, b"%d %d\n" % (toy_id, version))


def tally_of(log_file: Path) -> Path:
    return log_file.with_suffix(".tally")


def door_of(log_file: Path) -> Path:
    """Holds the port on which the worker tells of its health."""
    return log_file.with_suffix(".port")


def _begin(name: str, environment: Mapping[str, str], log_file: Path) -> Settings:
    os.environ.update(environment)
    failpoints._SET = os.environ.get("GUANXI_FAILPOINT", "")  # read at import, and this process was forked after it
    output = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    telemetry.log_as_json(name)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    return Settings.from_environment(name)


def work(worker: Worker, door: Path) -> None:
    """Run the threads; the main thread only looks whether it is time to go."""
    stopped, parent = threading.Event(), os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answer(worker, door)
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


def answer(worker: Worker, door: Path) -> None:
    """Health and metrics on a port of its own, as beside every worker in production."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, worker.app(), threaded=True)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    door.write_text(str(server.server_port))


if __name__ == "__main__":
    # not forked but started, for what has to be there before Python is: a library that tells another time
    run(sys.argv[1], {}, Path(sys.argv[2]))

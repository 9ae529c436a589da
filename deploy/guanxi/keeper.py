"""Child processes, forked from one that has loaded everything already, and started again when they die.

Loading the libraries costs seconds of CPU; a fork costs milliseconds and shares the memory.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess

import click

LONGEST_PAUSE_SECONDS = 15
DIE_WITH_PARENT = 1

forking = multiprocessing.get_context("forkserver")
forking.set_forkserver_preload(["guanxi.preload"])


class Keeper:
    """One child process with one purpose, a function of ``guanxi.processes``."""

    def __init__(self, title: str, purpose: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.title, self.purpose, self.arguments, self.environment = title, purpose, arguments, environment
        self.stopping = threading.Event()
        self.child: BaseProcess | None = None
        self.starts = 0
        self._lock = threading.Lock()
        self._watch = threading.Thread(target=self._keep, name=f"keep {title}", daemon=True)

    def start(self) -> None:
        self._spawn()
        self._watch.start()

    def kill(self) -> None:
        """SIGKILL: no farewell. It will be started again."""
        if self.child and self.child.pid:
            os.kill(self.child.pid, signal.SIGKILL)

    def ask_to_stop(self) -> None:
        with self._lock:
            self.stopping.set()
            if self.child and self.child.is_alive():
                self.child.terminate()

    def wait(self, deadline: float) -> None:
        """Until the deadline; then it is killed."""
        if not self.child:
            return
        self.child.join(max(0.1, deadline - time.monotonic()))
        if self.child.is_alive():
            self.child.kill()
            self.child.join()

    def _spawn(self) -> None:
        """Unless told to stop meanwhile: a child begun after that would never be asked to end."""
        with self._lock:
            if self.stopping.is_set():
                return
            child = forking.Process(target=run, args=(self.purpose, self.arguments, dict(self.environment)))
            child.start()
            self.child = child
            self.starts += 1

    def _keep(self) -> None:
        failures = 0
        while not self.stopping.is_set():
            began = time.monotonic()
            if self.child:
                self.child.join()
            if self.stopping.is_set():
                return
            failures = 0 if time.monotonic() - began > LONGEST_PAUSE_SECONDS else failures + 1
            code = self.child.exitcode if self.child else None
            click.echo(f"guanxi: {self.title} ended with {code}; starting it again", err=True)
            pause = random.uniform(0, min(LONGEST_PAUSE_SECONDS, 0.2 * 2**failures))  # noqa: S311  (spreading load)
            if not self.stopping.wait(pause):
                self._spawn()


def run(purpose: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """What happens in the child."""
    from guanxi import processes

    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM)
    os.environ.update(environment)
    getattr(processes, purpose)(*arguments)

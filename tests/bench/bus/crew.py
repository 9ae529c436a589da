"""Processes that work together for a while: all are ready before the first begins, and all end together."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

from tests.infra.processes import wait_until

spawning = multiprocessing.get_context("spawn")
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.05


class Crew:
    """``hands`` are functions ``work(signals, *arguments)`` of a module, each run in a process of its own."""

    def __init__(self) -> None:
        self.signals = Signals()
        self.processes: list[BaseProcess] = []

    def hire(self, work: Callable[..., None], *arguments: Any) -> None:
        process = spawning.Process(target=begin, args=(work, self.signals, *arguments), daemon=True)
        process.start()
        self.processes.append(process)

    def seconds_until(self, is_done: Callable[[], bool]) -> float:
        """Start all at once; how long it took until it was done. Then everybody goes home."""
        try:
            wait_until(lambda: self.signals.ready.value == len(self.processes), what="the crew", patience_seconds=60)
            began = time.monotonic()
            self.signals.start.set()
            while not is_done():
                if time.monotonic() - began > PATIENCE_SECONDS or not all(map(fine, self.processes)):
                    raise RuntimeError("The crew does not get done")
                time.sleep(LOOK_SECONDS)
            return time.monotonic() - began
        finally:
            self.signals.stop.set()
            for process in self.processes:
                process.join(10)
                process.kill()


class Signals:
    """What the processes of a crew tell each other."""

    def __init__(self) -> None:
        self.ready = spawning.Value("i", 0)
        self.start, self.stop = spawning.Event(), spawning.Event()

    def wait_for_start(self) -> None:
        with self.ready.get_lock():
            self.ready.value += 1
        self.start.wait()

    def stopping(self) -> threading.Event:
        """The same signal, as threads of one process wait for it."""
        here = threading.Event()
        threading.Thread(target=lambda: (self.stop.wait(), here.set()), daemon=True).start()
        return here


def begin(work: Callable[..., None], signals: Signals, *arguments: Any) -> None:
    logging.getLogger("pika").setLevel(logging.ERROR)
    gc.collect()
    gc.freeze()  # as guanxi.preload does for the processes of supervised mode
    work(signals, *arguments)


def fine(process: BaseProcess) -> bool:
    """It works, or it has done its work."""
    return process.is_alive() or process.exitcode == 0

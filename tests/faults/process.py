"""One worker process that a test may kill, pause, ask, and start again."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.faults import runner
from tests.infra.postgres import fresh_name
from tests.infra.processes import PATIENCE_SECONDS, ServerDidNotStart, wait_until

STOP_SECONDS = 25.0

nursery = multiprocessing.get_context("forkserver")
nursery.set_forkserver_preload(["tests.faults.runner"])
"""Processes are forked from one that has imported everything: a start costs milliseconds, not a second."""

Child = Callable[[str, Mapping[str, str], Path], None]


class Process:
    """Forked, so that it starts quickly; ``started_with`` gives one that is started, with its own environment."""

    def __init__(self, name: str, environment: Mapping[str, str], folder: Path, child: Child = runner.run) -> None:
        self.name, self.log_file = name, folder / f"{fresh_name(name)}.log"
        self.troubles = 0
        self._begin(environment, child)

    def _begin(self, environment: Mapping[str, str], child: Child) -> None:
        forked = nursery.Process(target=child, args=(self.name, environment, self.log_file), daemon=True)
        forked.start()
        self.pid, self._forked = forked.pid or 0, forked

    @property
    def is_alive(self) -> bool:
        return self._forked.is_alive()

    @property
    def exit_code(self) -> int | None:
        return self._forked.exitcode

    def join(self, seconds: float) -> None:
        self._forked.join(seconds)

    # What happens to it

    def signal(self, number: signal.Signals) -> None:
        if self.is_alive:
            self.troubles += number in (signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM)
            os.kill(self.pid, number)

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)
        self._until(lambda: self._state() == "T", "paused")

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.join(STOP_SECONDS)

    def stop(self) -> float:
        """As a supervisor does: ask, wait, and insist. Seconds until it had ended."""
        began = time.monotonic()
        self.resume()
        self.signal(signal.SIGTERM)
        self.join(STOP_SECONDS)
        if self.is_alive:
            self.kill()
        return time.monotonic() - began

    # What a test waits for

    def until_ready(self) -> Process:
        self._until(lambda: runner.READY in self.log, "ready")
        return self

    def until_dead(self) -> None:
        """Of its own: a failpoint killed it."""
        self._until(lambda: not self.is_alive, "dead")
        self.troubles += 1
        assert self.exit_code == -signal.SIGKILL, self.log

    def until_wrong(self, part: str, words: str = "") -> None:
        """Until its readiness names this part, in these words among others."""

        def is_named() -> bool:
            wrong = self.readiness()["wrong"]
            return part in wrong and words in wrong[part]

        self._until(is_named, f"wrong in {part}")

    def _until(self, so: Callable[[], bool], what: str) -> None:
        try:
            wait_until(so, what=f"{self.name} to be {what}", patience_seconds=PATIENCE_SECONDS)
        except ServerDidNotStart as late:
            raise AssertionError(f"{late}\n{self.log[-4000:]}") from late

    # What it tells

    @property
    def log(self) -> str:
        return self.log_file.read_text() if self.log_file.exists() else ""

    @property
    def tally(self) -> list[str]:
        """Lines that the child has written one by one: also a killed one has told what it told."""
        file = runner.tally_of(self.log_file)
        return file.read_text().splitlines() if file.exists() else []

    def readiness(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._ask("/readyz"))
        return answer

    def metric(self, name: str) -> float:
        """The sum of a metric's series."""
        found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", self._ask("/metrics"), re.MULTILINE)
        return sum(map(float, found))

    def _ask(self, path: str) -> str:
        door = runner.door_of(self.log_file)
        self._until(door.exists, "listening")
        address = f"http://127.0.0.1:{door.read_text()}{path}"
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
                return str(answer.read(), "utf-8")
        except urllib.error.HTTPError as refusal:  # 503 is an answer, too
            return str(refusal.read(), "utf-8")

    @property
    def cpu_seconds(self) -> float:
        """The work it has done: on a busy machine time passes without any."""
        fields = self._stat()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def _state(self) -> str:
        return self._stat()[0]

    def _stat(self) -> list[str]:
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()


class Started(Process):
    """Started from nothing, for what has to be there before Python is."""

    def _begin(self, environment: Mapping[str, str], child: Child) -> None:
        command = [sys.executable, "-m", "tests.faults.runner", self.name, str(self.log_file)]
        self._popen = subprocess.Popen(command, env={**os.environ, **environment})
        self.pid = self._popen.pid

    @property
    def is_alive(self) -> bool:
        return self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._popen.poll()

    def join(self, seconds: float) -> None:
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return

"""Start server programs that listen on a free port and never outlive the tests."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PORTS = range(20_000, 32_000)
"""Below the range from which the system hands out ports for outgoing connections, so none is taken meanwhile."""

POLL_SECONDS = 0.05
PATIENCE_SECONDS = float(os.environ.get("TEST_PATIENCE_SECONDS", "60"))
"""How long a test waits for what has to come, on a machine that others use too; it goes on as soon as it is there."""


class ServerDidNotStart(RuntimeError):
    """A server for the tests ended early or never answered."""


class NotOurServer(RuntimeError):
    """A test wanted to stop a server that these tests did not start."""


@dataclass(frozen=True)
class Account:
    """The unprivileged account under which a server runs when the tests run as root."""

    user: int
    group: int


def free_port() -> int:
    """A TCP port of this machine on which nobody listens."""
    for port in random.sample(PORTS, k=200):
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerDidNotStart("no free TCP port was found")


def start_process(
    command: Sequence[str | Path],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    dies_by: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a server that logs to ``folder/log.txt`` and gets ``dies_by`` when its starter dies.

    The kernel ties this to the starting *thread*: call it from the main thread.
    """
    words = [str(word) for word in command]
    if shutil.which("setpriv"):
        words = ["setpriv", "--pdeathsig", dies_by.name.removeprefix("SIG"), *words]
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            words,
            cwd=folder,
            env=dict(os.environ if environment is None else environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
        )


def stop_process(
    process: subprocess.Popen[bytes] | None, sent: signal.Signals, *, patience_seconds: float = 30
) -> None:
    """Ask with a signal, wait, and kill what does not listen."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(sent)
    try:
        process.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(ready: Callable[[], bool], *, what: str, patience_seconds: float = 120) -> None:
    deadline = time.monotonic() + patience_seconds
    while not ready():
        if time.monotonic() > deadline:
            raise ServerDidNotStart(f"{what} did not answer within {patience_seconds:.0f} s")
        time.sleep(POLL_SECONDS)


def must_run(process: subprocess.Popen[bytes], *, folder: Path, what: str) -> None:
    """Fail at once, with the end of the log, when the program has already ended."""
    if process.poll() is not None:
        tail = (folder / "log.txt").read_text(errors="replace")[-3000:]
        raise ServerDidNotStart(f"{what} ended with code {process.returncode}:\n{tail}")

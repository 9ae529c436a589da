"""One server per run, however many pytest workers ask for it: the first starts it and leaves last."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from tests.infra.processes import wait_until

LAST_TESTS_SECONDS = 1800
"""How long the starter waits for the other workers' last tests before it takes the server away."""


class Server(Protocol):
    """What can be shared."""

    def close(self) -> None: ...


ServerT = TypeVar("ServerT", bound=Server)


@dataclass
class Entry:
    """What the workers tell each other about one server: how to reach it, and who uses it (process ids)."""

    addresses: list[str] = field(default_factory=list)
    users: list[int] = field(default_factory=list)

    def forget_the_dead(self) -> None:
        self.users = [user for user in self.users if is_running(user)]


class Shared(Generic[ServerT]):
    """A server that is started by the first worker in need and closed when the last one has finished.

    ``start`` makes it, ``describe`` turns it into addresses, ``attach`` makes another handle from these.
    """

    def __init__(
        self,
        path: Path,
        *,
        start: Callable[[], ServerT],
        describe: Callable[[ServerT], list[str]],
        attach: Callable[..., ServerT],
    ) -> None:
        self.path = path
        self.start, self.describe, self.attach = start, describe, attach
        self.handle: ServerT | None = None
        self.is_starter = False

    def acquire(self) -> ServerT:
        if self.handle is None:
            with self.entry() as entry:
                self.is_starter = not entry.users
                self.handle = self.start() if self.is_starter else self.attach(*entry.addresses)
                if self.is_starter:
                    entry.addresses = self.describe(self.handle)
                entry.users.append(os.getpid())
        return self.handle

    def release(self) -> None:
        if self.handle is None:
            return
        with self.entry() as entry:
            entry.users.remove(os.getpid())
        if self.is_starter:
            wait_until(self.is_unused, what="the other workers", patience_seconds=LAST_TESTS_SECONDS)
            self.handle.close()
        self.handle = None

    def is_unused(self) -> bool:
        with self.entry() as entry:
            return not entry.users

    @contextmanager
    def entry(self) -> Iterator[Entry]:
        """The shared entry, read, changed and written back while nobody else can."""
        with self.path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            text = file.read()
            entry = Entry(**json.loads(text)) if text else Entry()
            entry.forget_the_dead()
            yield entry
            file.seek(0)
            file.truncate()
            json.dump(asdict(entry), file)


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True

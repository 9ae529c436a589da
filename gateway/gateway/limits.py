"""Limits: how often one client may try to sign in, and how many requests one session may send."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from chassis.problems import TooManyRequests
from chassis.settings import HalfSet
from gateway.settings import GatewaySettings

UNITS = {"second": 1, "minute": 60, "hour": 3600}
MOST_COUNTED = 50_000
OWN_NETWORK_BITS = 64
"""How much of an IPv6 address its owner did not choose."""


@dataclasses.dataclass(frozen=True)
class Allowance:
    """So many in so many seconds."""

    most: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Allowance:
        """``30/minute`` or ``5000/10 second``. Raises HalfSet for anything else."""
        match = re.fullmatch(r"(\d+)/(?:(\d+) )?(second|minute|hour)", text)
        if not match:
            raise HalfSet(detail=f"{text!r} is no limit such as 30/minute or 5000/10 second")
        return cls(int(match[1]), int(match[2] or 1) * UNITS[match[3]])


class Windows:
    """Counts per client in fixed windows.

    By hand, because the library made for it starts a timer thread a hundred times a second to throw counts away,
    which cost more than everything else at the door (docs of the measurement: README).
    """

    def __init__(self, allowance: Allowance, clock: Callable[[], float] = time.monotonic) -> None:
        self.allowance, self.clock = allowance, clock
        self._counts: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def must_have_room(self, who: str) -> None:
        """Raises TooManyRequests when the window is full."""
        who = counted_as(who)
        window, passed = divmod(self.clock(), self.allowance.seconds)
        counted_in, count = self._counts.get(who, (0, 0))
        if counted_in == window and count >= self.allowance.most:
            raise TooManyRequests(retry_after_seconds=max(1, int(self.allowance.seconds - passed) + 1))

    def count(self, who: str) -> None:
        """One more; raises TooManyRequests instead when the window is full."""
        self.must_have_room(who)
        who = counted_as(who)
        window = int(self.clock() // self.allowance.seconds)
        with self._lock:
            counted_in, count = self._counts.get(who, (0, 0))
            self._counts[who] = (window, count + 1 if counted_in == window else 1)
            if len(self._counts) > MOST_COUNTED:
                self._make_room(window)

    def _make_room(self, window: float) -> None:
        """Older windows go; if that is not enough, all: counting may never cost more than what it counts."""
        self._counts = {name: seen for name, seen in self._counts.items() if seen[0] == window}
        if len(self._counts) > MOST_COUNTED // 2:
            self._counts = {}


def counted_as(who: str) -> str:
    """An IPv6 address counts as its network: whoever has one has as many as he likes."""
    if ":" not in who:
        return who
    try:
        return str(ipaddress.IPv6Network((who, OWN_NETWORK_BITS), strict=False))
    except ValueError:
        return who


class Limits:
    """Counted in this process: with several gateways each allows as much."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.trusted_proxies = settings.trusted_proxies
        self._failed = Windows(Allowance.parse(settings.failed_sign_ins))
        self._sign_ins = Windows(Allowance.parse(settings.sign_ins))
        self._requests = Windows(Allowance.parse(settings.requests))

    def request(self, token: str) -> None:
        """Count one. Raises TooManyRequests."""
        self._requests.count(token)

    def sign_in(self, environ: dict[str, Any]) -> None:
        """Count one attempt. Raises TooManyRequests, also when too many failed before."""
        self._sign_ins.count(self.client(environ))
        self._failed.must_have_room(self.client(environ))

    def failed_sign_in(self, environ: dict[str, Any]) -> None:
        """Only failures count strictly: a whole office may sign in from one address at nine o'clock."""
        self._failed.count(self.client(environ))

    def client(self, environ: dict[str, Any]) -> str:
        """The address of the client, as the outermost proxy of our own saw it."""
        hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if self.trusted_proxies and len(hops) >= self.trusted_proxies and hops[-self.trusted_proxies]:
            return str(hops[-self.trusted_proxies])
        return str(environ.get("REMOTE_ADDR", "unknown"))

"""Limits: how often one client may try to sign in, and how many requests one session may send."""

from __future__ import annotations

import time
from typing import Any

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from chassis.problems import TooManyRequests
from gateway.settings import GatewaySettings

ADDRESS, FAILED, TOKEN = "address", "failed", "token"


class Limits:
    """Counted in this process: with several gateways each allows as much."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.trusted_proxies = settings.trusted_proxies
        self.failed_sign_ins = parse(settings.failed_sign_ins)
        self.sign_ins = parse(settings.sign_ins)
        self.requests = parse(settings.requests)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def request(self, token: str) -> None:
        """Count one. Raises TooManyRequests."""
        if not self._limiter.hit(self.requests, TOKEN, token):
            self._refuse(self.requests, TOKEN, token)

    def sign_in(self, environ: dict[str, Any]) -> None:
        """Count one attempt. Raises TooManyRequests, also when too many failed before."""
        address = self.client(environ)
        if not self._limiter.hit(self.sign_ins, ADDRESS, address):
            self._refuse(self.sign_ins, ADDRESS, address)
        if not self._limiter.test(self.failed_sign_ins, FAILED, address):
            self._refuse(self.failed_sign_ins, FAILED, address)

    def failed_sign_in(self, environ: dict[str, Any]) -> None:
        """Only failures count strictly: a whole office may sign in from one address at nine o'clock."""
        self._limiter.hit(self.failed_sign_ins, FAILED, self.client(environ))

    def client(self, environ: dict[str, Any]) -> str:
        """The address of the client, as the outermost proxy of our own saw it."""
        hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if self.trusted_proxies and len(hops) >= self.trusted_proxies and hops[-self.trusted_proxies]:
            return str(hops[-self.trusted_proxies])
        return str(environ.get("REMOTE_ADDR", "unknown"))

    def _refuse(self, limit: RateLimitItem, *who: str) -> None:
        reset_at = self._limiter.get_window_stats(limit, *who).reset_time
        seconds = max(1, int(reset_at - time.time()) + 1)
        raise TooManyRequests(retry_after_seconds=seconds)

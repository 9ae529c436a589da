"""An event sent to an address outside, signed as Standard Webhooks has it; and the question whether it arrived.

Only what is certain counts as done or not done: no answer, or an error on the other side, leaves open what happened.
Source: https://www.standardwebhooks.com
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import ipaddress
import socket
import time
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import urllib3

from chassis.effects import Answer, Outcome
from chassis.problems import Problem

TIMEOUT = urllib3.Timeout(connect=3, read=10)
LONGEST_ANSWER = 200
LONGEST_WAIT = timedelta(hours=6)
SECRET_PREFIX = "whsec_"  # noqa: S105  (how such secrets begin)
KNEW_IT = 409
"""The other side has had a delivery of this id before."""
NOT_NOW = {408, 425, 429, 503}
GONE = 410


class NotAllowed(Problem):
    """The address lies where nothing outside can be: this machine, or the network's own plumbing."""

    host: str


@dataclasses.dataclass(frozen=True)
class Target:
    """Where to, and the secret that both sides know."""

    url: str
    secret: str


class Courier:
    """Delivers, to no address that lies inside. ``may_reach`` names hosts that are allowed all the same."""

    def __init__(self, may_reach: Collection[str] = ()) -> None:
        self.may_reach = frozenset(may_reach)

    def deliver(self, target: Target, name: str, body: bytes) -> Answer:
        """POST it. ``name`` is the same for every try: it is how the other side knows a repeat."""
        now = str(int(time.time()))
        headers = {"content-type": "application/json", "webhook-timestamp": now}
        headers["webhook-signature"] = signature(target.secret, name, now, body)
        return self._ask("POST", target, name, headers, body)

    def has_arrived(self, target: Target, name: str) -> Answer:
        """GET with the delivery's id: 2xx says that it did, 404 that it did not."""
        now = str(int(time.time()))
        headers = {"webhook-timestamp": now, "webhook-signature": signature(target.secret, name, now, b"")}
        return self._ask("GET", target, name, headers, None)

    def _ask(self, method: str, target: Target, name: str, headers: dict[str, str], body: bytes | None) -> Answer:
        judge = _judge_delivery if method == "POST" else _judge_question
        try:
            with self._pool(target.url) as pool:
                parts = urlsplit(target.url)
                path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
                sent = {"host": parts.netloc, "user-agent": "Guanxi", "webhook-id": name, **headers}
                answer = pool.urlopen(method, path, body, sent, retries=False, redirect=False, preload_content=False)
                text = answer.read(LONGEST_ANSWER).decode(errors="replace")
                answer.close()
        except (
            urllib3.exceptions.ConnectTimeoutError,
            urllib3.exceptions.NewConnectionError,
            socket.gaierror,
        ) as error:
            return Answer(Outcome.NOT_DONE, f"cannot be reached: {type(error).__name__}")
        except urllib3.exceptions.SSLError as error:
            return Answer(Outcome.NOT_DONE, f"its certificate does not hold: {error}")
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return Answer(Outcome.UNCLEAR, f"no answer: {type(error).__name__}")
        except NotAllowed as problem:
            return Answer(Outcome.REFUSED, problem.title)
        return judge(answer.status, f"{answer.status} {text}".strip(), _wait(answer.headers.get("retry-after", "")))

    def _pool(self, url: str) -> urllib3.HTTPConnectionPool:
        """Connections to the very address that was looked at, whatever the name means a moment later."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = self._address(host, port)
        more: dict[str, Any] = {"timeout": TIMEOUT, "maxsize": 1}
        if parts.scheme == "https":
            return urllib3.HTTPSConnectionPool(address, port, assert_hostname=host, server_hostname=host, **more)
        return urllib3.HTTPConnectionPool(address, port, **more)

    def _address(self, host: str, port: int) -> str:
        """Raises NotAllowed, socket.gaierror."""
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if host not in self.may_reach and any(map(lies_inside, found)):
            raise NotAllowed(host=host)
        return found[0]


def lies_inside(address: str) -> bool:
    """Whether an address is this machine's own or nobody's; one in a private network may well be another system's."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or found
    return mapped.is_loopback or mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified


def signature(secret: str, name: str, timestamp: str, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256 of id, time and body."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = hmac.new(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def new_secret(noise: bytes) -> str:
    return SECRET_PREFIX + base64.b64encode(noise).decode()


def _judge_delivery(status: int, told: str, wait: timedelta | None) -> Answer:
    if 200 <= status < 300 or status == KNEW_IT:
        return Answer(Outcome.DONE, told)
    if status == GONE:
        return Answer(Outcome.REFUSED, told)
    if status in NOT_NOW:
        return Answer(Outcome.NOT_DONE, told, wait)
    if status >= 500:
        return Answer(Outcome.UNCLEAR, told)  # it may have broken after it was taken in
    return Answer(Outcome.NOT_DONE, told)


def _judge_question(status: int, told: str, _wait: timedelta | None) -> Answer:
    if 200 <= status < 300:
        return Answer(Outcome.DONE, f"asked: {told}")
    return Answer(Outcome.NOT_DONE if status == 404 else Outcome.UNCLEAR, f"asked: {told}")


def _wait(text: str) -> timedelta | None:
    return min(timedelta(seconds=int(text)), LONGEST_WAIT) if text.isascii() and text.isdigit() else None

"""Services behind the door, reached over HTTP or, in embedded mode, called in this very process."""

from __future__ import annotations

import contextvars
import dataclasses
import io
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import urllib3

from chassis.problems import Problem, Unavailable
from gateway.breaker import Breaker

log = logging.getLogger(__name__)
Headers = list[tuple[str, str]]
CONNECT_SECONDS, READ_SECONDS = 2.0, 65.0
CONNECTIONS = 32
BLOCK = 64 * 1024
PATH_SAFE = "/:@!$&'()*+,;=-._~"


class Stream(Protocol):
    """Something to read a body from."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclasses.dataclass(slots=True)
class Asked:
    """A request to an upstream; ``path`` is decoded as WSGI does it (bytes as latin-1)."""

    method: str
    path: str
    query: str = ""
    headers: Headers = dataclasses.field(default_factory=list)
    body: Stream | None = None
    length: int = 0

    @classmethod
    def with_body(cls, method: str, path: str, headers: Headers, body: bytes) -> Asked:
        return cls(method, path, "", headers, io.BytesIO(body), len(body))


@dataclasses.dataclass(slots=True)
class Answer:
    """What an upstream answered; ``body`` has to be consumed or closed."""

    status: int
    headers: Headers
    body: Iterable[bytes]

    def read(self) -> bytes:
        try:
            return b"".join(self.body)
        finally:
            self.close()

    def close(self) -> None:
        getattr(self.body, "close", lambda: None)()


class Upstream(Protocol):
    """One service."""

    def ask(self, asked: Asked) -> Answer:
        """Raises Unavailable when nobody answers."""


class WsgiUpstream:
    """A service's WSGI application in the same process: no port, no copy of bodies."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app

    def ask(self, asked: Asked) -> Answer:
        began: list[Any] = []

        def start_response(status: str, headers: Headers, exc_info: Any = None) -> None:
            began[:] = status, headers

        try:  # in a context of its own: its trace is a step of ours, not ours
            body = contextvars.copy_context().run(self.app, _environ(asked), start_response)
        except Exception as error:
            log.exception("An embedded service failed")
            raise Problem(detail="We were told of this error and will look into it") from error
        return Answer(int(began[0][:3]), began[1], body)


_BLANK = {
    "SCRIPT_NAME": "",
    "SERVER_NAME": "guanxi",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "guanxi",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


def _environ(asked: Asked) -> dict[str, Any]:
    """Built anew: nothing that a client sent comes along unless it is in ``asked``."""
    environ: dict[str, Any] = {
        **_BLANK,
        "REQUEST_METHOD": asked.method,
        "PATH_INFO": asked.path,
        "QUERY_STRING": asked.query,
        "wsgi.input": asked.body or io.BytesIO(),
        "CONTENT_LENGTH": str(asked.length),
    }
    for name, value in asked.headers:
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else "HTTP_" + key] = value
    return environ


class HttpUpstream:
    """A service behind an address, with connections kept open and a breaker for when it is gone."""

    def __init__(self, base: str, breaker: Breaker | None = None) -> None:
        parts = urlsplit(base)
        self.prefix = parts.path.rstrip("/")
        self.breaker = breaker or Breaker(base)
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        # A request that was sent may have been done: only a connection that never came about is tried again.
        retries = urllib3.Retry(total=1, redirect=0, status=0, other=0, allowed_methods={"GET", "HEAD"})
        self.pool = urllib3.connection_from_url(base, maxsize=CONNECTIONS, timeout=timeout, retries=retries)

    def ask(self, asked: Asked) -> Answer:
        self.breaker.must_be_closed()
        try:
            response = self.pool.urlopen(
                asked.method,
                self._target(asked),
                body=_body(asked),
                headers=_sent_headers(asked),
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            self.breaker.failed()
            raise Unavailable(detail=f"{self.breaker.name} does not answer") from error
        self.breaker.succeeded()
        return Answer(response.status, list(response.headers.items()), _Blocks(response))

    def _target(self, asked: Asked) -> str:
        path = self.prefix + quote(asked.path.encode("latin-1"), safe=PATH_SAFE)
        return f"{path}?{asked.query}" if asked.query else path


def _sent_headers(asked: Asked) -> dict[str, str]:
    headers = dict(asked.headers)
    if asked.length or asked.method not in ("GET", "HEAD"):
        headers["Content-Length"] = str(asked.length)
    return headers


def _body(asked: Asked) -> Iterator[bytes] | None:
    """Block by block, read once and never beyond its end."""
    if asked.body is None or not asked.length:
        return None
    return _blocks(asked.body, asked.length)


def _blocks(stream: Stream, left: int) -> Iterator[bytes]:
    while left and (block := stream.read(min(BLOCK, left))):
        left -= len(block)
        yield block


class _Blocks:
    """An answer's body, block by block; closing it gives the connection back."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self.response = response

    def __iter__(self) -> Iterator[bytes]:
        return self.response.stream(BLOCK, decode_content=False)

    def close(self) -> None:
        """A connection with unread bytes is thrown away; one that was read to the end is back in the pool already."""
        self.response.close()

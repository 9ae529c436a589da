"""Somebody outside who is sent things over HTTP, on a real port: a test says what he answers, and how badly."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclasses.dataclass(frozen=True)
class Request:
    """What was sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclasses.dataclass(frozen=True)
class Reply:
    """What is answered; ``after_seconds`` is how long it takes, ``is_cut`` closes the connection instead."""

    status: int
    text: str = ""
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    after_seconds: float = 0.0
    is_cut: bool = False


Script = Callable[[Request], Reply]


class Receiver(ThreadingHTTPServer):
    """Remembers what came, and answers by its script."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.received: list[Request] = []
        self.hung_up = threading.Event()
        """Lets go whoever waits for a slow reply."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def of(self, method: str) -> list[Request]:
        return [one for one in self.received if one.method == method]


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        self.server.received.append(request)
        self._reply(self.server.script(request))

    def do_GET(self) -> None:
        self.do_POST()

    def _reply(self, reply: Reply) -> None:
        self.server.hung_up.wait(reply.after_seconds)
        if reply.is_cut:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {"content-length": str(len(reply.text.encode())), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.text.encode())

    def log_message(self, format: str, *_arguments: object) -> None:
        """Tests look at what was received instead."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # whoever asked has gone
            self.close_connection = True


@contextmanager
def receiving(script: Script) -> Iterator[Receiver]:
    """A receiver on a free port of this machine, gone at the end."""
    receiver = Receiver(script)
    serving = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    try:
        yield receiver
    finally:
        receiver.hung_up.set()
        receiver.shutdown()
        receiver.server_close()
        serving.join(10)

"""gunicorn, told what to do by us and not by files: one worker process with threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

THREADS = 16
GRACE_SECONDS = 3
LONGEST_HEADER = 64 * 1024
"""The signed token of a supervisor carries the whole team: 500 people make 2 to 5 KB, twenty thousand 40 KB. Clients of
the gateway send only the opaque one."""


class Server(BaseApplication):  # type: ignore[misc]
    """Serve what ``make`` returns; it is called in the worker process, after the fork.

    ``ready`` runs when the worker can answer, ``ended`` when it has answered its last request.
    """

    def __init__(
        self,
        make: Callable[[], Any],
        bind: str,
        *,
        processes: int = 1,
        ready: Callable[[], None] = lambda: None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self.make, self.bind, self.processes, self.ready, self.ended = make, bind, processes, ready, ended
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": self.bind,
            "workers": self.processes,
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": GRACE_SECONDS,
            "timeout": 60,
            "keepalive": 15,
            "limit_request_field_size": LONGEST_HEADER,
            "worker_tmp_dir": None,
            "loglevel": "warning",
            "proc_name": "guanxi",
            "control_socket_disable": True,  # all instances would share one path below HOME (stack.md, trap 4)
            "post_worker_init": lambda _worker: self.ready(),
            "worker_exit": lambda _server, _worker: self.ended(),
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self.make()


def serve_beside(app: Any, host: str, port: int) -> None:
    """Answer in a thread of this process: health and metrics, beside what it is there for."""
    from werkzeug.serving import make_server

    server = make_server(host, port, app, threaded=True)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()

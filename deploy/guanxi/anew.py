"""Beginning anew: where everything is for show, an administrator clears all of it with one call.

The call exists only in one process with demo accounts: elsewhere the log is kept for ever, and nobody listens at this
address. What is cleared is put aside in the data folder, not deleted, until the next clearing.
"""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from chassis.events import encode
from chassis.problems import Forbidden, MethodNotAllowed, Problem, wrong_field
from gateway.forward import passed_back, refusal
from gateway.session import must_be_own_page
from gateway.upstream import Answer
from guanxi import registry
from guanxi.home import Home

log = logging.getLogger(__name__)
ADDRESS = "/api/demo/clearing"
WORD = "clear"
"""Typed by whoever wants it; a call without it does nothing."""
NEEDS = "role:write"
MARK = "begin-anew"
ASIDE = "before-clearing"
LONGEST = 1024
ANSWER_SECONDS = 0.5
"""So long the answer may be on its way before the process ends."""
Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


def clearable(app: Wsgi, home: Home) -> Wsgi:
    """The same application; in demo mode with one more address."""
    return Clearing(app, home, end_this_process) if home.demo else app


def end_this_process() -> None:
    """gunicorn starts another worker in its place, on the same port and folder."""
    os.kill(os.getpid(), signal.SIGTERM)


class Clearing:
    """A WSGI application around another: it answers one address, and leaves the rest alone."""

    def __init__(self, app: Wsgi, home: Home, end: Callable[[], None]) -> None:
        self.app, self.home, self.end = app, home, end

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != ADDRESS:
            return self.app(environ, start_response)
        try:
            answer = self._answer(environ)
        except Problem as problem:
            answer = refusal(problem)
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", passed_back(answer, []))
        return answer.body

    def _answer(self, environ: Environ) -> Answer:
        if environ["REQUEST_METHOD"] != "POST":
            raise MethodNotAllowed(allowed=("POST",))
        if not environ.get("HTTP_AUTHORIZATION"):
            must_be_own_page(environ)
        me = self._me(environ)
        if me.status != 200:
            return me
        if NEEDS not in json.loads(me.read())["rights"]:
            raise Forbidden(needs=NEEDS)
        if _word(environ) != WORD:
            raise wrong_field("/word", f"Write {WORD}")
        ask_to_begin_anew(self.home.folder)
        log.warning("All data are cleared: somebody asked to begin anew")
        threading.Timer(ANSWER_SECONDS, self.end).start()
        body = encode({"state": "clearing"})
        return Answer(202, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))], [body])

    def _me(self, environ: Environ) -> Answer:
        """Who asks, as the application itself sees it."""
        said: list[Any] = []
        asked = {**environ, "REQUEST_METHOD": "GET", "PATH_INFO": "/api/me", "QUERY_STRING": "", "CONTENT_LENGTH": "0"}
        asked.pop("HTTP_ACCEPT_ENCODING", None)  # it is read here, not by a browser
        body = self.app(
            asked | {"wsgi.input": io.BytesIO()}, lambda status, headers, *_: said.extend((status, headers))
        )
        return Answer(int(said[0].split()[0]), said[1], [b"".join(body)])


def _word(environ: Environ) -> object:
    length = min(int(environ.get("CONTENT_LENGTH") or 0), LONGEST)
    try:
        said = json.loads(environ["wsgi.input"].read(length) or b"null")
    except ValueError:
        return None
    return said.get("word") if isinstance(said, dict) else None


def ask_to_begin_anew(folder: Path) -> None:
    """What was put aside before makes room; the mark comes last."""
    shutil.rmtree(folder / ASIDE, ignore_errors=True)
    (folder / MARK).touch()


def begin_anew_if_asked(home: Home) -> bool:
    """Put the databases aside before anybody opens them. Cut short, it goes on at the next start."""
    mark = home.folder / MARK
    if not home.demo or not mark.exists():
        return False
    aside = home.folder / ASIDE
    aside.mkdir(exist_ok=True, mode=0o700)
    for path in _cleared(home.folder):
        path.replace(aside / path.name)
    mark.unlink()
    return True


def _cleared(folder: Path) -> list[Path]:
    """The databases with what SQLite keeps beside them, and how far the told story is; keys and secrets stay."""
    names = [f"{package}.db{end}" for package in registry.PACKAGES.values() for end in ("", "-wal", "-shm")]
    return [folder / name for name in (*names, "demo.json") if (folder / name).exists()]

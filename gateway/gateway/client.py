"""The built web client: one page for all its addresses, and files whose content never changes under a name."""

from __future__ import annotations

from pathlib import Path

import flask
from werkzeug.security import safe_join

from chassis.problems import NotFound
from gateway.settings import GatewaySettings

CLIENT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""Styles are written by the client's own code, as elements without a file; scripts never are."""
PAGE = "index.html"
FOR_EVER = "public, max-age=31536000, immutable"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
NEVER_PAGES = ("api/", "assets/", "problems/")


class Client:
    """Without a build there is nothing to serve, and ``is_built`` says so."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings, self.folder = settings, settings.client

    @property
    def is_built(self) -> bool:
        return (self.folder / PAGE).is_file()

    def page(self) -> flask.Response:
        """Asked for anew each time; what it names is kept for ever."""
        response = _file(self.folder, PAGE)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = CLIENT_CSP
        return response

    def asset(self, name: str) -> flask.Response:
        response = _file(self.folder / "assets", name)
        response.headers["Cache-Control"] = FOR_EVER
        return response

    def elsewhere(self, path: str) -> flask.Response:
        """An address that only the client knows: its page, for whoever wants to see one."""
        sees = flask.request.method in ("GET", "HEAD") and "text/html" in flask.request.headers.get("Accept", "")
        if not sees or not self.is_built or path.startswith(NEVER_PAGES) or "." in path.rpartition("/")[2]:
            raise NotFound(detail="There is nothing at this address")
        return self.page()

    def welcome(self) -> flask.Response:
        """What the client shows before anybody has signed in: in demo mode, the accounts, and if it can be cleared."""
        accounts = [
            {"login": login, "zh-CN": role[0], "en": role[1]} for login, role in self.settings.demo_accounts.items()
        ]
        shown = {
            "password": self.settings.demo_password,
            "accounts": accounts,
            "clears": self.settings.demo_clears,
        }
        return flask.jsonify(demo=shown if self.settings.demo_password else None)


TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""Of what Vite writes; a machine's own table of types may say otherwise."""


def _type_of(name: str) -> str:
    return TYPES.get(Path(name).suffix, "application/octet-stream")


def _file(folder: Path, name: str) -> flask.Response:
    """A file of the folder, compressed beforehand where the client can read that. Raises NotFound."""
    path = safe_join(str(folder), name)
    if path is None or not Path(path).is_file():
        raise NotFound(detail="There is nothing at this address")
    packed = f"{path}.gz"
    is_packed = flask.request.accept_encodings["gzip"] > 0 and Path(packed).is_file()
    response = flask.send_file(packed if is_packed else path, mimetype=_type_of(name), conditional=True)
    response.headers["Vary"] = "Accept-Encoding"
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    return response

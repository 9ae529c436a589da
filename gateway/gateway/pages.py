"""What the gateway shows by itself: the web client, the state of things, the API document, pages about problems."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import flask

from chassis import health
from chassis.events import encode
from chassis.problems import NotFound, Problem
from chassis.web import new_app
from gateway import openapi
from gateway.client import METHODS as CLIENT_METHODS
from gateway.client import Client
from gateway.prose import prose
from gateway.settings import GatewaySettings
from gateway.state import States
from gateway.upstream import Upstream

PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ASSETS = Path(__file__).parent / "assets"
OWN_ASSETS = ("docs.css", "icon.svg", "page.css")
BROWSER_FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
SLUG = re.compile(r"[a-z0-9-]{1,80}")
UNJOINED_SECONDS = 5.0
"""How long a document stays that lacks a service which did not answer."""


def pages(upstreams: Mapping[str, Upstream], settings: GatewaySettings) -> flask.Flask:
    """The Flask application behind the door."""
    app = new_app("gateway")
    states, joined = States(upstreams, settings.workers), _Joined(upstreams)
    client = Client(settings)

    def front() -> str:
        return flask.render_template(
            "front.html", zh=_in_chinese(), states=states.all(), settings=settings, ready=_unready(states) == {}
        )

    def problem(slug: str) -> str:
        if not SLUG.fullmatch(slug):
            raise NotFound()
        return flask.render_template("problem.html", slug=slug, **_about(slug, settings.problem_pages))

    def asset(name: str) -> flask.Response:
        return flask.send_from_directory(ASSETS, name) if name in OWN_ASSETS else client.asset(name)

    app.add_url_rule("/", "front", lambda: client.page() if client.is_built else front())
    app.add_url_rule("/status", "status", front)
    app.add_url_rule("/welcome.json", "welcome", client.welcome)
    app.add_url_rule("/problems/<slug>", "problem", problem)
    app.add_url_rule("/api/openapi.json", "openapi", lambda: _json(joined.document()))
    app.add_url_rule("/api/docs", "docs", lambda: flask.render_template("docs.html"))
    app.add_url_rule("/api/docs/openapi.json", "docs openapi", lambda: _json(joined.for_the_browser()))
    app.add_url_rule("/api/docs/<name>", "docs files", _browser_file)
    app.add_url_rule("/assets/<path:name>", "assets", asset)
    # A page of plain JSON names no icon: browsers then ask for this one.
    app.add_url_rule("/favicon.ico", "icon", lambda: flask.send_from_directory(ASSETS, "icon.svg"))
    health.add_health(app, "gateway", lambda: _unready(states))
    app.add_url_rule(
        "/<path:path>", "client", client.elsewhere, methods=CLIENT_METHODS, provide_automatic_options=False
    )
    app.after_request(lambda response: _secured(response, settings))
    return app


class _Joined:
    """The joined document: made once, or again after a moment while a service is missing."""

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self.upstreams = upstreams
        self._document: openapi.Document = {}
        self._until = 0.0
        self._lock = threading.Lock()

    def document(self) -> openapi.Document:
        with self._lock:
            if time.monotonic() >= self._until:
                documents, missing = openapi.fetch(self.upstreams)
                self._document = openapi.join(documents)
                self._until = time.monotonic() + UNJOINED_SECONDS if missing else float("inf")
            return self._document

    def for_the_browser(self) -> openapi.Document:
        return openapi.for_the_browser(self.document())


def _json(document: openapi.Document) -> flask.Response:
    """In the order in which it was written: a document begins with what it is."""
    return flask.Response(encode(document), mimetype="application/json")


def _unready(states: States) -> dict[str, str]:
    """What is wrong, by service."""
    found = states.all()
    return {
        state.name: "; ".join(f"{part}: {why}" for part, why in state.wrong.items()) for state in found if state.wrong
    }


def _browser_file(name: str) -> flask.Response:
    """A file of the bundled API browser, or our own few lines that start it."""
    if name == "init.js":
        return flask.send_from_directory(ASSETS, name)
    if name not in BROWSER_FILES:
        raise NotFound(detail="There is nothing at this address")
    vendor = Path(str(files("swagger_ui_bundle"))) / "vendor"
    [folder] = vendor.glob("swagger-ui-*")
    return flask.send_from_directory(folder, name)


def _about(slug: str, folder: Path) -> dict[str, Any]:
    """Title, status and text about a kind of problem: its page, or the sentence that is its title."""
    known = {kind.slug: kind for kind in _kinds(Problem)}.get(slug)
    page = folder / f"{slug}.md"
    return {
        "title": known.title if known else slug.replace("-", " ").capitalize(),
        "status": known.status if known else None,
        "text": prose(page.read_text("utf-8")) if page.is_file() else "",
    }


def _kinds(kind: type[Problem]) -> list[type[Problem]]:
    return [kind, *(found for below in kind.__subclasses__() for found in _kinds(below))]


def _in_chinese() -> bool:
    asked = flask.request.args.get("lang")
    best = flask.request.accept_languages.best_match(["en", "zh"], "en")
    return asked == "zh" if asked in ("zh", "en") else best == "zh"


def _secured(response: flask.Response, settings: GatewaySettings) -> flask.Response:
    response.headers.setdefault("Content-Security-Policy", PAGE_CSP)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if settings.https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response

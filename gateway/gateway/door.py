"""The door at work: who asks, how often, for whom; then the request goes on and the answer comes back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec

from chassis import caller, telemetry, trace
from chassis.problems import MethodNotAllowed, NotFound, Problem, Unauthenticated, wrong_field
from gateway import arrivals, session, story
from gateway.exchange import Ask, Exchange
from gateway.forward import asked_of, passed_back, refusal
from gateway.limits import Allowance, Limits, Windows
from gateway.packing import packed
from gateway.routes import ARRIVALS, STORY, WHO_MAY_WHAT, owner_of
from gateway.settings import GatewaySettings
from gateway.upstream import Answer, Asked, Headers, Upstream

log = logging.getLogger(__name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READS = ("GET", "HEAD", "OPTIONS")
SESSION = "/api/session"
HEARS_OF_CLIENTS = "identity"
"""Who is told from where a client comes: sign-ins and sessions are noted with it."""
LARGEST_SIGN_IN = 64 * 1024
Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
STATUS_LINES = {int(status): f"{int(status)} {status.phrase}" for status in HTTPStatus}


class Door:
    """A WSGI application for ``/api/…``; what it does not own, ``pages`` answers."""

    def __init__(self, upstreams: Mapping[str, Upstream], settings: GatewaySettings, pages: Wsgi) -> None:
        self.upstreams, self.settings, self.pages = upstreams, settings, pages
        strangers = Windows(Allowance.parse(settings.unknown_tokens))
        self.exchange = Exchange(upstreams["identity"], settings.feed_token, unknown=strangers)
        self.limits = Limits(settings)
        self.cookie = session.cookie_name(settings)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        owner = owner_of(path)
        if owner is None and path != ARRIVALS and not path.startswith(STORY):
            return self.pages(environ, start_response)
        segment = path[5:].partition("/")[0]
        began = time.perf_counter()
        trace.begin(environ.get("HTTP_TRACEPARENT"))
        more: Headers = [("X-Trace-Id", trace.trace_id())]
        answer = packed(environ, path, self._answered(environ, path, owner, more))
        _note(environ, segment, answer.status, time.perf_counter() - began)
        start_response(STATUS_LINES.get(answer.status, f"{answer.status} -"), passed_back(answer, more))
        return answer.body

    def _answered(self, environ: Environ, path: str, owner: str | None, more: Headers) -> Answer:
        """Whatever happens, an answer; ``more`` collects headers of our own."""
        try:
            return self._answer(environ, path, owner, more)
        except Problem as problem:
            return refusal(problem)
        except Exception:
            log.exception("Unforeseen error")
            return refusal(Problem(detail="We were told of this error and will look into it"))

    def _answer(self, environ: Environ, path: str, owner: str | None, more: Headers) -> Answer:
        method = environ["REQUEST_METHOD"]
        if method not in METHODS:
            raise MethodNotAllowed(allowed=METHODS)
        if path == SESSION and method == "POST":
            return self._sign_in(environ, more)
        if path == SESSION and method == "DELETE":
            return self._sign_out(environ, more)
        upstream = self._upstream(owner) if owner else None
        ask = self._ask(environ, path)
        signed = self.exchange.signed(ask)
        self.limits.request(ask.token)  # after the exchange: made-up tokens are not counted one by one
        headers = [("Authorization", f"Bearer {signed}"), ("traceparent", trace.current())]
        if path == ARRIVALS:
            return arrivals.answered(self.upstreams, method, environ.get("QUERY_STRING", ""), headers)
        if upstream is None:
            return story.answered(self.upstreams, method, path.removeprefix(STORY), headers)
        if owner == HEARS_OF_CLIENTS:
            headers += self._vouched(environ)
        answer = upstream.ask(asked_of(environ, path[4:], headers))
        if ask.segment in WHO_MAY_WHAT and method not in READS and answer.status < 300:
            self.exchange.ask_anew()
        return answer

    def _vouched(self, environ: Environ) -> Headers:
        """From where the client comes, and the secret that makes it worth something."""
        return [(caller.ADDRESS, self.limits.client(environ)), (caller.VOUCHER, self.settings.feed_token)]

    def _upstream(self, name: str) -> Upstream:
        if name not in self.upstreams:
            raise NotFound(detail=f"There is no {name} here")
        return self.upstreams[name]

    def _ask(self, environ: Environ, path: str) -> Ask:
        """What whoever asks came with. Raises Unauthenticated or CrossSite."""
        credential = session.find_credential(environ, self.cookie)
        if credential is None:
            raise Unauthenticated()
        if credential.by_cookie and environ["REQUEST_METHOD"] not in session.SAFE_METHODS:
            session.must_be_own_page(environ)
        return Ask(credential.token, self.limits.client(environ), path[5:].partition("/")[0])

    def _sign_in(self, environ: Environ, more: Headers) -> Answer:
        """Identity decides; with ``"cookie": true`` the token goes into a cookie instead of the body."""
        self.limits.sign_in(environ)
        asked = asked_of(environ, "/session", [("traceparent", trace.current()), *self._vouched(environ)])
        body = asked.body.read(min(asked.length, LARGEST_SIGN_IN)) if asked.body else b""
        body, wants_cookie = _without_cookie_wish(body)
        if wants_cookie:
            session.must_be_own_page(environ)
        answer = self.upstreams["identity"].ask(Asked.with_body("POST", "/session", asked.headers, body))
        if answer.status in (401, 403):
            self.limits.failed_sign_in(environ)
        if answer.status != 201:
            return answer
        told = answer.read()
        found = msgspec.json.decode(told)
        self.exchange.expect(found["token"])
        return self._in_cookie(found, body, more) if wants_cookie else Answer(201, answer.headers, [told])

    def _in_cookie(self, found: dict[str, Any], asked: bytes, more: Headers) -> Answer:
        remember = msgspec.json.decode(asked).get("remember") is True
        expires_at = datetime.fromisoformat(found["expires_at"]) if remember else None
        more.append(session.set_cookie(self.settings, found.pop("token"), expires_at))
        body = msgspec.json.encode(found)
        return Answer(201, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))], [body])

    def _sign_out(self, environ: Environ, more: Headers) -> Answer:
        """End the session at identity, in the cache, and in the browser."""
        ask = self._ask(environ, SESSION)
        self.exchange.must_be_session(ask)
        self.limits.request(ask.token)
        headers = [("Authorization", f"Bearer {ask.token}"), ("traceparent", trace.current())]
        answer = self.upstreams["identity"].ask(Asked("DELETE", "/session", headers=headers))
        self.exchange.forget(ask.token)
        more.append(session.clear_cookie(self.settings))
        return answer


def _without_cookie_wish(body: bytes) -> tuple[bytes, bool]:
    """The body for identity, and whether a cookie is wanted. What cannot be read is left for identity to refuse."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body, False
    if not isinstance(said, dict) or "cookie" not in said:
        return body, False
    wants_cookie = said.pop("cookie")
    if not isinstance(wants_cookie, bool):
        raise wrong_field("/cookie", "Not a valid boolean.")
    return msgspec.json.encode(said), wants_cookie


def _note(environ: Environ, segment: str, status: int, seconds: float) -> None:
    telemetry.REQUESTS.labels("gateway", segment, environ["REQUEST_METHOD"], status).inc()
    telemetry.REQUEST_SECONDS.labels("gateway", segment).observe(seconds)
    if log.isEnabledFor(logging.INFO):
        facts = {"method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"], "status": status}
        log.info("answered", extra={"facts": facts | {"milliseconds": round(seconds * 1000, 1)}})

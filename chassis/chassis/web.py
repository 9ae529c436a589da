"""The HTTP face of a service: route rows become a WSGI application."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Mapping
from typing import Any

import flask
import msgspec
import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Rule, UnicodeConverter

from chassis import telemetry, trace
from chassis.answering import Answering
from chassis.arriving import MOST_NAMED, SAID, Name
from chassis.caller import caller_of
from chassis.database import Database
from chassis.downloads import Download
from chassis.events import encode
from chassis.idempotency import Answer, Once
from chassis.principal import Authenticate, Principal
from chassis.problems import (
    PROBLEM_JSON,
    BadRequest,
    Conflict,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    PreconditionRequired,
    Problem,
    TooLarge,
    UnsupportedMediaType,
    wrong_field,
)
from chassis.routes import Route
from chassis.transaction import Transaction, looking, transaction
from chassis.uploads import MULTIPART, Uploaded

LARGEST_BODY = 16 * 1024 * 1024
log = logging.getLogger(__name__)


class AlreadyExists(Conflict):
    """There is one like this already."""


class ChangedMeanwhile(Conflict):
    """Somebody changed this at the same moment; read it again."""


class _Id(IntegerConverter):
    """A number in a path, never larger than a column: 18 digits always fit."""

    regex = r"[0-9]{1,18}"


class _Word(UnicodeConverter):
    """A text in a path: no control characters, no endless names."""

    regex = r"[^/\x00-\x1f\x7f]{1,120}"
    part_isolating = True


class _Rule(Rule):
    """An address that is recognised and never built: to compile both took half of the time of making an application."""

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        return _builds_no_address


def _builds_no_address(*_: object) -> Any:
    raise NotImplementedError("Addresses are written down where they are needed, never built from their rules")


def new_app(name: str) -> flask.Flask:
    """A bare application with our problems, converters and limits; routes are added to it."""
    app = flask.Flask(name, static_folder=None)
    app.url_rule_class = _Rule
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.converters |= {"int": _Id, "default": _Word, "string": _Word}
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.before_request(_begin)
    app.after_request(lambda response: _measured(name, response))
    app.register_error_handler(Exception, answer_problem)
    return app


def add_routes(
    app: flask.Flask, routes: list[Route], *, service: str, database: Database, authenticate: Authenticate
) -> None:
    """Serve the rows."""
    for route in routes:
        endpoint = Endpoint(route, service, database, authenticate)
        app.add_url_rule(route.path, route.endpoint, endpoint, methods=[route.method])


class Endpoint:
    """One route at work: who asks, may they, what do they say, do it, show it."""

    def __init__(self, route: Route, service: str, database: Database, authenticate: Authenticate) -> None:
        self.route, self.service, self.database, self.authenticate = route, service, database, authenticate
        self.is_multipart = route.is_multipart

    @functools.cached_property
    def answering(self) -> Answering:
        """Made with the first request: a service has hundreds of routes, and most processes answer few of them."""
        return Answering(self.route)

    def __call__(self, **path: Any) -> flask.Response:
        principal = self._principal()
        data = self._data()
        if self.route.is_read or self.route.is_slow:
            with looking(self.database, self.service, principal=principal) as tx:
                answer = self._answer(tx, path, data)
        else:
            with transaction(self.database, self.service, principal=principal) as tx:
                tx.expected_version = _expected_version(self.route)
                answer = self._once(tx, path, data)
        response = _respond(answer)
        if said := tx.newest(MOST_NAMED):
            response.headers[SAID] = ", ".join(str(Name(self.service, *one)) for one in said)
        return response

    def _principal(self) -> Principal:
        if self.route.is_open:
            return Principal(kind="user", name="anonymous", role="", scope="own")
        principal = self.authenticate(flask.request.headers.get("Authorization"))
        if self.route.needs and not principal.has(self.route.needs):
            raise Forbidden(needs=self.route.needs)
        return principal

    def _data(self) -> Mapping[str, Any]:
        if self.answering.inputs is None:
            return {}
        if self.route.is_read or self.route.asks:
            return self.answering.checked(_once_each(flask.request.args))
        return self.answering.checked(_form() if self.is_multipart else _body())

    def _once(self, tx: Transaction, path: Mapping[str, Any], data: Mapping[str, Any]) -> Answer | Download:
        key = flask.request.headers.get("Idempotency-Key")
        if not key or self.route.method != "POST":
            return self._answer(tx, path, data)
        once = Once(tx, key, flask.request.full_path.encode() + self._said(data))
        earlier = once.earlier()
        if earlier:
            return Answer(earlier.status, earlier.headers | {"Idempotent-Replay": "true"}, earlier.body)
        answer = self._answer(tx, path, data)
        if isinstance(answer, Answer):
            once.keep(answer)
        return answer

    def _said(self, data: Mapping[str, Any]) -> bytes:
        """What tells two requests apart. A form is sent with another boundary each time, so its parts are told."""
        if not self.is_multipart:
            return flask.request.get_data()
        return encode({name: one.sha256 if isinstance(one, Uploaded) else one for name, one in data.items()})

    def _answer(self, tx: Transaction, path: Mapping[str, Any], data: Mapping[str, Any]) -> Answer | Download:
        tx.caller = caller_of(flask.request)
        return self.answering.answer(tx, path, data, flask.request.path)


def _once_each(given: MultiDict[str, Any]) -> dict[str, Any]:
    """Query parameters or parts of a form, each at most once."""
    doubled = [name for name, values in given.lists() if len(values) > 1]
    if doubled:
        raise wrong_field(f"/{doubled[0]}", "Give this parameter once")
    return given.to_dict()


def _form() -> dict[str, Any]:
    """The parts of the form that was sent, files too. Raises UnsupportedMediaType."""
    if flask.request.mimetype != MULTIPART:
        raise UnsupportedMediaType(detail=f"Content-Type must be {MULTIPART}")
    return {**_once_each(flask.request.form), **_once_each(flask.request.files)}


def _body() -> dict[str, Any]:
    """The JSON object that was sent. Raises UnsupportedMediaType or BadRequest."""
    if flask.request.mimetype != "application/json":
        raise UnsupportedMediaType(detail="Content-Type must be application/json")
    try:
        body = msgspec.json.decode(flask.request.get_data())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(detail=f"Not JSON: {error}") from error
    if not isinstance(body, dict):
        raise BadRequest(detail="The body must be a JSON object")
    return body


def _expected_version(route: Route) -> int | None:
    """The version in If-Match, which a full edit must name. Raises PreconditionRequired or Invalid."""
    tag = flask.request.headers.get("If-Match", "").strip()
    if tag in ("", "*"):
        if route.needs_version and tag != "*":
            raise PreconditionRequired(detail="Send the record's ETag as If-Match")
        return None
    text = tag.removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise wrong_field("/If-Match", "Not an ETag of ours")
    return int(text)


def _respond(answer: Answer | Download) -> flask.Response:
    if isinstance(answer, Download):
        return flask.Response(answer.blocks, headers=answer.headers())
    response = flask.Response(answer.body, status=answer.status, headers=answer.headers, mimetype=None)
    if answer.body:
        response.headers["Content-Type"] = "application/json"
    else:
        response.headers.pop("Content-Type", None)
    return response


def _begin() -> None:
    flask.g.began = time.perf_counter()
    trace.begin(flask.request.headers.get("traceparent"))


def _measured(service: str, response: flask.Response) -> flask.Response:
    rule = flask.request.url_rule.rule if flask.request.url_rule else "unknown"
    telemetry.REQUESTS.labels(service, rule, flask.request.method, response.status_code).inc()
    telemetry.REQUEST_SECONDS.labels(service, rule).observe(time.perf_counter() - flask.g.began)
    response.headers["X-Trace-Id"] = trace.trace_id()
    return response


def answer_problem(error: Exception) -> flask.Response:
    """Whatever went wrong, as problem+json; what we did not foresee is logged and tells nothing outside."""
    problem = problem_of(error)
    if problem.status >= 500 and not isinstance(error, Problem):
        log.exception("Unforeseen error")
    response = flask.Response(encode(problem.body()), status=problem.status, headers=dict(problem.headers()))
    response.headers["Content-Type"] = PROBLEM_JSON
    return response


def problem_of(error: Exception) -> Problem:
    """The problem that an exception means to the one who asked."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, StaleDataError):
        return ChangedMeanwhile()
    if isinstance(error, sa.exc.IntegrityError):
        return AlreadyExists()
    if isinstance(error, HTTPException):
        return _of_http(error)
    return Problem(detail="We were told of this error and will look into it")


def _of_http(error: HTTPException) -> Problem:
    if error.code == 404:
        return NotFound(detail="There is nothing at this address")
    if error.code == 405:
        return MethodNotAllowed(allowed=sorted(getattr(error, "valid_methods", None) or ()))
    if error.code == 413:
        return TooLarge(limit_bytes=LARGEST_BODY)
    return BadRequest(detail=error.description or "")

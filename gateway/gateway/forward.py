"""Passing on: a request on its way in, an answer on its way out, and what is left behind at the door."""

from __future__ import annotations

import io
from typing import Any

from chassis.events import encode
from chassis.problems import PROBLEM_JSON, BadRequest, NotFound, Problem, TooLarge
from gateway.upstream import Answer, Asked, Headers

LARGEST_BODY = 16 * 1024 * 1024
PASSED_ON = tuple(
    (f"HTTP_{name.upper().replace('-', '_')}", name)
    for name in ("Accept", "Accept-Language", "If-Match", "If-None-Match", "Idempotency-Key", "User-Agent")
)
"""What a client may tell a service; everything else (spoofed or hop-by-hop) stays outside."""
KEPT_BACK = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "server",
        "date",
        "x-trace-id",
    }
)
"""Of an answer: hop-by-hop headers, and what the gateway says itself."""
SECURITY: Headers = [
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
SAID_HERE = KEPT_BACK | {name.lower() for name, _ in SECURITY}


def asked_of(environ: dict[str, Any], path: str, more: Headers) -> Asked:
    """The request as an upstream gets it. Raises BadRequest, NotFound or TooLarge."""
    if any(part in ("", ".", "..") for part in path.split("/")[1:]):
        raise NotFound(detail="There is nothing at this address")
    headers = [(name, environ[key]) for key, name in PASSED_ON if key in environ]
    if environ.get("CONTENT_TYPE"):
        headers.append(("Content-Type", environ["CONTENT_TYPE"]))
    headers += more
    asked = Asked(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), headers)
    asked.body, asked.length = _body(environ)
    return asked


def _body(environ: dict[str, Any]) -> tuple[Any, int]:
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        whole = environ["wsgi.input"].read(LARGEST_BODY + 1)
        _must_fit(len(whole))
        return io.BytesIO(whole), len(whole)
    text = environ.get("CONTENT_LENGTH") or "0"
    if not (text.isascii() and text.isdigit()):
        raise BadRequest(detail="Content-Length is no number")
    length = int(text)
    _must_fit(length)
    return (environ["wsgi.input"], length) if length else (None, 0)


def _must_fit(length: int) -> None:
    if length > LARGEST_BODY:
        raise TooLarge(limit_bytes=LARGEST_BODY)


def passed_back(answer: Answer, more: Headers) -> Headers:
    """The headers of the answer as the client gets them."""
    named = {name.strip().lower() for key, value in answer.headers if key.lower() == "connection"
             for name in value.split(",")}  # fmt: skip
    kept = [(key, value) for key, value in answer.headers if key.lower() not in SAID_HERE and key.lower() not in named]
    if not any(key.lower() == "cache-control" for key, _ in kept):
        kept.append(("Cache-Control", "no-store"))
    return kept + SECURITY + more


def refusal(problem: Problem) -> Answer:
    """A problem as an answer."""
    body = encode(problem.body())
    headers = [("Content-Type", PROBLEM_JSON), ("Content-Length", str(len(body))), *problem.headers().items()]
    return Answer(problem.status, headers, [body])

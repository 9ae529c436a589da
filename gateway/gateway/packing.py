"""Answers as gzip: what a list says in twenty kilobytes goes over a slow line in four.

The ETag stays as it is: it is a record's version, which clients send back with the change they mean, and no name of
the bytes. What opens a session is not packed: a secret beside what a stranger may choose could be guessed by its size.
"""

from __future__ import annotations

import gzip
from typing import Any

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from gateway.upstream import Answer

SMALLEST, LARGEST = 1400, 1024 * 1024
"""Bytes. Less fits into one packet anyway; more is a file and goes out while it is made."""
LEVEL = 5
SECRETS = ("/api/session", "/api/webhooks")


def packed(environ: dict[str, Any], path: str, answer: Answer) -> Answer:
    """The same answer, packed where the client takes it and it is worth the work."""
    told = {name.lower(): value for name, value in answer.headers}
    is_json = told.get("content-type", "").partition(";")[0].endswith("json")
    length = told.get("content-length", "")
    if not (is_json and length.isdigit() and SMALLEST <= int(length) <= LARGEST) or "content-encoding" in told:
        return answer
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
    headers.append(("Vary", "Accept-Encoding"))
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"), Accept)
    if environ["REQUEST_METHOD"] == "HEAD" or path.startswith(SECRETS) or not accepted["gzip"] > 0:
        return Answer(answer.status, [*headers, ("Content-Length", length)], answer.body)
    body = gzip.compress(answer.read(), LEVEL, mtime=0)
    return Answer(answer.status, [*headers, ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))], [body])

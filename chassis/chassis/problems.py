"""What can go wrong, as one tree with two edges: HTTP answers it, a listener parks it.

A refusal is a subclass with a one-sentence docstring (its title) and typed facts::

    class OpportunityClosed(Conflict):
        \"""The opportunity is closed and can only be read.\"""

        opportunity_id: int
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, dataclass_transform

PROBLEM_JSON = "application/problem+json"


@dataclass_transform(kw_only_default=True, eq_default=False)
@dataclasses.dataclass(eq=False, kw_only=True)
class Problem(Exception):
    """Something is wrong."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something is wrong"
    slug: ClassVar[str] = "problem"

    detail: str = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.title = (cls.__doc__ or cls.__name__).strip().splitlines()[0].rstrip(".")
        cls.slug = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        # eq=False keeps the hash that exceptions need.
        dataclasses.dataclass(eq=False, kw_only=True)(cls)

    def __str__(self) -> str:
        return self.detail or self.title

    def facts(self) -> dict[str, Any]:
        """The members that describe this case, without the standard ones."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        values.pop("detail", None)
        return values

    def body(self) -> dict[str, Any]:
        """The RFC 9457 document, also stored beside a parked message."""
        document: dict[str, Any] = {"type": f"/problems/{self.slug}", "title": self.title, "status": self.status}
        if self.detail:
            document["detail"] = self.detail
        return document | self.facts()

    def headers(self) -> Mapping[str, str]:
        """Headers that HTTP asks for with this status."""
        return {}


class Invalid(Problem):
    """The request has fields that cannot be accepted."""

    status: ClassVar[int] = 422
    errors: Sequence[Mapping[str, str]] = ()


class BadRequest(Problem):
    """The request could not be read."""

    status: ClassVar[int] = 400


class Unauthenticated(Problem):
    """Sign in first."""

    status: ClassVar[int] = 401

    def headers(self) -> Mapping[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    """You may not do this."""

    status: ClassVar[int] = 403
    needs: str = ""


class NotFound(Problem):
    """There is no such thing, or you may not see it."""

    status: ClassVar[int] = 404


class MethodNotAllowed(Problem):
    """This address does not take this method."""

    status: ClassVar[int] = 405
    allowed: Sequence[str] = ()

    def headers(self) -> Mapping[str, str]:
        return {"Allow": ", ".join(self.allowed)}


class Conflict(Problem):
    """The present state does not allow this."""

    status: ClassVar[int] = 409


class Stale(Problem):
    """Somebody changed this record after you read it."""

    status: ClassVar[int] = 412
    yours: int = 0
    current: int = 0

    def headers(self) -> Mapping[str, str]:
        return {"ETag": f'"{self.current}"'}


class TooLarge(Problem):
    """The request or the event is larger than we take."""

    status: ClassVar[int] = 413
    limit_bytes: int = 0


class UnsupportedMediaType(Problem):
    """Send JSON."""

    status: ClassVar[int] = 415


class PreconditionRequired(Problem):
    """Say which version you are changing with If-Match."""

    status: ClassVar[int] = 428


class TooManyRequests(Problem):
    """Too many requests; wait a moment."""

    status: ClassVar[int] = 429
    retry_after_seconds: int = 1

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(self.retry_after_seconds)}


class Unavailable(Problem):
    """A part of the system does not answer; try again."""

    status: ClassVar[int] = 503

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "2"}


def wrong_field(pointer: str, reason: str, code: str = "invalid") -> Invalid:
    """The refusal of one field; ``pointer`` is a JSON pointer such as ``/contact/phone``."""
    return Invalid(errors=[{"pointer": pointer, "detail": reason, "code": code}])

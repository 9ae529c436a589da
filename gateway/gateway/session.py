"""The session of a client: a bearer token, or a cookie that only this site's own pages may use to change things."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any

from chassis.problems import Forbidden
from gateway.settings import GatewaySettings

COOKIE = "guanxi_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_TOKEN = 200


class CrossSite(Forbidden):
    """This request was sent by another site's page, so it is not trusted with your session."""


@dataclasses.dataclass(frozen=True)
class Credential:
    """The opaque token that came along, and whether a browser sent it by itself."""

    token: str
    by_cookie: bool


def cookie_name(settings: GatewaySettings) -> str:
    """``__Host-`` lets no other host and no unencrypted page set it."""
    return f"__Host-{COOKIE}" if settings.https else COOKIE


def find_credential(environ: dict[str, Any], name: str) -> Credential | None:
    """A bearer token wins over the cookie. None when neither is there."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer" and 0 < len(token) <= LONGEST_TOKEN:
        return Credential(token, by_cookie=False)
    sent = environ.get("HTTP_COOKIE", "")
    if name not in sent:
        return None
    token = _cookie(sent, name)
    return Credential(token, by_cookie=True) if 0 < len(token) <= LONGEST_TOKEN else None


def must_be_own_page(environ: dict[str, Any]) -> None:
    """Raises CrossSite unless the browser says that a page of this site sent the request, or the user did."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site in ("same-origin", "none"):
        return
    origin = environ.get("HTTP_ORIGIN", "")
    if site is None and origin and origin.partition("://")[2] == environ.get("HTTP_HOST"):
        return
    raise CrossSite(detail="Send it from a page of this site, or with a bearer token instead of the cookie")


def set_cookie(settings: GatewaySettings, token: str, expires_at: datetime | None) -> tuple[str, str]:
    """The header that gives a browser its session; without ``expires_at`` it ends with the browser."""
    parts = [f"{cookie_name(settings)}={token}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if expires_at is not None:
        parts.append(f"Max-Age={max(0, int((expires_at - datetime.now(UTC)).total_seconds()))}")
    if settings.https:
        parts.append("Secure")
    return "Set-Cookie", "; ".join(parts)


def clear_cookie(settings: GatewaySettings) -> tuple[str, str]:
    name, value = set_cookie(settings, "", None)
    return name, value + "; Max-Age=0"


def _cookie(sent: str, name: str) -> str:
    try:
        found = SimpleCookie(sent).get(name)
    except CookieError:
        return ""
    return found.value if found else ""

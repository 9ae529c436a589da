"""Where a request comes from: the client's address and program, as the gateway saw them."""

from __future__ import annotations

import dataclasses
import hmac
import ipaddress
import re

import flask

from chassis.fields import CONTROL

ADDRESS, VOUCHER = "X-Client-Address", "X-Gateway-Voucher"
"""Only a request that carries the secret between ourselves may say whose request it passes on."""
FEED_TOKEN = "FEED_TOKEN"  # noqa: S105  (the name of a setting)
LONGEST_AGENT = 200
LONGEST_ADDRESS = 45
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([0-9.]+):\d+")


@dataclasses.dataclass(frozen=True)
class Caller:
    """Both are empty when the system itself acts."""

    address: str = ""
    agent: str = ""


def caller_of(request: flask.Request) -> Caller:
    """What the gateway vouches for; else the address that the connection itself has."""
    secret = flask.current_app.config.get(FEED_TOKEN) or ""
    given = request.headers.get(VOUCHER, "")
    is_vouched = bool(secret) and hmac.compare_digest(given.encode(), secret.encode())
    address = request.headers.get(ADDRESS, "") if is_vouched else request.remote_addr or ""
    agent = CONTROL.sub(" ", request.headers.get("User-Agent", ""))
    return Caller(address_text(address), agent[:LONGEST_AGENT])


def address_text(given: str) -> str:
    """An address in its one spelling; what is none stays as it was given, and fits in no network."""
    found = find_address(given)
    return str(found) if found else CONTROL.sub(" ", given)[:LONGEST_ADDRESS]


def find_address(given: str) -> Address | None:
    """The address, without brackets and port; an IPv4 address that came wrapped in IPv6 is itself again."""
    match = WITH_PORT.fullmatch(given.strip())
    bare = (match[1] or match[2]) if match else given.strip()
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found

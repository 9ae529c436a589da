"""Which service answers under which public address: the first segment after ``/api/`` decides.

Where all services answer the same question, each for itself, the second segment is the service's name.
"""

from __future__ import annotations

from collections.abc import Mapping

SERVICES = ("identity", "marketing", "customer", "service-desk", "reporting")

OWNERS: Mapping[str, str] = {
    "session": "identity",
    "me": "identity",
    "users": "identity",
    "roles": "identity",
    "rights": "identity",
    "units": "identity",
    "notifications": "identity",
    "dictionary": "identity",
    "numbering": "identity",
    "views": "identity",
    "erasures": "identity",
    "hand-overs": "identity",
    "opportunities": "marketing",
    "flows": "marketing",
    "leads": "marketing",
    "campaigns": "marketing",
    "marketing-plans": "marketing",
    "deals": "marketing",
    "pipelines": "marketing",
    "tasks": "marketing",
    "calendar": "marketing",
    "targets": "marketing",
    "forecast": "marketing",
    "forecasts": "marketing",
    "customers": "customer",
    "contacts": "customer",
    "activities": "customer",
    "orders": "customer",
    "payments": "customer",
    "receivables": "customer",
    "products": "customer",
    "stock": "customer",
    "losses": "customer",
    "webhooks": "customer",
    "requests": "service-desk",
    "complaints": "service-desk",
    "visits": "service-desk",
    "work": "service-desk",
    "service-promises": "service-desk",
    "working-calendar": "service-desk",
    "reports": "reporting",
    "management-reports": "reporting",
    "audit": "reporting",
}
"""Segment → service. What is not here (``/internal``, ``/metrics``, feeds) cannot be reached from outside."""
WHO_MAY_WHAT = frozenset({"users", "roles", "rights", "units", "hand-overs"})
"""What is written there may change what somebody may do, from his or her next request on."""
DESKS = "bus"
"""Every service has a desk for its operators, below ``/api/bus/<its name>``."""
OF_ALL = frozenset({DESKS, "personal-data"})
"""Segments that every service has, each followed by its name."""
FLOWS = "flows"
"""Without a name these are marketing's, which had them first."""
STORY = f"/api/{DESKS}/causation/"
"""What no service knows alone; the gateway asks them all."""
ARRIVALS = f"/api/{DESKS}/arrivals"
"""The same, for whoever has just changed something."""


def owner_of(path: str) -> str | None:
    """The service that answers at this address; None when none does."""
    if not path.startswith("/api/"):
        return None
    segment, _, rest = path[5:].partition("/")
    name = rest.partition("/")[0]
    if name in SERVICES and segment in {*OF_ALL, FLOWS}:
        return name
    return None if segment in OF_ALL else OWNERS.get(segment)

"""The five services, by name; each is loaded only when it is needed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chassis.manifest import Service

PACKAGES = {
    "identity": "identity",
    "marketing": "marketing",
    "customer": "customer",
    "service-desk": "service_desk",
    "reporting": "reporting",
}
NAMES = tuple(PACKAGES)


def load(name: str) -> Service:
    """The page of a service."""
    service: Service = importlib.import_module(f"{PACKAGES[name]}.service").service
    return service


def load_all() -> dict[str, Service]:
    return {name: load(name) for name in NAMES}

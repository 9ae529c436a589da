"""The gateway, put together."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.door import Door
from gateway.pages import pages
from gateway.settings import GatewaySettings
from gateway.upstream import Upstream


def create_gateway(upstreams: Mapping[str, Upstream], settings: GatewaySettings) -> Door:
    """A WSGI application: ``/api/…`` goes on to the services, the rest it answers itself."""
    return Door(upstreams, settings, pages(upstreams, settings))

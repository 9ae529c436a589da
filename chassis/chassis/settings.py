"""Settings from the environment: one frozen value, and a refusal to start half set."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import environs

from chassis.problems import Problem


class HalfSet(Problem):
    """The settings are not complete."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """What one service needs to run.

    ``amqp_url`` empty means the pull transport: the worker reads the other services' logs itself.
    ``feeds`` maps a service's name to the base address of its internal feed.
    """

    service: str
    database_url: str
    keys_file: str
    amqp_url: str = ""
    feeds: Mapping[str, str] = dataclasses.field(default_factory=dict)
    feed_token: str = ""
    port: int = 0
    health_port: int = 0
    log_level: str = "INFO"
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_environment(cls, service: str) -> Settings:
        """Read ``GUANXI_*``. Raises HalfSet, naming every variable that is missing or wrong."""
        env = environs.Env(eager=False)
        with env.prefixed("GUANXI_"):
            values: dict[str, Any] = {
                "database_url": env.str("DATABASE_URL"),
                "keys_file": env.str("KEYS_FILE"),
                "amqp_url": env.str("AMQP_URL", ""),
                "feed_token": env.str("FEED_TOKEN"),
                "port": env.int("PORT", 0),
                "health_port": env.int("HEALTH_PORT", 0),
                "log_level": env.str("LOG_LEVEL", "INFO"),
            }
            feeds = env.str("FEEDS", "{}")
            extra = env.str("EXTRA", "{}")
        try:
            env.seal()
            return cls(service=service, feeds=json.loads(feeds), extra=json.loads(extra), **values)
        except (environs.EnvError, json.JSONDecodeError) as error:
            raise HalfSet(detail=str(error)) from error

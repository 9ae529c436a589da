"""Settings of the gateway: one frozen value, and a refusal to start half set."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import environs

from chassis.settings import HalfSet
from gateway.routes import SERVICES

DEMO_ACCOUNTS: Mapping[str, tuple[str, str]] = {
    "admin": ("系统管理员", "System administrator"),
    "sue": ("销售主管", "Sales supervisor"),
    "mei": ("客户经理", "Account manager"),
    "eve": ("高管", "Executive"),
    "max": ("营销专员", "Marketing specialist"),
    "sam": ("高级销售", "Senior sales"),
    "jun": ("初级销售", "Junior sales"),
    "cleo": ("服务专员", "Service clerk"),
}
"""Login → role in Chinese and English, shown on the first page in demo mode."""
UNKNOWN_TOKENS = "120/minute"
"""An office whose sessions all ended overnight stays below it; whoever guesses tokens does not."""
CLIENT = Path(__file__).resolve().parent / "client"
"""Where Vite puts the built web client; packages and images carry it."""
PROBLEM_PAGES = Path(__file__).resolve().parents[2] / "docs" / "problems"


@dataclasses.dataclass(frozen=True)
class GatewaySettings:
    """What the gateway needs to run.

    ``upstreams`` and ``workers`` map a service's name to a base address; embedded mode has none. ``https`` says that
    clients reach us by https, so cookies are marked Secure. ``trusted_proxies`` is how many proxies of our own stand
    before us and append to X-Forwarded-For. The limits are texts such as ``30/minute``.
    """

    feed_token: str
    upstreams: Mapping[str, str] = dataclasses.field(default_factory=dict)
    workers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 8080
    log_level: str = "INFO"
    https: bool = False
    trusted_proxies: int = 0
    demo_password: str = ""
    demo_clears: bool = False
    demo_accounts: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=lambda: DEMO_ACCOUNTS)
    failed_sign_ins: str = "30/minute"
    sign_ins: str = "300/minute"
    requests: str = "5000/10 second"
    unknown_tokens: str = UNKNOWN_TOKENS
    problem_pages: Path = PROBLEM_PAGES
    client: Path = CLIENT

    @classmethod
    def from_environment(cls) -> GatewaySettings:
        """Read ``GUANXI_*``. Raises HalfSet, naming every variable that is missing or wrong."""
        env = environs.Env(eager=False)
        with env.prefixed("GUANXI_"):
            values: dict[str, Any] = {
                "feed_token": env.str("FEED_TOKEN"),
                "host": env.str("HOST", cls.host),
                "port": env.int("PORT", cls.port),
                "log_level": env.str("LOG_LEVEL", cls.log_level),
                "demo_password": env.str("DEMO_PASSWORD", ""),
                **cls._of_clients(env),
            }
            upstreams, workers = env.str("UPSTREAMS"), env.str("WORKERS", "{}")
        try:
            env.seal()
            return cls(upstreams=_addresses(upstreams), workers=json.loads(workers), **values)
        except (environs.EnvError, json.JSONDecodeError) as error:
            raise HalfSet(detail=str(error)) from error

    @classmethod
    def in_one_process(cls, *, feed_token: str, demo_password: str, demo_clears: bool = False) -> GatewaySettings:
        """For embedded mode: what is known of clients still comes from the environment. Raises HalfSet."""
        env = environs.Env(eager=False)
        with env.prefixed("GUANXI_"):
            values = cls._of_clients(env)
        try:
            env.seal()
        except environs.EnvError as error:
            raise HalfSet(detail=str(error)) from error
        return cls(feed_token=feed_token, demo_password=demo_password, demo_clears=demo_clears, **values)

    @classmethod
    def _of_clients(cls, env: environs.Env) -> dict[str, Any]:
        """How clients come, and how much of it."""
        return {
            "https": env.bool("HTTPS", cls.https),
            "trusted_proxies": env.int("TRUSTED_PROXIES", cls.trusted_proxies),
            "failed_sign_ins": env.str("FAILED_SIGN_INS", cls.failed_sign_ins),
            "sign_ins": env.str("SIGN_INS", cls.sign_ins),
            "requests": env.str("REQUESTS", cls.requests),
            "unknown_tokens": env.str("UNKNOWN_TOKENS", cls.unknown_tokens),
        }


def _addresses(text: str) -> dict[str, str]:
    """Every service's address. Raises HalfSet when one is missing."""
    found: dict[str, str] = json.loads(text)
    missing = [name for name in SERVICES if name not in found]
    if missing:
        raise HalfSet(detail=f"GUANXI_UPSTREAMS names no address for {', '.join(missing)}")
    return found

"""A webhook: which address is told what, and what to do when nobody knows whether a delivery arrived."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.problems import Invalid
from chassis.transaction import SECRET, Aggregate
from customer.base import Base

OFFERED = (
    "customer.opened",
    "customer.matched",
    "customer.edited",
    "customer.deleted",
    "customer.lost",
    "customer.recovered",
    "order.placed",
    "order.cancelled",
    "order.advanced",
    "order.payment-received",
    "order.payment-reversed",
    "product.listed",
    "product.edited",
)
"""What can be told; the contracts of these events say which fields they have."""


class InDoubt(StrEnum):
    """When no answer came: ask the address, or repeat under the same id, which it promises to throw away."""

    ASK = "ask"
    REPEAT = "repeat"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Agreed:
    """What was agreed with the other side, without the secret."""

    webhook_id: int
    url: str
    events: list[str]
    when_in_doubt: str
    is_active: bool


class WebhookRegistered(Agreed, Event, type="customer.webhook.registered"):
    """An address outside is told from now on what happens here."""


class WebhookEdited(Agreed, Event, type="customer.webhook.edited"):
    """It is told something else, elsewhere, or nothing for the time being."""


class WebhookRemoved(Event, type="customer.webhook.removed"):
    """An address outside is told nothing any more."""

    webhook_id: int


class UrlUnusable(Invalid):
    """The address cannot be called: it must begin with http:// or https://, name a host and hold no password."""


class Webhook(Aggregate, Base):
    """One address outside; the secret signs what it is told, and is shown once."""

    __tablename__ = "webhook"
    noun = "webhook"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    url: Mapped[str] = mapped_column(sa.String(500))
    events: Mapped[list[str]] = mapped_column(sa.JSON)
    when_in_doubt: Mapped[str] = mapped_column(sa.String(10))
    is_active: Mapped[bool]
    secret: Mapped[str] = mapped_column(sa.String(80), info=SECRET)
    registered_at: Mapped[datetime]

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, secret: str, at: datetime) -> Webhook:
        must_be_callable(fields["url"])
        given = {"when_in_doubt": InDoubt.ASK.value, "is_active": True, **fields}
        given["events"] = in_order(fields["events"])
        return cls(**given, secret=secret, registered_at=at)

    def registered(self) -> WebhookRegistered:
        return WebhookRegistered(**self._agreed())

    def edit(self, fields: Mapping[str, Any]) -> WebhookEdited | None:
        must_be_callable(fields.get("url", self.url))
        events = {"events": in_order(fields["events"])} if "events" in fields else {}
        return WebhookEdited(**self._agreed()) if self.change(**{**fields, **events}) else None

    def removed(self) -> WebhookRemoved:
        return WebhookRemoved(webhook_id=self.id)

    def _agreed(self) -> dict[str, Any]:
        return {"webhook_id": self.id} | {name: getattr(self, name) for name in AGREED}


AGREED = tuple(field.name for field in dataclasses.fields(Agreed) if field.name != "webhook_id")


def in_order(events: Sequence[str]) -> list[str]:
    """Each once, as they are offered."""
    return [one for one in OFFERED if one in set(events)]


def must_be_callable(url: str) -> None:
    """Raises UrlUnusable."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
        is_usable = is_usable and parts.port != 0 and url.isascii() and not parts.fragment
    except ValueError:
        is_usable = False
    if not is_usable:
        raise UrlUnusable(
            errors=[{"pointer": "/url", "detail": "Not an address that can be called", "code": "invalid"}]
        )

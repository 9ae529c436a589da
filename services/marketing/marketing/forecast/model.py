"""Targets that are split among people and have to add up, and what people themselves expect of a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.database import BigId
from chassis.events import Event
from chassis.personal import personal, personal_column
from chassis.problems import wrong_field
from chassis.transaction import Aggregate
from marketing.base import Base


class TargetKind(StrEnum):
    """What is aimed at: sales count in money, the others in numbers."""

    SALES = "sales"
    NEW_CUSTOMERS = "new-customers"
    LEADS = "leads"


class TargetSet(Event, type="marketing.target.set"):
    """A team and its people are to reach this much in a month."""

    target_id: int
    month: str
    kind: str
    team: str
    currency: str
    amount: int
    shares: Mapping[str, int]


class ForecastStated(Event, type="marketing.forecast.stated", key="forecast_id"):
    """Somebody says what a month will bring."""

    forecast_id: str
    month: str
    owner_id: int
    owner_name: Annotated[str, personal(user="owner_id")]
    currency: str
    amount_minor: int


class Share(Base):
    """One person's part of a target."""

    __tablename__ = "sal_target_share"
    __table_args__ = (sa.UniqueConstraint("target_id", "owner_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("sal_target.id", ondelete="CASCADE"))
    owner_id: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    owner_name = ""
    """Not kept here: looked up when a target is shown."""


class Target(Aggregate, Base):
    """What a team is to reach in a month; sales in minor units of the currency."""

    __tablename__ = "sal_target"
    __table_args__ = (sa.UniqueConstraint("month", "kind", "team", "currency"),)
    noun = "target"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    month: Mapped[str] = mapped_column(sa.String(7), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    team: Mapped[str] = mapped_column(sa.String(50))
    currency: Mapped[str] = mapped_column(sa.String(3))
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    shares: Mapped[list[Share]] = relationship(order_by=Share.owner_id, lazy="selectin", cascade="all, delete-orphan")

    @classmethod
    def begin(cls, fields: Mapping[str, Any]) -> Target:
        """A new target. Raises Invalid when the shares do not add up."""
        shares = _shares(fields.get("shares", ()), fields["amount"])
        own = {name: value for name, value in fields.items() if name != "shares"}
        return cls(**{"team": "", "currency": "CNY", **own}, shares=shares)

    def said(self) -> TargetSet:
        names = ("month", "kind", "team", "currency", "amount")
        told = {name: getattr(self, name) for name in names}
        return TargetSet(target_id=self.id, **told, shares={str(one.owner_id): one.amount for one in self.shares})

    def set(self, *, amount: int, shares: Sequence[Mapping[str, Any]]) -> TargetSet:
        """Aim at something else. Raises Invalid when the shares do not add up."""
        self.shares = _shares(shares, amount)
        self.amount = amount
        return self.said()


class Forecast(Aggregate, Base):
    """What one person expects of a month; ``id`` is ``2026-11:7:CNY``."""

    __tablename__ = "sal_forecast"
    noun = "forecast"
    owners = ("owner_id",)

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    month: Mapped[str] = mapped_column(sa.String(7), index=True)
    owner_id: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    owner_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="owner_id"))
    currency: Mapped[str] = mapped_column(sa.String(3))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)

    def said(self) -> ForecastStated:
        return ForecastStated(
            forecast_id=self.id,
            month=self.month,
            owner_id=self.owner_id,
            owner_name=self.owner_name,
            currency=self.currency,
            amount_minor=self.amount_minor,
        )

    def state(self, amount_minor: int) -> ForecastStated | None:
        return self.said() if self.change(amount_minor=amount_minor) else None


def forecast_id(month: str, owner_id: int, currency: str) -> str:
    return f"{month}:{owner_id}:{currency}"


def _shares(given: Sequence[Mapping[str, Any]], amount: int) -> list[Share]:
    owners = [share["owner_id"] for share in given]
    if len(owners) != len(set(owners)):
        raise wrong_field("/shares", "Somebody has two shares")
    if given and sum(share["amount"] for share in given) != amount:
        raise wrong_field("/shares", "The shares do not add up to the target")
    return [Share(owner_id=share["owner_id"], amount=share["amount"]) for share in given]

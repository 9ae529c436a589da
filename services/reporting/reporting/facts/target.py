"""What people are to reach in a month, and what they say that it will bring."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from chassis.events import Heard
from reporting.projection import Projection

SALES = "sales"
NOBODY = "0"
"""Whose a target is that nobody has a share of."""


class TargetSet(Heard, type="marketing.target.set"):
    """A team and its people are to reach this much in a month."""

    target_id: int
    month: str
    kind: str
    currency: str
    amount: int
    shares: Mapping[str, int]


class ForecastStated(Heard, type="marketing.forecast.stated", key="forecast_id"):
    """Somebody says what a month will bring."""

    forecast_id: str
    month: str
    owner_id: int
    currency: str
    amount_minor: int


@dataclasses.dataclass(frozen=True, slots=True)
class TargetFact:
    """One target as it was last set; ``shares`` is JSON: what each person is to reach."""

    target_id: int
    month: str = ""
    kind: str = ""
    currency: str = ""
    shares: str = "{}"
    version: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class ForecastFact:
    """What one person expects of a month."""

    forecast_id: str
    month: str = ""
    owner_id: int = 0
    currency: str = ""
    amount_minor: int = 0
    version: int = 0


def aim(event: TargetSet, row: TargetFact, at: datetime) -> TargetFact:
    shares = dict(sorted(event.shares.items())) or {NOBODY: event.amount}
    text = msgspec.json.encode(shares).decode()
    return dataclasses.replace(row, month=event.month, kind=event.kind, currency=event.currency, shares=text)


def expect(event: ForecastStated, row: ForecastFact, at: datetime) -> ForecastFact:
    told = {name: getattr(event, name) for name in ("month", "owner_id", "currency", "amount_minor")}
    return dataclasses.replace(row, **told)


class _Shares(FunctionElement[Any]):
    """A row for each share that a target is split into."""

    inherit_cache = True


@compiles(_Shares, "sqlite")
def _shares_sqlite(element: _Shares, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kwargs)})"


@compiles(_Shares, "postgresql")
def _shares_postgresql(element: _Shares, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_each_text(CAST({compiler.process(element.clauses, **kwargs)} AS JSON))"


TARGETS = Projection("target_fact", row=TargetFact, heard=[TargetSet], fold=aim)
FORECASTS = Projection("forecast_fact", row=ForecastFact, heard=[ForecastStated], fold=expect)
target_fact = TARGETS.table
forecast_fact = FORECASTS.table
_share = (
    _Shares(target_fact.c.shares)
    .table_valued(sa.column("key", sa.String), sa.column("value", sa.String))
    .alias("share")
)
shares = target_fact.join(_share, sa.true())
"""Targets, a row for each share."""
share_owner_id = sa.cast(_share.c.key, sa.BigInteger)
share_amount = sa.cast(_share.c.value, sa.BigInteger)
share_id = sa.cast(target_fact.c.target_id, sa.String) + "/" + _share.c.key

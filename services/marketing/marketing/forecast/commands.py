"""Setting targets and stating forecasts: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.transaction import Transaction
from marketing.forecast.model import Forecast, Target, forecast_id
from marketing.forecast.queries import with_names


def create_target(tx: Transaction, fields: Mapping[str, Any]) -> Target:
    """Ask something of a team for a month."""
    target = tx.add(Target.begin(fields))
    tx.publish(target.said())
    return with_names(tx, target)


def set_target(tx: Transaction, target_id: int, amount: int, shares: Sequence[Mapping[str, Any]] = ()) -> Target:
    """Ask something else."""
    target = tx.get(Target, target_id)
    tx.publish(target.set(amount=amount, shares=shares))
    return with_names(tx, target)


def state_forecast(tx: Transaction, month: str, amount_minor: int, currency: str = "CNY") -> Forecast:
    """Say what one expects of a month, for the first time or otherwise than before."""
    who = tx.principal
    found = tx.find(Forecast, forecast_id(month, who.user_id, currency))
    if found is not None:
        tx.publish(found.state(amount_minor))
        return found
    fields = {"month": month, "owner_id": who.user_id, "owner_name": who.name, "currency": currency}
    new = tx.add(Forecast(id=forecast_id(month, who.user_id, currency), amount_minor=amount_minor, **fields))
    tx.publish(new.said())
    return new

"""Looking at numbering rules."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, equal
from chassis.problems import NotFound
from chassis.transaction import Transaction
from identity.numbering.model import NumberRule

RULES = Listing(
    columns={"series": NumberRule.series, "pattern": NumberRule.pattern, "version": NumberRule.version},
    key=NumberRule.series,
    filters={"series": equal(NumberRule.series)},
    sorts={"series": NumberRule.series},
    default_sort="series",
    search=(NumberRule.series, NumberRule.pattern),
)


def get_rule(tx: Transaction, series: str) -> NumberRule:
    """One rule. Raises NotFound."""
    found: NumberRule | None = tx.scalar(sa.select(NumberRule).where(NumberRule.series == series))
    if found is None:
        raise NotFound(detail=f"No series {series}")
    return found


def rule_history(tx: Transaction, series: str) -> dict[str, Any]:
    """Everything that happened to one rule."""
    return history_of(tx, NumberRule.noun, get_rule(tx, series).series)

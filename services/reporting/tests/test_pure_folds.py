"""The guard of purity stands before every fold and every tally there is, in hearing as in rebuilding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.tables import parked_event
from chassis.testing.purity import purely
from chassis.testing.stage import Stage
from reporting.catalogue import SHELF
from reporting.contribution.model import CONTRIBUTION, ORDERS, OrderPlaced
from reporting.projection import Projection
from reporting.rebuild import NotFoldable, rebuild
from tests import toy

MAY = datetime(2010, 5, 1, tzinfo=UTC)


def order(number: int) -> OrderPlaced:
    known = {"customer_no": "A", "ordered_at": MAY, "kind": "order", "currency": "GBP"}
    return OrderPlaced(order_no=str(number), amount_minor=100, **known)


def by_the_clock(fold: Callable[..., Any]) -> Callable[..., Any]:
    """A fold that counts only what happened before today."""

    def impure(event: Any, row: Any, at: datetime) -> Any:
        return fold(event, row, at) if at < datetime.now(UTC) else row

    return impure


def test_an_impure_fold_is_caught_in_hearing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ORDERS, "fold", by_the_clock(ORDERS.fold))

    stage.hears(order(1))

    assert [row["error_class"] for row in toy.rows(stage.database, parked_event)] == ["Impure"]


def test_an_impure_fold_is_caught_in_rebuilding(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.hears(order(1))
    monkeypatch.setattr(ORDERS, "fold", by_the_clock(ORDERS.fold))

    with pytest.raises(NotFoldable, match=r"datetime\.now"):
        rebuild(stage.database)


def test_an_impure_tally_is_caught(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = CONTRIBUTION.of
    monkeypatch.setattr(CONTRIBUTION, "of", purely(lambda row: counts(row) if datetime.now(UTC) else {}))

    stage.hears(order(1))

    assert [row["error_class"] for row in toy.rows(stage.database, parked_event)] == ["Impure"]


def test_every_fold_and_every_tally_is_watched() -> None:
    assert hasattr(Projection.folded, "__wrapped__")
    tallies = [tally for projection in SHELF.projections for tally in projection.tallies]
    assert len(tallies) > 2
    assert all(hasattr(tally.of, "__wrapped__") for tally in tallies)

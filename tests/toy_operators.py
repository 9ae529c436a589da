"""Olga, who looks after the shelf's parked events, as the tests tell of her."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from chassis import operating
from chassis.inspecting import Parked
from chassis.operating import Outcome
from chassis.principal import Principal
from chassis.redrive import Redriver
from chassis.tables import operator_action, parked_event
from chassis.testing.stage import Stage
from tests import toy

SHELF = "shelf.events"
OLGA = Principal(user_id=3, name="Olga", kind="user")


def id_of(shelf: Stage, version: int, toy_id: int = 1) -> uuid.UUID:
    """The parked event about this version of a toy."""
    (row,) = toy.rows(shelf.database, parked_event, aggregate_version=version, aggregate_id=str(toy_id))
    found: uuid.UUID = row["event_id"]
    return found


def redrive(shelf: Stage, **asked: Any) -> Outcome:
    with shelf.doing(by=OLGA) as tx:
        return operating.redrive(tx, SHELF, asked, "mended")


def discard(shelf: Stage, *versions: int) -> Outcome:
    with shelf.doing(by=OLGA) as tx:
        return operating.discard(tx, SHELF, {"event_ids": [id_of(shelf, one) for one in versions]}, "by hand")


def edit(shelf: Stage, version: int, data: Mapping[str, Any], expected: int | None = None) -> Parked:
    with shelf.doing(by=OLGA) as tx:
        tx.expected_version = expected
        return operating.edit(tx, SHELF, id_of(shelf, version), data, "a wrong colour")


def work(shelf: Stage) -> int:
    """The worker's part: what is due is tried again."""
    assert shelf.consumer
    return Redriver(shelf.consumer).run_due()


def actions(shelf: Stage) -> list[tuple[str, str]]:
    """What was done, and by whom."""
    return [(row["action"], row["by_name"]) for row in toy.rows(shelf.database, operator_action)]

"""A batch may hold the events of one aggregate in any order; they are applied in the order of their versions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from chassis.database import Database, new_metadata
from chassis.events import Heard
from chassis.manifest import Service
from chassis.tables import add_bus_tables
from chassis.testing.stage import Stage, prepare, some_settings
from chassis.transaction import Transaction

METADATA = new_metadata()
add_bus_tables(METADATA)


class StepTaken(Heard, type="elsewhere.walk.step-taken"):
    """Somebody went one step."""

    walk_id: int
    step: int


@pytest.fixture
def steps() -> list[int]:
    return []


@pytest.fixture
def stage(tmp_path: Path, steps: list[int]) -> Iterator[Stage]:
    def follow(tx: Transaction, event: StepTaken) -> None:
        steps.append(event.step)

    service = Service(
        name="here", title="Here", metadata=METADATA, migrations=tmp_path, routes=[], hears={StepTaken: follow}
    )
    database = Database(f"sqlite:///{tmp_path}/here.db")
    settings = some_settings("here", "")
    prepare(service, database, settings)
    yield Stage(service, database, settings)
    database.close()


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_shuffled_batch_is_applied_in_order_and_completely(
    stage: Stage, steps: list[int], order: tuple[int, ...]
) -> None:
    wires = [stage.says(StepTaken(walk_id=1, step=step)) for step in range(4)]

    stage.takes(*(wires[place] for place in order))

    assert steps == [0, 1, 2, 3]


def test_a_shuffled_batch_with_a_hole_is_completed_from_the_source(stage: Stage, steps: list[int]) -> None:
    wires = [stage.says(StepTaken(walk_id=1, step=step)) for step in range(4)]

    stage.takes(wires[3], wires[1])
    stage.takes(*wires)

    assert steps == [0, 1, 2, 3]

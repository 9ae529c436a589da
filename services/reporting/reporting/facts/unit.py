"""What we know of the organisation: the units that reports are filtered by."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from chassis.people import Standing, UnitCreated, UnitEdited, UnitMoved, UnitRemoved
from reporting.projection import Projection


@dataclasses.dataclass(frozen=True, slots=True)
class UnitFact:
    """One unit as last described; what is removed keeps its name, for the years in which it was there."""

    unit_id: int
    name: str = ""
    code: str | None = None
    kind: str = ""
    parent_id: int | None = None
    head_id: int | None = None
    is_removed: bool = False
    version: int = 0


def fold(event: Any, row: UnitFact, at: datetime) -> UnitFact:
    if isinstance(event, UnitRemoved):
        return dataclasses.replace(row, is_removed=True)
    return dataclasses.replace(row, **{name: getattr(event, name) for name in DESCRIBED})


DESCRIBED = [field.name for field in dataclasses.fields(Standing) if field.name != "unit_id"]
UNITS = Projection(
    "unit_fact", ["parent_id"], row=UnitFact, heard=[UnitCreated, UnitEdited, UnitMoved, UnitRemoved], fold=fold
)
unit_fact = UNITS.table

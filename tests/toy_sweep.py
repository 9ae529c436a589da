"""Sweeping the toy services, and looking whether anything is left of somebody."""

from __future__ import annotations

from typing import Any

from chassis.erasure import ErasureBegun
from chassis.personal import Subject
from chassis.sweeping import Sweeper
from chassis.testing.stage import Stage
from guanxi.scan import places_of
from tests.toy_person import ChildCame

MIA, TOM, ADA = Subject("child", "1"), Subject("child", "2"), Subject("user", "7")
CAME = ChildCame(child_id=1, name="Mia Marker", carer_id=7, carer_name="Ada Marker", story="Mia Marker sang", cots=3)


def begin(stage: Stage, *subjects: Subject, texts: bool = False, number: int = 1) -> None:
    stage.hears(ErasureBegun(erasure_id=number, subjects=tuple(map(str, subjects)), with_texts=texts))


def sweep(stage: Stage) -> int:
    return Sweeper(stage.database, stage.service).run_due()


def left(stage: Stage, text: str) -> list[str]:
    """Where the text still stands: in tables and statistics, and in SQLite's file and write-ahead log."""
    url = stage.database.url.render_as_string(hide_password=False)
    own = stage.service.metadata.tables  # of other tables there are statistics from earlier tests
    places = [one for one in places_of({"": url}, text) if one.table in own or one.key != "statistics"]
    return [f"{place.table}.{place.column} {place.key}" for place in places]


def told(stage: Stage) -> list[Any]:
    """What the service has said about erasures since the last look."""
    return [data for kind, data in stage.said() if kind.endswith("personal-data.erased")]

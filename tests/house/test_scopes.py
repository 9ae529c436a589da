"""Every list whose rows belong to people is watched by the law of data scope, and the law bites."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.database import Database
from chassis.manifest import Service
from chassis.routes import Route
from chassis.testing.scope import Case, Firm, Law, ScopedList
from chassis.testing.stage import Stage, prepare, some_settings
from guanxi import registry
from services.marketing.tests.test_scope import an_opportunity

ROOT = Path(__file__).resolve().parents[2]
SERVICES = registry.load_all()
CHAIN = Firm(
    superiors={1: None, 2: 1, 3: 2}, homes={1: None, 2: None, 3: 7}, parents={7: 8, 8: None}, heads={7: None, 8: 2}
)


def scoped_lists() -> Iterator[Any]:
    for name, service in SERVICES.items():
        for route in service.routes:
            if route.path.endswith("/imports"):
                continue  # one list of the chassis below every noun: marketing watches it for all
            if route.lists and (route.lists.owners or route.lists.owned_through) and not route.path_names:
                yield pytest.param(name, route.path, id=route.path)


@pytest.mark.parametrize(("name", "path"), list(scoped_lists()))
def test_a_list_that_belongs_to_people_is_watched(name: str, path: str) -> None:
    watched = (ROOT / "services" / name / "tests" / "test_scope.py").read_text()

    assert f'path="{path}"' in watched, f"add {path} to LISTS in services/{name}/tests/test_scope.py"


def test_a_team_is_everybody_below_and_everybody_in_headed_units() -> None:
    assert [CHAIN.team(person) for person in (1, 2, 3)] == [{2, 3}, {3}, set()]
    assert dataclasses.replace(CHAIN, superiors={1: None, 2: None, 3: None}).team(2) == {3}


def stage_of(service: Service, folder: Path) -> Iterator[Stage]:
    settings = some_settings(service.name, f"sqlite:///{folder}/mutant.db")
    database = Database(settings.database_url)
    prepare(service, database, settings)
    yield Stage(service, database, settings)
    database.close()


def without_owners(route: Route) -> Route:
    if route.path != "/opportunities" or not route.lists:
        return route
    return dataclasses.replace(route, lists=dataclasses.replace(route.lists, owners=()))


@pytest.fixture
def leaking(tmp_path: Path) -> Iterator[Stage]:
    """Marketing, with a list of opportunities that forgot to ask who asks."""
    marketing = SERVICES["marketing"]
    mutant = dataclasses.replace(marketing, routes=[without_owners(route) for route in marketing.routes])
    yield from stage_of(mutant, tmp_path)


def test_a_list_that_forgets_its_owners_is_caught(leaking: Stage) -> None:
    scoped = ScopedList(path="/opportunities", make=an_opportunity, one="/opportunities/{}")

    faults = Law(leaking).faults(scoped, Case(CHAIN, asks=2, scope="own", owners=[1, 2]))

    assert [fault.split(" instead")[0] for fault in faults] == [
        "/opportunities lists [2, 1]",
        "/opportunities counts 2",
    ]

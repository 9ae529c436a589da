"""Every service is the same house: whoever knows one can walk the others in the dark."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from chassis import bus_desk
from guanxi import registry

ROOT = Path(__file__).resolve().parents[2]
SERVICES = {name: ROOT / "services" / name / package for name, package in registry.PACKAGES.items()}
AROUND = ["README.md", "pyproject.toml", "migrations/env.py", "migrations/script.py.mako", "tests/conftest.py"]
ROOMS = {"__init__", "model", "life_cycle", "commands", "queries", "resources", "bulk", "views", "seeds"}
MODEL_NEVER_IMPORTS = {
    "flask",
    "marshmallow",
    "sqlalchemy.orm.Session",
    "chassis.pages",
    "chassis.fields",
    "chassis.web",
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_what_every_service_has(name: str) -> None:
    folder = SERVICES[name].parent

    assert [part for part in AROUND if not (folder / part).exists()] == []
    assert (SERVICES[name] / "service.py").exists()
    assert list((folder / "migrations" / "versions").glob("[0-9]*.py"))


@pytest.mark.parametrize("name", SERVICES)
def test_the_environment_of_migrations_is_the_same_everywhere(name: str) -> None:
    for part in ("migrations/env.py", "migrations/script.py.mako"):
        mine = (SERVICES[name].parent / part).read_text()
        assert mine == (SERVICES["marketing"].parent / part).read_text(), f"{name}/{part} differs"


@pytest.mark.parametrize("name", SERVICES)
def test_a_noun_has_four_rooms_and_no_others(name: str) -> None:
    nouns = [path for path in SERVICES[name].iterdir() if path.is_dir() and (path / "resources.py").exists()]
    assert nouns

    strange = [f"{noun.name}/{room.name}" for noun in nouns for room in noun.glob("*.py") if room.stem not in ROOMS]

    assert strange == [], "a file with another purpose needs a name in ROOMS and a reason in an ADR"


@pytest.mark.parametrize("name", SERVICES)
def test_models_know_no_http_no_clock_and_no_session(name: str) -> None:
    for path in (*SERVICES[name].glob("*/model.py"), *SERVICES[name].glob("*/life_cycle.py")):
        tree = ast.parse(path.read_text())
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}

        assert not imported & MODEL_NEVER_IMPORTS, path
        assert not {call for call in calls if call in ("datetime.now", "datetime.utcnow", "time.time")}, path


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_desk_for_its_operators(name: str) -> None:
    service = registry.load(name)
    hears = bool(service.all_reactions().aggregates())

    wanted = {(route.method, route.path, route.needs) for route in bus_desk.routes_of(name, hears=hears)}

    assert wanted <= {(route.method, route.path, route.needs) for route in service.routes}


def test_every_right_that_a_route_needs_is_known_to_identity() -> None:
    from identity.right import model

    needed = {route.needs for service in registry.load_all().values() for route in service.routes if route.needs}

    assert needed - model.operations() == set()

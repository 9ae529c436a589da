"""Every service against its own OpenAPI document: whatever is sent, nothing breaks and nothing lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chassis.database import Database
from chassis.principal import Principal
from chassis.testing.fixtures import unsynced
from chassis.testing.stage import prepare, some_settings
from guanxi import registry

EXAMPLES = 8
CHECKS = (not_a_server_error, status_code_conformance, response_schema_conformance, content_type_conformance)


def as_the_gateway_shows_it(app: Any) -> Callable[..., Any]:
    """The service below /api, where its document says it is."""

    def forwarding(environ: dict[str, Any], start_response: Any) -> Any:
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/api")
        return app(environ, start_response)

    return forwarding


@pytest.fixture(params=registry.NAMES)
def schema(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A service's document, loaded from the running application of somebody who may do everything."""
    service = registry.load(request.param)
    database = unsynced(Database(f"sqlite:///{tmp_path}/fuzz.db"))
    config = some_settings(service.name, str(database.url))
    prepare(service, database, config)
    rights = frozenset(route.needs for route in service.routes if route.needs)
    everybody = Principal(user_id=1, name="Fay", role="administrator", rights=rights, kind="user")
    app = service.web(config, database, authenticate=lambda _: everybody)
    yield schemathesis.openapi.from_wsgi("/openapi.json", as_the_gateway_shows_it(app))
    database.close()


def modes() -> list[schemathesis.GenerationMode]:
    """What the document allows, and what it does not."""
    return [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]


@pytest.mark.timeout(600)
def test_nothing_breaks_and_nothing_lies(schema: Any) -> None:
    tried: Counter[str] = Counter()
    for found in schema.get_all_operations():
        for mode in modes():
            fuzz(found.ok(), mode, tried)

    assert len(tried) == schema.statistic.operations.total
    assert tried.total() > len(tried)


def fuzz(operation: Any, mode: schemathesis.GenerationMode, tried: Counter[str]) -> None:
    """Some requests of one kind to one operation, each answer checked against the document."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any) -> None:
        tried[operation.label] += 1
        case.validate_response(case.call(), checks=CHECKS)

    try:
        check()
    except Unsatisfiable:
        tried[operation.label] += 0  # an operation without inputs cannot be asked wrongly

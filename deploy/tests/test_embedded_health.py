"""One process, one health port: what is said of eleven processes elsewhere is said of all parts here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from guanxi.embedded import Embedded, open_embedded
from tests.system import wait_until


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Embedded]:
    parts = open_embedded(tmp_path)
    parts.start()
    yield parts
    parts.stop()


@pytest.fixture
def health(embedded: Embedded) -> FlaskClient:
    return embedded.health_app().test_client()


def test_metrics_of_all_services_stand_in_one_place(health: FlaskClient) -> None:
    def consumers() -> list[str]:
        lines = health.get("/metrics").get_data(as_text=True).splitlines()
        return [line for line in lines if line.startswith("bus_consumer_connected{") and line.endswith(" 1.0")]

    wait_until(
        lambda: all(
            any(f'"{name}.events"' in line for line in consumers())
            for name in ("customer", "marketing", "reporting", "service-desk")
        ),
        "every listener to have read",
    )

"""The audit log tells of everything: whatever a service says of a record, reporting hears and keeps."""

from __future__ import annotations

import pytest

from guanxi import registry
from reporting.log import LISTENS

SERVICES = registry.load_all()


@pytest.mark.parametrize("name", SERVICES)
def test_reporting_hears_all_that_a_service_says(name: str) -> None:
    said = {event.aggregate_type for event in SERVICES[name].says}

    assert said - LISTENS.get(name, set()) == set(), "add it to LISTENS in services/reporting/reporting/log.py"

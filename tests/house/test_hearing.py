"""The audit log tells of everything: whatever a service says of a record, reporting hears and keeps."""

from __future__ import annotations

import pytest

from guanxi import registry
from reporting.log import LISTENS

SERVICES = registry.load_all()
ITS_OWN = {"reporting": {"personal-data", "management-report"}}
"""Reporting does not listen to itself. That it has erased somebody it hears from identity; who submitted a management
report, and when, the report itself says for ever."""


@pytest.mark.parametrize("name", SERVICES)
def test_reporting_hears_all_that_a_service_says(name: str) -> None:
    said = {event.aggregate_type for event in SERVICES[name].says}
    heard = LISTENS.get(name, ITS_OWN.get(name, set()))

    assert said - heard == set(), "add it to LISTENS in services/reporting/reporting/log.py"

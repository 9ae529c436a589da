"""What identity offers to number is what the services number, as wide and with the same beginning."""

from __future__ import annotations

from guanxi import registry
from identity.numbering.model import SERIES


def test_identity_and_the_services_agree_on_every_series() -> None:
    declared = {series.name: series for service in registry.load_all().values() for series in service.numbers}

    assert declared == dict(SERIES)

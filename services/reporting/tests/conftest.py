"""Reporting on stage. In every test here folds and tallies are watched: impure ones raise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.testing.fixtures import stage_fixture
from chassis.testing.purity import purely
from reporting.catalogue import SHELF
from reporting.projection import Projection
from reporting.service import service

stage = stage_fixture(service)


@pytest.fixture(scope="session", autouse=True)
def pure_folds() -> Iterator[None]:
    """Whatever leads to a fold, live or rebuilding, comes through these."""
    with pytest.MonkeyPatch.context() as watched:
        watched.setattr(Projection, "folded", purely(Projection.folded))
        for projection in SHELF.projections:
            for tally in projection.tallies:
                watched.setattr(tally, "of", purely(tally.of))
        yield

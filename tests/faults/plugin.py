"""What pytest learns about faults: to run the tests of one, to be a mutant, and to write down what came of it.

``--fault 34``         only tests that show this fault (may be given several times)
``--results FILE``     write the outcome and the figures of every test of a fault to this JSON file
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults import mutants


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--fault", type=int, action="append", default=[], help="only tests of this fault")
    group.addoption("--results", type=Path, help="write what came of each fault to this file")


def pytest_configure(config: pytest.Config) -> None:
    mutants.take_away(os.environ.get(mutants.VARIABLE, ""))
    file = config.getoption("--results")
    if file and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(file))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each test carries the numbers of its faults, also to where the results are gathered."""
    wanted, others = set(config.getoption("--fault")), []
    for item in list(items):
        numbers = {number for mark in item.iter_markers("fault") for number in mark.args}
        item.user_properties += [("fault", number) for number in sorted(numbers)]
        item.user_properties += [("chaos", True)] if item.get_closest_marker("chaos") else []
        if wanted and not wanted & numbers:
            items.remove(item)
            others.append(item)
    if others:
        config.hook.pytest_deselected(items=others)


class Recorder:
    """Adds what came of each test of a fault to what the file holds of others."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.tests: dict[str, dict[str, Any]] = {}
        self.began, self.load = datetime.now(UTC), os.getloadavg()[0]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        numbers = [number for key, number in report.user_properties if key == "fault"]
        if not numbers or (report.when != "call" and report.passed):
            return
        told = {key: one for key, one in report.user_properties if key != "fault"}
        told |= {"faults": numbers, "outcome": report.outcome, "seconds": round(report.duration, 1)}
        self.tests[report.nodeid] = told

    def pytest_sessionfinish(self) -> None:
        if not self.tests:
            return
        known: dict[str, Any] = json.loads(self.file.read_text()) if self.file.exists() else {}
        known["at"] = self.began.isoformat(timespec="minutes")
        known["machine"] = {"cores": os.cpu_count(), "load": [round(self.load, 1), round(os.getloadavg()[0], 1)]}
        known["tests"] = dict(sorted((known.get("tests", {}) | self.tests).items()))
        self.file.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
